"""Versions of a result: what repeats, corrects, withdraws, conflicts or waits."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, column

FEB, MAR, APR = "2025-02-01 00:00:00", "2025-03-01 00:00:00", "2025-04-01 00:00:00"


def fates(tmp_path: Path, *titres: Row) -> list[tuple[Any, ...]]:
    """(disposition, reason) of each row in the order given."""
    con = built(tmp_path, titres)
    return con.execute("SELECT disposition, reason_code FROM mart_result ORDER BY row_id").fetchall()


CASES: dict[str, tuple[list[Row], list[tuple[str, str | None]]]] = {
    "a single final result is used": ([{}], [("used", None)]),
    "the same row again in a later file": ([{}, {"arrival": 2}], [("used", None), ("duplicate", "exact_copy")]),
    "the same value reported again later": (
        [{"reported_at": FEB}, {"reported_at": MAR, "arrival": 2}],
        [("used", None), ("duplicate", "same_result_again")],
    ),
    "another value without a correction flag: both wait": (
        [{"reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [("held", "conflicting_values"), ("held", "conflicting_values")],
    ),
    "another comparator is another value": (
        [{"comparator": "<"}, {"comparator": ""}],
        [("held", "conflicting_values"), ("held", "conflicting_values")],
    ),
    "one code for two isotypes: two results": (
        [{"value": 800}, {"value": 800, "isotype": "IgG"}], [("used", None), ("used", "no_rule")],
    ),
    "a correction of IgG leaves the IgM of the same code alone": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 100, "isotype": "IgG"}],
        [("used", None), ("used", "no_rule")],
    ),
    "a correction under another local code of the same analyte": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 100, "test_code": "44751-6"}],
        [("superseded", "corrected"), ("used", None)],
    ),
    "a withdrawal under another local code of the same analyte": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "test_code": "44751-6"}],
        [("withdrawn", "withdrawn_by_laboratory"), ("withdrawn", "withdrawn_by_laboratory")],
    ),
    "a correction replaces the final result": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 1600}],
        [("superseded", "corrected"), ("used", None)],
    ),
    "a correction that arrives before what it corrects": (
        [{"reported_at": MAR, "status": "corrected", "value": 1600}, {"reported_at": FEB, "arrival": 2}],
        [("used", None), ("superseded", "corrected")],
    ),
    "a correction of a correction": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 1600},
         {"reported_at": APR, "status": "corrected", "value": 400}],
        [("superseded", "corrected"), ("superseded", "corrected"), ("used", None)],
    ),
    "a correction settles an earlier conflict": (
        [{"reported_at": FEB}, {"reported_at": FEB, "value": 1600}, {"reported_at": MAR, "status": "corrected", "value": 400}],
        [("superseded", "corrected"), ("superseded", "corrected"), ("used", None)],
    ),
    "a final result with another value after the correction": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 1600}, {"reported_at": APR, "value": 400}],
        [("superseded", "corrected"), ("held", "conflicting_values"), ("held", "conflicting_values")],
    ),
    "two corrections of one moment with two values": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 1600},
         {"reported_at": MAR, "status": "corrected", "value": 400}],
        [("superseded", "corrected"), ("held", "conflicting_values"), ("held", "conflicting_values")],
    ),
    "a withdrawal takes the result with it": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn"}],
        [("withdrawn", "withdrawn_by_laboratory"), ("withdrawn", "withdrawn_by_laboratory")],
    ),
    "a withdrawal without a value": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "value": None, "result_kind": None}],
        [("withdrawn", "withdrawn_by_laboratory"), ("withdrawn", "withdrawn_by_laboratory")],
    ),
    "a withdrawal after a correction": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 1600}, {"reported_at": APR, "status": "withdrawn"}],
        [("withdrawn", "withdrawn_by_laboratory")] * 3,
    ),
    "a withdrawal on the day of the correction wins": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn"}, {"reported_at": MAR, "status": "corrected", "value": 1600}],
        [("withdrawn", "withdrawn_by_laboratory")] * 3,
    ),
    "a result sent again after its withdrawal waits": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn"}, {"reported_at": APR, "value": 1600}],
        [("withdrawn", "withdrawn_by_laboratory"), ("withdrawn", "withdrawn_by_laboratory"), ("held", "sent_after_withdrawal")],
    ),
    "a preliminary result alone waits": ([{"status": "preliminary"}], [("held", "preliminary")]),
    "a preliminary result gives way to its final one": (
        [{"status": "preliminary", "reported_at": FEB}, {"reported_at": MAR, "value": 1600}],
        [("superseded", "preliminary_replaced"), ("used", None)],
    ),
    "a preliminary result after the final one waits and changes nothing": (
        [{"reported_at": FEB}, {"status": "preliminary", "reported_at": MAR, "value": 1600}],
        [("used", None), ("held", "preliminary")],
    ),
    "the same accession in another year is another sample": (
        [{}, {"collected_on": "2026-01-10", "value": 1600}],
        [("used", None), ("used", None)],
    ),
    "one sample under two patients: neither counts": (
        [{}, {"patient_key": "p2", "value": 1600}],
        [("held", "accession_under_two_patients"), ("held", "accession_under_two_patients")],
    ),
    "one sample under two patients, by two tests": (
        [{}, {"patient_key": "p2", "isotype": "IgG"}],
        [("held", "accession_under_two_patients"), ("held", "accession_under_two_patients")],
    ),
    "a result that waits for another reason still claims the sample": (
        [{}, {"patient_key": "p2", "status": "preliminary"}],
        [("held", "accession_under_two_patients"), ("held", "preliminary")],
    ),
    "withdrawn from the wrong patient and sent under the right one": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn"}, {"reported_at": MAR, "patient_key": "p2"}],
        [("withdrawn", "withdrawn_by_laboratory"), ("withdrawn", "withdrawn_by_laboratory"), ("used", None)],
    ),
    "a control under the same number is no other patient": (
        [{}, {"patient_key": "p2", "intake_disposition": "excluded", "intake_reason": "control"}],
        [("used", None), ("excluded", "control")],
    ),
    "a rejected row claims no sample": (
        [{}, {"patient_key": "p2", "intake_disposition": "rejected"}],
        [("used", None), ("rejected", None)],
    ),
    "the same number of another patient on another day is another sample": (
        [{}, {"patient_key": "p2", "collected_on": "2025-01-11"}],
        [("used", None), ("used", None)],
    ),
    "the same accession of another laboratory is another sample": (
        [{}, {"performing_lab": "OTHER", "value": 1600}],
        [("used", None), ("used", "no_rule")],
    ),
    "held at intake stays held": (
        [{"intake_disposition": "held", "intake_reason": "unit_undeclared"}],
        [("held", "unit_undeclared")],
    ),
    "a correction that is held at intake still takes the earlier value away": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "value": 9, "intake_disposition": "held",
                                "intake_reason": "unit_undeclared"}],
        [("superseded", "corrected"), ("held", "unit_undeclared")],
    ),
    "a correction that was rejected holds the earlier value": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "corrected", "intake_disposition": "rejected"}],
        [("held", "correction_rejected"), ("rejected", None)],
    ),
    "a withdrawal that names another patient holds what it may mean": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "patient_key": "p2"}],
        [("held", "correction_unclear"), ("withdrawn", "withdraws_nothing_known")],
    ),
    "a repeated withdrawal that names another day holds what it may mean": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "collected_on": "2025-01-11"},
         {"reported_at": MAR, "status": "withdrawn", "collected_on": "2025-01-11", "arrival": 2}],
        [("held", "correction_unclear"), ("withdrawn", "withdrawn_by_laboratory"), ("duplicate", "exact_copy")],
    ),
    "a correction of a result that was never sent is used": (
        [{"status": "corrected"}],
        [("used", None)],
    ),
    "a withdrawal by a laboratory nobody declared holds what it may mean": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "performing_lab": "XXX", "intake_disposition": "held",
                                "intake_reason": "performing_lab_undeclared"}],
        [("held", "correction_unclear"), ("withdrawn", "withdraws_nothing_known")],
    ),
    "a rejected withdrawal without a test holds what it may mean": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "test_code": None, "antigen": None, "isotype": None,
                                "intake_disposition": "rejected"}],
        [("held", "correction_rejected"), ("rejected", None)],
    ),
    "a rejected withdrawal without an accession holds the sample of that day": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": "withdrawn", "accession": None, "intake_disposition": "rejected"}],
        [("held", "correction_rejected"), ("rejected", None)],
    ),
    "a status word that nobody declared may be a withdrawal": (
        [{"reported_at": FEB}, {"reported_at": MAR, "status": None, "intake_disposition": "rejected"}],
        [("held", "correction_rejected"), ("rejected", None)],
    ),
    "excluded rows are versions of nothing": (
        [{"intake_disposition": "excluded", "intake_reason": "control", "value": 1600}, {}],
        [("excluded", "control"), ("used", None)],
    ),
    "without a report time status decides": (
        [{"reported_at": None}, {"reported_at": None, "status": "corrected", "value": 1600}],
        [("superseded", "corrected"), ("used", None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_fate(case: str, tmp_path: Path) -> None:
    titres, expected = CASES[case]
    assert fates(tmp_path, *titres) == expected


def test_every_row_has_one_fate_whatever_the_order(tmp_path: Path) -> None:
    """Putting the rows of every case into one build, forwards and backwards, gives each row one and the same fate."""
    rows = [{**row, "patient_key": f"case{n}", "accession": f"case{n}"} for n, (titres, _) in enumerate(CASES.values())
            for row in titres if "patient_key" not in row]  # fmt: skip
    forwards = built(tmp_path / "f", [{**row, "arrival": 1, "result_text": str(n)} for n, row in enumerate(rows)])
    backwards = built(
        tmp_path / "b", [{**row, "arrival": 1, "result_text": str(n)} for n, row in reversed(list(enumerate(rows)))]
    )
    query = "SELECT disposition FROM mart_result WHERE disposition NOT IN ('duplicate', 'used') ORDER BY CAST(result_text AS INTEGER)"
    assert column(forwards, "SELECT count(*) - count(DISTINCT row_id) FROM mart_result") == [0]
    assert column(forwards, "SELECT count(*) FROM mart_result") == [len(rows)]
    assert sorted(column(forwards, query)) == sorted(column(backwards, query))


def test_links_name_the_row_that_matters(tmp_path: Path) -> None:
    con = built(tmp_path, [
        {"accession": "A"}, {"accession": "A", "arrival": 2},
        {"accession": "B", "reported_at": FEB}, {"accession": "B", "reported_at": MAR, "status": "corrected", "value": 1},
        {"accession": "C", "reported_at": FEB}, {"accession": "C", "reported_at": MAR, "status": "withdrawn"},
    ])  # fmt: skip
    links = con.execute("SELECT row_number, original_row_number FROM mart_result ORDER BY row_number").fetchall()
    assert links == [(100, None), (101, 100), (102, 103), (103, None), (104, 105), (105, 104)]


def test_changes_are_listed_with_what_they_changed(tmp_path: Path) -> None:
    con = built(tmp_path, [
        {"accession": "B", "reported_at": FEB}, {"accession": "B", "reported_at": MAR, "status": "corrected", "value": 400},
        {"accession": "C", "reported_at": FEB}, {"accession": "C", "reported_at": MAR, "status": "corrected", "value": 1600},
        {"accession": "D", "reported_at": FEB}, {"accession": "D", "reported_at": MAR, "status": "withdrawn"},
    ])  # fmt: skip
    found = con.execute(
        "SELECT kind, interpretation_before, interpretation_after, is_class_change FROM mart_change"
    ).fetchall()
    assert found == [
        ("corrected", "positive", "negative", True),
        ("corrected", "positive", "positive", False),
        ("withdrawn", "positive", None, True),
    ]
