"""The page and its figures: findings in, HTML and SVG text out."""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipeline.pages import environment
from pipeline.report import (
    cohort_tables,
    diagnosis_tables,
    forest,
    join_tables,
    rate_tables,
    record_tables,
    sentences,
    waterfall,
)
from pipeline.report.findings import Findings

TEMPLATES = Path(__file__).parent / "templates"
PRIMARY = (
    "Patients whose latest used study row labels them MMN, definite or probable, and whose label is not known to rest "
    "on anti-GM1; with at least one final, evaluable IgM anti-GM1 result in serum that was not withdrawn. Each patient "
    "counts once, by the earliest collected result, ties broken by accession. Equivocal counts as negative."
)
# within is not a pass, so no verdict is green
_TONES = {"within": "note", "below": "wait", "above": "wait"}


def page_environment() -> Environment:
    """The Jinja environment of the report."""
    return environment(TEMPLATES)


def figures(findings: Findings) -> dict[str, str]:
    """SVG text by file name; the wide and the narrow drawing of each figure."""
    env = page_environment()
    drawn: dict[str, str] = {}
    for plot in (forest.WIDE, forest.NARROW):
        rates = forest.forest(findings, plot)
        drawn[f"forest_{plot.name}.svg"] = env.get_template("forest.svg.j2").render(figure=rates)
    for layout in (waterfall.WIDE, waterfall.NARROW):
        for flow in _waterfalls(findings, layout):
            drawn[f"{flow.name}_{layout.name}.svg"] = env.get_template("waterfall.svg.j2").render(figure=flow)
    return drawn


def _waterfalls(findings: Findings, layout: waterfall.Layout) -> list[waterfall.Waterfall]:
    rows, patients = waterfall.row_steps(findings), waterfall.patient_steps(findings)
    return [
        waterfall.waterfall("rows", "Rows of all exports by disposition", sentences.row_sum(findings), rows, layout),
        waterfall.waterfall("patients", "Patients from all exports to those tested", sentences.patient_sum(findings),
                            patients, layout),
    ]  # fmt: skip


def page(findings: Findings, drawn: dict[str, str], status: str, is_demo: bool) -> str:
    """The whole page as one file that loads nothing."""
    return page_environment().get_template("positive_rates.html.j2").render(
        findings=findings,
        build=findings.build[0],
        status=status,
        is_demo=is_demo,
        # the drawings come out of our own templates, which escape every label
        figures={name.removesuffix(".svg"): Markup(svg) for name, svg in drawn.items()},  # noqa: S704
        tables=_tables(findings),
        said=_said(findings),
        outcomes=findings.outcomes(),
        most_changes=record_tables.MOST_CHANGES,
        packages=json.loads(findings.build[0]["packages"]),
    )  # fmt: skip


def _tables(findings: Findings) -> dict[str, Any]:
    """The tables of the page by name; a section without rows says so instead of showing one."""
    return {
        "variants": rate_tables.variants(findings),
        "strata": rate_tables.strata(findings),
        "ivig_timing": rate_tables.ivig_timing(findings),
        "analytes": rate_tables.analytes(findings),
        "patient_flow": rate_tables.patient_flow(findings),
        "join_audit": join_tables.join_audit(findings),
        "crosswalk": join_tables.crosswalk(findings),
        "conduction_block": rate_tables.conduction_block(findings),
        "reference_facts": diagnosis_tables.reference_facts(findings),
        "facts_not_observable": diagnosis_tables.facts_not_observable(findings),
        "documents": diagnosis_tables.documents(findings),
        "statements": diagnosis_tables.statements(findings),
        "support": diagnosis_tables.support(findings),
        "disagreements": diagnosis_tables.disagreements(findings),
        "published_cohorts": cohort_tables.counted(findings),
        "cohort_drafts": cohort_tables.drafts(findings),
        "exports": record_tables.exports(findings),
        "reasons": record_tables.reasons(findings),
        "changes": record_tables.changes(findings),
        "outcomes": record_tables.outcomes(findings),
        "failed_checks": record_tables.failed_checks(findings),
        "cutoffs": record_tables.cutoffs(findings),
        "cutoff_sources": record_tables.cutoff_sources(findings),
        "not_evaluable": record_tables.not_evaluable(findings),
        "agreement": record_tables.agreement(findings),
        "rule_now": record_tables.rule_now(findings),
        "repeats": record_tables.repeats(findings),
        "files": record_tables.files(findings),
    }


def _said(findings: Findings) -> dict[str, Any]:
    """The sentences of the page that depend on figures."""
    row = findings.headline
    depends, equivocals = sentences.equivocals(findings)
    reason = row["verdict_reason"] or ""
    return {
        "headline": sentences.headline(findings),
        "verdict": sentences.VERDICTS.get(row["verdict"], "No verdict"),
        "tone": _TONES.get(row["verdict"], "plain"),
        "reason": f"{reason[:1].upper()}{reason[1:]}." if reason else "",
        "point": sentences.point_estimate(row),
        "range_source": sentences.range_source(findings),
        "primary": PRIMARY,
        "depends": depends,
        "equivocals": equivocals,
        "block": sentences.block(findings),
        "timing": sentences.timing(findings),
        "bounds": sentences.unclassifiable_bounds(row),
        "row_sum": sentences.row_sum(findings),
        "patient_sum": sentences.patient_sum(findings),
        "confidence": sentences.confidence(findings),
        "supported": diagnosis_tables.supported(findings),
        "incorporation": diagnosis_tables.incorporation(findings),
    }
