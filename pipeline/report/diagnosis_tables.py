"""The tables of the page that set what was stated beside what the data show: diagnoses, and statements of the documents."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from pipeline.pages import count, html_table, interval_text, percent, plural
from pipeline.report.findings import Findings, Row

OUTCOMES = {"met": "Met", "not_met": "Not met", "not_recorded": "Not recorded"}
SUPPORT_WORDS = {
    "definite": "Definite: definite block with normal sensory conduction in enough nerves",
    "probable": "Probable: block with normal sensory conduction in enough nerves",
    "block_below_category": "Block, but sensory conduction there abnormal, not recorded, or in too few nerves",
    "none_in_adequate_study": "No block, in an adequate study",
    "incomplete": "None found, too little tested",
    "not_assessable": "No segment could be assessed",
    "not_studied": "No motor study in use",
}


def statements(findings: Findings) -> Markup:
    """The five diagnostic statements by outcome, for the MMN cohort."""
    frame = pd.DataFrame(
        [
            {"Statement": row["label"], **{words: count(row[f"n_{name}"]) for name, words in OUTCOMES.items()}}
            for row in findings.statements
        ],
        columns=["Statement", *OUTCOMES.values()],
    )
    n_patients = sum(row["n_patients"] for row in findings.data_support)
    caption = f"Diagnostic statements of the source documents in the MMN cohort, {plural(n_patients, 'patient')}"
    return html_table(frame, caption, tuple(OUTCOMES.values()), "compact")


def support(findings: Findings) -> Markup:
    """What nerve conduction alone supports, by the certainty that was stated; every answer that occurs is there."""
    frame = pd.DataFrame(
        [
            {
                "Nerve conduction alone": SUPPORT_WORDS.get(
                    row["electrodiagnostic_support"], row["electrodiagnostic_support"]
                ),
                "Stated definite": count(row["n_definite"]),
                "Stated probable": count(row["n_probable"]),
            }
            for row in sorted(findings.electrodiagnosis, key=lambda one: _place(one["electrodiagnostic_support"]))
        ],
        columns=["Nerve conduction alone", "Stated definite", "Stated probable"],
    )
    caption = "MMN cohort: stated certainty, beside what nerve conduction supports without it"
    return html_table(frame, caption, ("Stated definite", "Stated probable"), "compact")


def _place(name: str) -> int:
    return list(SUPPORT_WORDS).index(name) if name in SUPPORT_WORDS else len(SUPPORT_WORDS)


def disagreements(findings: Findings) -> Markup:
    """Every declared finding with the patients it was made of; also the ones that nobody has."""
    columns = ["Finding", "MMN cohort", "All labels"]
    frame = pd.DataFrame(
        [
            {"Finding": row["label"], "MMN cohort": count(row["n_cohort"]), "All labels": count(row["n_patients"])}
            for row in findings.diagnosis_findings
        ],
        columns=columns,
    )
    return html_table(
        frame, "Patients in whom the stated diagnosis and the data disagree", tuple(columns[1:]), "compact"
    )


def supported(findings: Findings) -> str:
    """How many of the cohort the statements support, contradict or leave open."""
    found = {row["data_support"]: row["n_patients"] for row in findings.data_support}
    if not found:
        return "Nobody is labelled MMN, definite or probable."
    return (
        f"All five statements are met in {plural(found.get('supported', 0), 'patient')}; at least one is not met in "
        f"{count(found.get('contradicted', 0))}; in {count(found.get('incomplete', 0))} none is contradicted and some are "
        "not recorded."
    )


def incorporation(findings: Findings) -> str:
    """Whether labels rest on the antibody whose rate is reported, and how often the independent ones are positive."""
    found = {(row["population"], row["rests"]): row["n_patients"] for row in findings.incorporation}
    known, unknown = found.get(("MMN", "no"), 0), found.get(("MMN", "unknown"), 0)
    outside = sum(number for (population, _), number in found.items() if population != "MMN")
    if not known + unknown + outside:
        return "Nobody is labelled MMN, definite or probable, so there is no label to ask it of."
    beyond = (
        f"{plural(outside, 'label')} known to rest on it {_are(outside)} outside the cohort."
        if outside
        else "No label is known to rest on it."
    )
    text = (
        f"Of the {plural(known + unknown, 'label')} of the cohort, {count(known)} {_are(known)} known not to rest on anti-GM1 "
        f"and for {count(unknown)} nobody says. {beyond}"
    )
    row = next(
        (r for r in findings.rates if (r["stratum"], r["stratum_value"]) == ("label_rests_on_anti_gm1", "no")), None
    )
    if row is None or not row["n_tested"]:
        return text
    return (
        f"{text} Among the tested patients whose label is known not to rest on it, {row['n_positive']:,} of {row['n_tested']:,} "
        f"{_are(row['n_positive'])} positive: {percent(row['rate'])} ({interval_text(row['ci_low'], row['ci_high'])}), "
        "without a verdict."
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def reference_facts(findings: Findings) -> Markup:
    """What the documents state beside what this cohort shows, for all that a cohort could show."""
    rows = [row for row in findings.reference_facts if row["quantity"] != "none"]
    frame = pd.DataFrame(
        [
            {
                "Statement": f"{row['statement']}\n{_source(row)}",
                "Published": _published(row),
                "This cohort": f"{row['quantity'][:1].upper()}{row['quantity'][1:]}\n{_observed(row)}",
                "Remark": _remark(row),
            }
            for row in rows
        ],
        columns=["Statement", "Published", "This cohort", "Remark"],
    )
    return html_table(frame, "Statements of the source documents, and what this cohort shows", classes="wordy stated",
                      lines=("Statement", "This cohort"))  # fmt: skip


def facts_not_observable(findings: Findings) -> Markup:
    """The statements that no count of patients can answer, each with its reason."""
    frame = pd.DataFrame(
        [
            {
                "Statement": f"{row['statement']}\n{_source(row)}",
                "Why not": row["reason"] or "",
                "Remark": _remark(row),
            }
            for row in findings.reference_facts
            if row["quantity"] == "none"
        ],
        columns=["Statement", "Why not", "Remark"],
    )
    return html_table(frame, "Statements that cannot be observed in these exports", classes="wordy stated",
                      lines=("Statement",))  # fmt: skip


def documents(findings: Findings) -> dict[str, str]:
    """Each document that states something, by the short name the tables use for it."""
    return {_short(row): row["source_document"] for row in findings.reference_facts if row["source_document"]}


def _short(row: Row) -> str:
    name = row["source_id"] or row["source_document"] or "not stated"
    return name.replace("DOCUMENT_", "Document ") if name.startswith("DOCUMENT_") else name


def _source(row: Row) -> str:
    return f"{_short(row)}, {row['source_line']}"


def _published(row: Row) -> str:
    low, high = row["published_low"], row["published_high"]
    if low is None:
        return "no share" if row["unit"] == "fraction" else "no number"
    if row["unit"] != "fraction":
        return f"{low:g}{'' if high in (None, low) else f'–{high:g}'} {_unit(row)}"
    return percent(low, 0) if high in (None, low) else interval_text(low, high, 0)


def _observed(row: Row) -> str:
    if row["outcome"] != "observed":
        return f"Not observable. {row['reason'] or ''}".strip()
    if row["inhabitants"] is not None:
        return f"{row['observed']:.2f} {_unit(row)}\n({row['ci_low']:.2f}–{row['ci_high']:.2f})"
    shown = f"{percent(row['observed'])} of {row['n']:,}\n({interval_text(row['ci_low'], row['ci_high'])})"
    return (
        shown
        if row["median_observed"] is None
        else f"{shown}\nmedian {row['median_observed']:g} {_unit_of_median(row)}"
    )


def _unit(row: Row) -> str:
    return str(row["unit"]).replace("100000", "100,000")


def _unit_of_median(row: Row) -> str:
    return "years" if "aged" in row["quantity"] else "days"


def _remark(row: Row) -> str:
    parts: Sequence[str | None] = (row["note"], row["beside"])
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
