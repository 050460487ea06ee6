"""How records met: patients by the kinds of record they have, and the crosswalk from both sides."""

import pandas as pd
from markupsafe import Markup

from pipeline.pages import count, html_table
from pipeline.report.findings import Findings

_COUNTED = {
    "identifiers_of_records": "Identifiers seen in records",
    "persons_of_crosswalk": "Persons of the crosswalk",
    "persons_in_detail": "Persons of the crosswalk",
}
_OUTCOMES = {
    "matched": "the crosswalk lists them under one person",
    "not_listed": "the crosswalk does not list them",
    "found": "found in records",
    "not_found": "in no record",
    "joined_from_several_identifiers": "whose records came under several identifiers",
    "several_identifiers_in_one_namespace": "given several identifiers in one namespace",
}
_AMBIGUOUS = {
    "identifiers_of_records": "listed under several persons, joined to none",
    "persons_of_crosswalk": "not found, and sharing an identifier with another person",
}


def join_audit(findings: Findings) -> Markup:
    """Patients by which kinds of used record they have; the rows add up to all patients."""
    names = ("Used records", "Patients", "In the rate")
    rows = [(row["label"], count(row["n_patients"]), count(row["n_in_primary"])) for row in findings.join_audit]
    return html_table(
        pd.DataFrame(rows, columns=list(names)), "Patients by the kinds of record in use", names[1:], "compact"
    )


def crosswalk(findings: Findings) -> Markup | None:
    """The crosswalk and the records, each counted against the other; None when no crosswalk was in force."""
    if findings.build[0]["crosswalk_sha256"] == "none":
        return None
    names = ("Counted", "Outcome", "Number")
    rows = [
        (_COUNTED[row["direction"]], _said(row["direction"], row["outcome"]), count(row["n"]))
        for row in findings.crosswalk
    ]
    return html_table(
        pd.DataFrame(rows, columns=list(names)), "Records and crosswalk, from both sides", names[2:], "compact"
    )


def _said(direction: str, outcome: str) -> str:
    return _AMBIGUOUS[direction] if outcome == "ambiguous" else _OUTCOMES[outcome]
