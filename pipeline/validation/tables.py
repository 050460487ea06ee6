"""The tables of a validation page. Rows are named by export and row number; no table has a value in it."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from pipeline.pages import count, html_table
from pipeline.validation.evidence import Evidence, Listing, Row

DISPOSITIONS = ("used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded", "layout")
OUTCOMES = {"error": "Error", "failed": "Failed", "not_applicable": "Nothing to check", "passed": "Passed"}


def outcomes(evidence: Evidence) -> Markup:
    """Checks by severity and outcome."""
    rows = []
    for severity in ("critical", "warning", "info"):
        found = [c["outcome"] for c in evidence.checks if c["severity"] == severity]
        rows.append(
            {"Severity": severity.capitalize(), **{words: count(found.count(o)) for o, words in OUTCOMES.items()}}
        )
    return html_table(pd.DataFrame(rows), "Checks by severity and outcome", tuple(OUTCOMES.values()), "compact")


def reconciliation(evidence: Evidence) -> Markup:
    """Rows of each export against the sum of their dispositions, and the total of all."""
    names = ("rows_counted", *DISPOSITIONS, "rows_accounted", "difference")
    rows = [_export(e["sending_lab"], e["file_name"], [int(e[name]) for name in names]) for e in evidence.exports]
    total = [sum(int(e[name]) for e in evidence.exports) for name in names]
    frame = pd.DataFrame([*rows, _export("All", "", total)])
    caption = "Rows counted from the bytes of each export, rows by disposition, their sum, and the difference"
    return html_table(frame, caption, tuple(frame.columns[2:]), "dense total")


def _export(lab: str, file_name: str, numbers: Sequence[int]) -> dict[str, str]:
    names = ("Rows", *(name.capitalize() for name in DISPOSITIONS), "Sum", "Difference")
    return {"Laboratory": lab, "Export": file_name, **dict(zip(names, map(count, numbers), strict=True))}


def checks(rows: Sequence[Row], caption: str) -> Markup:
    """Checks with what they found, why they exist and what to do about a failure."""
    frame = pd.DataFrame(
        [
            {
                "Check": c["check_id"],
                "Of": c["table_name"],
                "Severity": c["severity"],
                "Category": c["category"],
                "Checked": count(c["n_checked"]),
                "Failed": count(c["n_failed"]),
                "Why": c["why"],
                "If it fails": c["if_failed"],
            }
            for c in rows
        ]
    )
    return html_table(frame, caption, ("Checked", "Failed"), "code-1 checks")


def failing_rows(listing: Listing, caption: str) -> Markup:
    """Where the rows are: laboratory, export, how many, and their row numbers as ranges."""
    frame = pd.DataFrame(
        [
            {
                "Laboratory": ranges[0]["sending_lab"],
                "Export": ranges[0]["file_name"],
                "Rows": count(sum(int(r["n_rows"]) for r in ranges)),
                "Row numbers": ", ".join(_range(r) for r in ranges),
                "Arrival": arrival_id,
            }
            for arrival_id, ranges in _by_arrival(listing).items()
        ]
    )
    return html_table(frame, caption, ("Rows",), "places")


def _by_arrival(listing: Listing) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in listing.ranges:
        found.setdefault(row["arrival_id"], []).append(row)
    return found


def _range(row: Row) -> str:
    numbers = str(row["first_row"]) if row["n_rows"] == 1 else f"{row['first_row']}–{row['last_row']}"
    return numbers if row["slot"] == 1 else f"{numbers} (slot {row['slot']})"
