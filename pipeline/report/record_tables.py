"""The tables of the page that follow rows, changes, checks, cut-offs and files."""

from datetime import date

import pandas as pd
from markupsafe import Markup

from pipeline.messages import message
from pipeline.pages import HARD_SPACE, count, html_table, instant
from pipeline.report.findings import DISPOSITIONS, Findings, Row

# Beyond this the page would be a data file; all of them stand in tables/changes.csv.
MOST_CHANGES = 200
_BOUNDS = (("at_or_above", "≥"), ("above", ">"), ("at_or_below", "≤"), ("below", "<"))
# Units that are not printed with a number elsewhere; any other is shown as the rule states it.
UNIT_WORDS = {"{titer}": "(titre)", "{index_val}": "(index)"}
OUTCOMES = {"error": "Error", "failed": "Failed", "not_applicable": "Nothing to check", "passed": "Passed"}


def exports(findings: Findings) -> Markup:
    """Rows of each export by disposition, with their sum and the difference to the count from its bytes."""
    names = [name.capitalize() for name in reversed(DISPOSITIONS)]
    frame = pd.DataFrame([_export_cells(row) for row in findings.exports])
    caption = "Rows of each export by disposition; the difference to the rows counted from its bytes must be 0"
    return html_table(frame, caption, ("Rows", *names, "Difference"), "dense")


def _export_cells(row: Row) -> dict[str, str]:
    parts = {name.capitalize(): count(row[name]) for name in reversed(DISPOSITIONS)}
    return {
        "Laboratory": row["sending_lab"],
        "Export": row["file_name"],
        "Rows": count(row["rows_counted"]),
        **parts,
        "Difference": count(row["difference"]),
    }


def reasons(findings: Findings) -> Markup:
    """Why rows are not used, as codes."""
    frame = pd.DataFrame(
        [
            {
                "Disposition": row["disposition"],
                "Reason": row["reasons"] or "not stated",
                "Rows": count(row["n_rows"]),
                "Exports": count(row["n_exports"]),
            }
            for row in findings.reasons
        ]
    )
    return html_table(frame, "Rows that are not used, by reason", ("Rows", "Exports"), "code-2")


def changes(findings: Findings) -> Markup:
    """Corrections and withdrawals, those that changed an interpretation first; at most MOST_CHANGES of them."""
    frame = pd.DataFrame(
        [
            {
                "Change": row["kind"],
                "Earlier row": _place(row["sending_lab"], row["earlier_file"], row["earlier_row_number"]),
                "Later row": _place(row["sending_lab"], row["later_file"], row["later_row_number"]),
                "Before": _words(row["interpretation_before"]),
                "After": _words(row["interpretation_after"]),
                "Changes the meaning": "yes" if row["is_class_change"] else "no",
            }
            for row in findings.changes[:MOST_CHANGES]
        ]
    )
    return html_table(frame, "Corrected and withdrawn results, by export and row")


def _place(lab: str | None, file: str | None, row_number: int | None) -> str:
    return "–" if file is None else f"{lab} / {file}, row{HARD_SPACE}{row_number}"


def _words(code: str | None) -> str:
    return "none" if code is None else code.replace("_", " ")


def outcomes(findings: Findings) -> Markup:
    """Checks by severity and outcome."""
    frame = pd.DataFrame(
        [
            {
                "Severity": severity.capitalize(),
                **{
                    words: count(sum((c["severity"], c["outcome"]) == (severity, name) for c in findings.checks))
                    for name, words in OUTCOMES.items()
                },
            }
            for severity in ("critical", "warning", "info")
        ]
    )
    return html_table(frame, "Checks by severity and outcome", tuple(OUTCOMES.values()), "compact")


def failed_checks(findings: Findings) -> Markup | None:
    """The checks that failed or errored; None when there are none."""
    frame = pd.DataFrame(
        [
            {
                "Severity": f"{c['severity']}, errored" if c["outcome"] == "error" else c["severity"],
                "Check": c["check_id"],
                "Of": c["table_name"],
                "Failed": count(c["n_failed"]),
                "Checked": count(c["n_checked"]),
                "Why it matters": c["why"],
            }
            for c in findings.checks
            if c["outcome"] in ("error", "failed")
        ]
    )
    return html_table(frame, "Checks that failed", ("Failed", "Checked"), "wordy code-2") if len(frame) else None


def cutoffs(findings: Findings) -> Markup:
    """Every rule that decided a used result; a declaration of words has no bounds of its own."""
    frame = pd.DataFrame([_cutoff_cells(row) for row in findings.cutoffs])
    return html_table(
        frame,
        "Cut-offs applied, and how many used results each decided",
        ("Results", "IgM serum"),
        "dense code-1 dated-7",
    )


