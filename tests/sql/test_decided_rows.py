"""What a named person's decision makes of a held row, and what it never makes."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built

FEB, MAR = "2025-02-01 00:00:00", "2025-03-01 00:00:00"
USE, REJECT = "use", "reject"
UNIT: Row = {"intake_disposition": "held", "intake_reason": "unit_undeclared"}


def decision(number: int, reason: str, said: str) -> Row:
    """A decision about row `number` of the first arrival."""
    return {
        "arrival_id": "a1", "row_number": number, "slot": 1, "reason_code": reason, "decision": said,
        "decided_by": "A. Reviewer", "decided_at": "2025-04-01 00:00:00", "why": "asked the laboratory",
    }  # fmt: skip


# rows; decisions as (place in rows, reason decided about, decision); expected (disposition, reason) of each row
CASES: dict[str, tuple[list[Row], list[tuple[int, str, str]], list[tuple[str, str | None]]]] = {
    "a held row is used by decision": ([{**UNIT}], [(0, "unit_undeclared", USE)], [("used", "released")]),
    "a held row is rejected by decision": (
        [{**UNIT}], [(0, "unit_undeclared", REJECT)], [("rejected", "rejected_on_review")],
    ),
    "a decision about another hold decides nothing": (
        [{**UNIT}], [(0, "conflicting_values", USE)], [("held", "unit_undeclared")],
    ),
    "a row that is not held is not touched": ([{}], [(0, "unit_undeclared", REJECT)], [("used", None)]),
    "a preliminary result is used by decision": (
        [{"status": "preliminary"}], [(0, "preliminary", USE)], [("used", "released")],
    ),
    "a final result that comes later takes a released preliminary one's place": (
        [{"status": "preliminary", "reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [(0, "preliminary", USE)],
        [("superseded", "preliminary_replaced"), ("used", None)],
    ),
    "a preliminary result is not used beside the final one": (
        [{"reported_at": FEB}, {"status": "preliminary", "reported_at": MAR, "value": 1600}],
        [(1, "preliminary", USE)],
        [("used", None), ("held", "preliminary")],
    ),
    "a preliminary result that says the same as the final one is its copy": (
        [{"reported_at": FEB}, {"status": "preliminary", "reported_at": MAR}],
        [(1, "preliminary", USE)],
        [("used", None), ("duplicate", "same_result_again")],
    ),
    "of two values one is used, the other waits on": (
        [{"reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [(1, "conflicting_values", USE)],
        [("held", "conflicting_values"), ("used", "released")],
    ),
    "of two values one is used and one rejected": (
        [{"reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [(0, "conflicting_values", REJECT), (1, "conflicting_values", USE)],
        [("rejected", "rejected_on_review"), ("used", "released")],
    ),
    "of two patients under one sample one is right": (
        [{}, {"patient_key": "p2"}],
        [(0, "accession_under_two_patients", USE), (1, "accession_under_two_patients", REJECT)],
        [("used", "released"), ("rejected", "rejected_on_review")],
    ),
    "of two patients under one sample one is used, the other waits on": (
        [{}, {"patient_key": "p2"}],
        [(1, "accession_under_two_patients", USE)],
        [("held", "accession_under_two_patients"), ("used", "released")],
    ),
    "one sample is never given to two patients": (
        [{}, {"patient_key": "p2"}],
        [(0, "accession_under_two_patients", USE), (1, "accession_under_two_patients", USE)],
        [("held", "accession_under_two_patients"), ("held", "accession_under_two_patients")],
    ),
    "who releases a preliminary result has not said whose sample it is": (
        [{}, {"patient_key": "p2", "status": "preliminary"}],
        [(1, "preliminary", USE)],
        [("held", "accession_under_two_patients"), ("held", "accession_under_two_patients")],
    ),
    "a preliminary result rejected by a person claims no sample": (
        [{}, {"patient_key": "p2", "status": "preliminary"}],
        [(1, "preliminary", REJECT)],
        [("used", None), ("rejected", "rejected_on_review")],
    ),
    "two values are never both used": (
        [{"reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [(0, "conflicting_values", USE), (1, "conflicting_values", USE)],
        [("held", "conflicting_values"), ("held", "conflicting_values")],
    ),
    "one value released twice is used once": (
        [{"reported_at": FEB}, {"reported_at": MAR, "value": 1600}, {"reported_at": MAR}],
        [(0, "conflicting_values", USE), (2, "conflicting_values", USE)],
        [("used", "released"), ("held", "conflicting_values"), ("duplicate", "same_result_again")],
    ),
    "a second hold waits for its own decision": (
        [{"reported_at": FEB, **UNIT}, {"reported_at": MAR, "status": "corrected", "intake_disposition": "rejected"}],
        [(0, "unit_undeclared", USE)],
        [("held", "correction_rejected"), ("rejected", None)],
    ),
    "both holds answered": (
        [{"reported_at": FEB, **UNIT}, {"reported_at": MAR, "status": "corrected", "intake_disposition": "rejected"}],
        [(0, "unit_undeclared", USE), (0, "correction_rejected", USE)],
        [("used", "released"), ("rejected", None)],
    ),
    "a correction that comes later counts, whatever was decided before": (
        [{"reported_at": FEB, **UNIT}, {"reported_at": MAR, "status": "corrected", "value": 1600}],
        [(0, "unit_undeclared", USE)],
        [("superseded", "corrected"), ("used", None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_decided_result(case: str, tmp_path: Path) -> None:
    titres, decided, expected = CASES[case]
    con = built(tmp_path, titres, decisions=[decision(100 + at, reason, said) for at, reason, said in decided])
    found = con.execute("SELECT disposition, reason_code FROM mart_result ORDER BY row_id").fetchall()
    assert found == expected
    places = con.execute("SELECT disposition, reasons FROM mart_row_disposition ORDER BY row_number").fetchall()
    assert places == expected


def test_a_released_result_is_interpreted_and_marked(tmp_path: Path) -> None:
    con = built(
        tmp_path,
        [{**UNIT}, {**UNIT, "accession": "A2", "unit": "%"}],
        decisions=[decision(100, "unit_undeclared", USE), decision(101, "unit_undeclared", USE)],
    )
    query = "SELECT interpretation, reason_code, is_released FROM mart_result ORDER BY row_id"
    assert con.execute(query).fetchall() == [
        ("positive", "released", True),
        ("not_evaluable", "unit_differs_from_rule", True),
    ]
    (second,) = con.execute("SELECT reasons FROM mart_row_disposition WHERE row_number = 101").fetchall()
    assert second == ("released; unit_differs_from_rule",)


def studies(tmp_path: Path, rows: list[Row], *decided: tuple[int, str, str]) -> list[tuple[Any, ...]]:
    con = built(tmp_path, studies=rows, decisions=[decision(1000 + at, reason, said) for at, reason, said in decided])
    return con.execute("SELECT disposition, reasons FROM mart_row_disposition ORDER BY row_number").fetchall()


def test_a_study_row_is_decided(tmp_path: Path) -> None:
    rows: list[Row] = [{}, {"diagnosis": "ALS"}]
    held = ("held", "labels_disagree")
    first = (0, "labels_disagree", USE)
    assert studies(tmp_path / "1", rows) == [held, held]
    assert studies(tmp_path / "2", rows, first) == [("used", "released"), held]
    assert studies(tmp_path / "3", rows, first, (1, "labels_disagree", USE)) == [held, held]
    decided = studies(tmp_path / "4", rows, first, (1, "labels_disagree", REJECT))
    assert decided == [("used", "released"), ("rejected", "rejected_on_review")]


def test_one_version_of_a_study_is_used(tmp_path: Path) -> None:
    rows: list[Row] = [{"study_id": "S1", "sex": "M"}, {"study_id": "S1", "sex": "F"}]
    both = [(at, "conflicting_values", USE) for at in (0, 1)]
    assert studies(tmp_path / "1", rows, both[0]) == [("used", "released"), ("held", "conflicting_values")]
    assert studies(tmp_path / "2", rows, *both) == [("held", "conflicting_values")] * 2


def test_a_site_row_is_decided(tmp_path: Path) -> None:
    rows: list[Row] = [{}, {"amplitude_mv": "9"}]
    query = "SELECT disposition, reasons FROM mart_row_disposition ORDER BY row_number"
    both = [decision(2000 + at, "conflicting_values", USE) for at in (0, 1)]
    held = ("held", "conflicting_values")
    found = built(tmp_path / "1", sites=rows, decisions=both[:1]).execute(query).fetchall()
    assert found == [("used", "released"), held]
    assert built(tmp_path / "2", sites=rows, decisions=both).execute(query).fetchall() == [held, held]
