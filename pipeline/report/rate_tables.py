"""The tables of the page that hold rates and patients."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from pipeline.pages import count, html_table, interval_text, percent
from pipeline.report.findings import Findings, Row
from pipeline.report.forest import groups, label_of
from pipeline.report.sentences import confidence

RATE_COLUMNS = ("Tested", "Positive", "Equivocal", "Unclassifiable", "Rate")


def variants(findings: Findings) -> Markup:
    """The primary analysis and its variants, each with its verdict."""
    rows = [r for r in findings.rates if r["population"] == "MMN" and r["stratum"] == "all"]
    frame = pd.DataFrame(
        [
            {
                "Analysis": findings.label("analysis", row["analysis"]),
                **_rate_cells(findings, row),
                "Verdict": (row["verdict"] or "–").replace("_", " ").capitalize(),
            }
            for row in rows
        ]
    )
    return html_table(
        frame, "MMN, definite or probable: the primary analysis and its declared variants", _numbers(findings)
    )


def strata(findings: Findings) -> Markup:
    """Every row of the forest plot in numbers; no verdicts, because only the undivided cohort was declared for one."""
    frame = pd.DataFrame(
        [
            {"MMN by, or label": group.name, "Value": label_of(row), **_rate_cells(findings, row)}
            for group in groups(findings)
            for row in group.rows
        ]
    )
    return html_table(frame, "Rates of the primary analysis by stratum and by group of labels", _numbers(findings))


def _numbers(findings: Findings) -> tuple[str, ...]:
    return (*RATE_COLUMNS, f"{confidence(findings)} interval")


def _rate_cells(findings: Findings, row: Row) -> dict[str, str]:
    return {
        "Tested": count(row["n_tested"]),
        "Positive": count(row["n_positive"]),
        "Equivocal": count(row["n_equivocal"]),
        "Unclassifiable": count(row["n_unclassifiable"]),
        "Rate": percent(row["rate"]) if row["n_tested"] else "not estimable",
        f"{confidence(findings)} interval": interval_text(row["ci_low"], row["ci_high"]) if row["n_tested"] else "–",
    }


def ivig_timing(findings: Findings) -> Markup:
    """The tested MMN patients by when their result was collected against treatment; every timing is there."""
    frame = pd.DataFrame(
        [
            {
                "Sample taken": row["label"],
                "Tested": count(row["n_tested"]),
                "Positive": count(row["n_positive"]),
                "Equivocal": count(row["n_equivocal"]),
            }
            for row in findings.ivig_timing
        ],
        columns=["Sample taken", "Tested", "Positive", "Equivocal"],
    )
    caption = "MMN patients of the primary analysis by timing against treatment with immunoglobulin (IVIG)"
    return html_table(frame, caption, ("Tested", "Positive", "Equivocal"), "compact")


def analytes(findings: Findings) -> Markup | None:
    """Every analyte the MMN patients were tested for, each on its own; None when there is none."""
    frame = pd.DataFrame(
        [
            {
                "Antigen": row["antigen"],
                "Isotype": row["isotype"],
                "Specimen": row["specimen"],
                **_rate_cells(findings, row),
            }
            for row in findings.analytes
        ]
    )
    caption = "MMN patients by analyte, one result a patient in each; no row is added to another"
    return html_table(frame, caption, _numbers(findings)) if len(frame) else None


def patient_flow(findings: Findings) -> Markup:
    """The patient flow in numbers."""
    frame = pd.DataFrame(
        [
            {
                "Step": row["label"],
                "Lost": count(row["n_patients"]) if row["kind"] == "loss" else "",
                "Left": count(row["n_remaining"]),
            }
            for row in findings.patient_flow
        ],
        columns=["Step", "Lost", "Left"],
    )
    return html_table(frame, "Patients from all exports to those tested", ("Lost", "Left"), "compact")


def conduction_block(findings: Findings) -> Sequence[Markup]:
    """Patients and segments by conduction block."""
    patients = pd.DataFrame(
        [
            {
                "Group of labels": row["population"],
                "Labelled": count(row["n_labelled"]),
                "With an assessed segment": count(row["n_assessed"]),
                "Definite block": count(row["n_definite"]),
                "Probable only": count(row["n_probable_only"]),
                "No block": count(row["n_none"]),
                "None found, too little tested": count(row["n_incomplete"]),
            }
            for row in findings.block_patients
        ]
    )
    segments = pd.DataFrame(
        [
            {
                "Criteria": row["criteria_set"],
                "Conduction block": row["conduction_block"].replace("_", " "),
                "Reason": row["reason_code"].replace("_", " ") or "–",
                "Segments": count(row["n_segments"]),
                "Patients": count(row["n_patients"]),
            }
            for row in findings.block_segments
        ]
    )
    found = (
        [html_table(patients, "Patients by conduction block", tuple(patients.columns[1:]), "compact")]
        if len(patients)
        else []
    )
    return found + (
        [html_table(segments, "Segments by outcome", ("Segments", "Patients"), "compact")] if len(segments) else []
    )
