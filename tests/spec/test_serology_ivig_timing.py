"""When a sample was taken against treatment with immunoglobulin: said where a record says it, and never guessed.

The sample of every case is of 10 June 2024. A study row says on which day it was written (`study_on`), whether the patient
was ever treated, and the days of the first and the last infusion. What is blank is unknown.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built

SAMPLE = "2024-06-10"
AFTER, SAME_DAY, BEFORE = "2024-07-01", "2024-06-10", "2024-06-09"


def timing(tmp_path: Path, *studies: Row, collected_on: str = SAMPLE) -> tuple[Any, ...]:
    con = built(tmp_path, [{"collected_on": collected_on}], studies)
    found = con.execute("SELECT ivig_timing, days_since_ivig FROM mart_result").fetchall()
    # the patient's one result carries the same answer
    assert con.execute("SELECT ivig_timing, days_since_ivig FROM mart_patient").fetchall() == found
    return tuple(found[0])


def study(
    study_on: str | None = AFTER, ever: str | None = None, first: str | None = None, last: str | None = None
) -> Row:
    return {"study_on": study_on, "ever_ivig": ever, "first_ivig_on": first, "last_ivig_on": last}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # the day before the first infusion is before it, the day itself is not
        (study(first="2024-06-11"), ("before_first", None)),
        (study(first="2024-06-10"), ("on_treatment_within_42", 0)),
        # 42 days after the last infusion belong to the first window, 43 and 90 to the second, 91 to none of them
        (study(first="2024-01-01", last="2024-04-29"), ("on_treatment_within_42", 42)),
        (study(first="2024-01-01", last="2024-04-28"), ("43_to_90", 43)),
        (study(first="2024-01-01", last="2024-03-12"), ("43_to_90", 90)),
        (study(first="2024-01-01", last="2024-03-11"), ("later", 91)),
        # the first infusion may be the last one, too
        (study(first="2024-04-28", last="2024-04-28"), ("43_to_90", 43)),
    ],
)
def test_below_at_and_above_each_bound(row: Row, expected: tuple[Any, ...], tmp_path: Path) -> None:
    assert timing(tmp_path, row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # a known infusion within 42 days is enough: whatever else was given could only be nearer
        (study(first="2024-05-01"), "on_treatment_within_42"),
        (study(BEFORE, first="2024-01-01", last="2024-05-01"), "on_treatment_within_42"),
        # the last infusion is not on record, or the sample lies between the first and the last
        (study(first="2024-01-01"), "on_treatment_days_unknown"),
        (study(first="2024-01-01", last="2024-06-20"), "on_treatment_days_unknown"),
        # a record older than the sample cannot know what was given in between, nor can one without a day
        (study(BEFORE, first="2024-01-01", last="2024-03-01"), "on_treatment_days_unknown"),
        (study(None, first="2024-01-01", last="2024-03-01"), "on_treatment_days_unknown"),
        (study(SAME_DAY, first="2024-01-01", last="2024-03-01"), "later"),
        # without a first infusion on record, a sample before the last one may be before all of them or not
        (study(last="2024-06-20"), "unknown"),
        (study(last="2024-03-01"), "later"),
    ],
)
def test_days_are_counted_only_where_the_last_infusion_is_known(row: Row, expected: str, tmp_path: Path) -> None:
    assert timing(tmp_path, row)[0] == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # never is believed up to the day it was written
        (study(AFTER, "no"), "never_treated"),
        (study(SAME_DAY, "no"), "never_treated"),
        (study(BEFORE, "no"), "unknown"),
        (study(None, "no"), "unknown"),
        # blank is unknown, and so are the word unknown and a yes without a day
        (study(), "unknown"),
        (study(AFTER, "unknown"), "unknown"),
        (study(AFTER, "yes"), "unknown"),
        # a day of infusion is believed against a never
        (study(AFTER, "no", "2024-05-20"), "on_treatment_within_42"),
        (study(AFTER, "no", "2024-06-20"), "before_first"),
    ],
)
def test_never_and_blank(row: Row, expected: str, tmp_path: Path) -> None:
    assert timing(tmp_path, row)[0] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # never when the sample was taken, treated later: the sample is from before the first infusion
        ([study("2024-06-20", "no"), study("2024-12-01", "yes")], "before_first"),
        # a later never contradicts an earlier yes; neither is believed
        ([study("2024-06-20", "yes"), study("2024-12-01", "no")], "unknown"),
        ([study(None, "yes"), study("2024-12-01", "no")], "unknown"),
        # one record has an earlier infusion than the other calls the first
        ([study(AFTER, first="2024-12-01"), study("2024-08-01", last="2024-07-20")], "unknown"),
        # the nearest infusion before the sample counts, from whichever record
        ([study("2024-06-20", first="2024-01-01", last="2024-03-01"), study("2024-05-10", last="2024-05-05")],
         "on_treatment_within_42"),
    ],
)  # fmt: skip
def test_several_records_of_one_patient(rows: list[Row], expected: str, tmp_path: Path) -> None:
    assert timing(tmp_path, *rows)[0] == expected


def test_a_patient_without_a_study_row_is_unknown(tmp_path: Path) -> None:
    con = built(tmp_path, [{"collected_on": SAMPLE}])
    assert con.execute("SELECT ivig_timing, days_since_ivig FROM mart_result").fetchall() == [("unknown", None)]


def test_the_day_decides_for_each_sample_of_a_patient(tmp_path: Path) -> None:
    days = ["2023-12-31", "2024-01-01", "2024-02-12", "2024-02-13", "2024-06-20"]
    titres = [{"accession": f"A{n}", "collected_on": day} for n, day in enumerate(days)]
    con = built(tmp_path, titres, [study("2024-05-01", "yes", "2024-01-01", "2024-01-01")])
    found = [row[0] for row in con.execute("SELECT ivig_timing FROM mart_result ORDER BY row_id").fetchall()]
    assert found == [
        "before_first",
        "on_treatment_within_42",
        "on_treatment_within_42",
        "43_to_90",
        "on_treatment_days_unknown",
    ]


def test_rows_that_are_not_used_say_nothing(tmp_path: Path) -> None:
    con = built(tmp_path, [{"status": "preliminary"}], [study(AFTER, "no")])
    assert con.execute("SELECT disposition, ivig_timing FROM mart_result").fetchall() == [("held", None)]


def test_every_tested_patient_stands_at_one_timing_of_the_table(tmp_path: Path) -> None:
    patients = {
        "p1": study(AFTER, "no"),
        "p2": study(first="2024-06-11"),
        "p3": study(first="2024-05-01"),
        "p4": study(),
    }
    titres = [
        {"patient_key": key, "accession": key, "collected_on": SAMPLE, "value": 100 if key == "p3" else 800}
        for key in patients
    ]
    con = built(tmp_path, titres, [{**row, "patient_key": key} for key, row in patients.items()])
    found = con.execute("""
        SELECT ivig_timing, n_tested, n_positive FROM mart_ivig_timing WHERE population = 'MMN' ORDER BY position""").fetchall()
    assert found == [("never_treated", 1, 1), ("before_first", 1, 1), ("on_treatment_within_42", 1, 0), ("43_to_90", 0, 0),
                     ("later", 0, 0), ("on_treatment_days_unknown", 0, 0), ("unknown", 1, 1)]  # fmt: skip
    (tested,) = con.execute("SELECT count(*) FROM mart_patient WHERE is_in_primary").fetchall()[0]
    assert tested == sum(row[1] for row in found)