def _cutoff_cells(row: Row) -> dict[str, str]:
    is_words = row["performing_lab"] is None
    analyte = " ".join(str(row[name]) for name in ("isotype", "antigen", "specimen") if row[name])
    return {
        "Rule": row["rule_id"],
        "Performing laboratory": "as the format declares" if is_words else row["performing_lab"],
        "Assay": row["assay"] or "–",
        "Analyte": analyte or "–",
        "Meaning": "the laboratory's own words" if is_words else row["interpretation"],
        "Bounds": _bounds(row),
        "Valid": "–" if is_words else _valid(row["valid_from"], row["valid_to"]),
        "Approved": f"{row['approved_by']}, {row['approved_on']}" if row["approved_by"] else "–",
        "Source": "–" if is_words else f"{row['source_id']}, {row['source_locator']}",
        "Results": count(row["n_results"]),
        "IgM serum": count(row["n_primary_results"]),
    }


def _bounds(row: Row) -> str:
    parts = [f"{sign} {row[name]:,.10g}" for name, sign in _BOUNDS if row[name] is not None]
    unit = row["unit"] or ""
    return f"{' and '.join(parts)} {UNIT_WORDS.get(unit, unit)}".strip() or "–"


def _valid(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "undated"
    if last is None:
        return f"from {first}"
    return f"until {last}" if first is None else f"{first} to {last}"


def cutoff_sources(findings: Findings) -> dict[str, str]:
    """The full citation of each source that the applied cut-offs name."""
    return {r["source_id"]: r["citation"] or "not stated" for r in findings.cutoffs if r["source_id"]}


def not_evaluable(findings: Findings) -> Markup:
    """Why IgM anti-GM1 serum results have no interpretation."""
    frame = pd.DataFrame(
        [
            {
                "Performing laboratory": row["performing_lab"],
                "Reason": row["reason_code"] or "not stated",
                "In words": _meaning(row["reason_code"]),
                "Results": count(row["n_results"]),
            }
            for row in findings.not_evaluable
        ]
    )
    return html_table(frame, "IgM anti-GM1 serum results that are not evaluable", ("Results",), "code-2")


def _meaning(code: str | None) -> str:
    """What the catalogue says of a reason; a dash for one that it does not know."""
    try:
        return message(code or "").meaning
    except KeyError:
        return "–"


def agreement(findings: Findings) -> Markup:
    """Our interpretation beside the one the laboratory stated."""
    names = ("Same", "Different", "None stated")
    frame = pd.DataFrame(
        [
            {
                "Performing laboratory": row["performing_lab"],
                **dict(zip(names, map(count, (row["n_agree"], row["n_differ"], row["n_not_comparable"])), strict=True)),
            }
            for row in findings.agreement
        ]
    )
    return html_table(frame, "Interpretation by rule, against the laboratory's own statement", names, "compact")


def rule_now(findings: Findings) -> Markup:
    """Results that the cut-off now in force would read otherwise; they keep what the rule of their day says."""
    frame = pd.DataFrame(
        [
            {
                "Performing laboratory": row["performing_lab"],
                "Assay": row["assay"],
                "Counts as": _words(row["interpretation"]),
                "By the rule of today": _words(row["interpretation_by_current_rule"]),
                "Results": count(row["n_results"]),
                "IgM serum": count(row["n_primary_results"]),
            }
            for row in findings.rule_now
        ]
    )
    caption = "Results that the cut-off in force at the as-of date would read otherwise"
    return html_table(frame, caption, ("Results", "IgM serum"), "compact")


REPEAT_WORDS = {
    "same": "Same meaning",
    "within_one_dilution": "Other meaning, within one dilution: no change",
    "may_be_one_dilution": "Other meaning, may be one dilution: undecided",
    "changed": "Changed",
    "not_comparable": "One of the two is not evaluable",
}


def repeats(findings: Findings) -> Markup:
    """Patients measured again by the same test, by what became of the meaning."""
    frame = pd.DataFrame(
        [
            {
                "Performing laboratory": row["performing_lab"],
                "Assay": row["assay"],
                "From one result to the next": REPEAT_WORDS.get(row["change"], _words(row["change"])),
                "Repeats": count(row["n_repeats"]),
            }
            for row in findings.repeats
        ]
    )
    return html_table(frame, "Patients measured again by the same test", ("Repeats",), "compact")


def files(findings: Findings) -> Markup:
    """Every export with its hash, size in rows and arrival."""
    frame = pd.DataFrame(
        [
            {
                "Laboratory": row["sending_lab"],
                "Export": row["file_name"],
                "Rows": count(row["rows_counted"]),
                "Arrived": instant(row["received_at"]),
                "Format": row["format_id"] or "recognised by none",
                "SHA-256": row["sha256"],
            }
            for row in findings.exports
        ]
    )
    return html_table(frame, "Exports behind the figures", ("Rows",), "hashed")
