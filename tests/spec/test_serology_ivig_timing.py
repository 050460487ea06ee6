"""When a sample was taken against treatment with immunoglobulin (IVIG): said where a record says it, and never guessed.

The sample of every case is of 10 June 2024. A study row says on which day it was written (`study_on`), whether the patient
was ever treated (`ever_ivig`), and the days of the first and the last infusion and of the one before the last. What is not named is blank, and blank is
unknown.
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
    study_on: str | None = AFTER,
    ever: str | None = None,
    first: str | None = None,
    last: str | None = None,
    previous: str | None = None,
) -> Row:
    given = {"ever_ivig": ever, "first_ivig_on": first, "last_ivig_on": last, "previous_ivig_on": previous}
    return {"study_on": study_on, **{name: value for name, value in given.items() if value}}


@pytest.mark.parametrize(
    ("study_row", "timing_and_days"),
    [
        pytest.param(study(first="2024-06-11"), ("before_first", None), id="the day before the first infusion"),
        pytest.param(study(first="2024-06-10"), ("on_treatment_within_42", 0), id="the day of the first infusion itself"),
        pytest.param(study(first="2024-01-01", last="2024-04-29"), ("on_treatment_within_42", 42),
                     id="42 days after the last infusion: the last day of the first window"),
        pytest.param(study(first="2024-01-01", last="2024-04-28"), ("43_to_90", 43),
                     id="43 days after it: the first day of the second window"),
        pytest.param(study(first="2024-01-01", last="2024-03-12"), ("43_to_90", 90),
                     id="90 days after it: the last day of the second window"),
        pytest.param(study(first="2024-01-01", last="2024-03-11"), ("later", 91), id="91 days after it"),
        pytest.param(study(first="2024-04-28", last="2024-04-28"), ("43_to_90", 43), id="the first infusion was the last one, too"),
    ],
)  # fmt: skip
def test_days_below_at_and_above_each_bound(study_row: Row, timing_and_days: tuple[Any, ...], tmp_path: Path) -> None:
    assert timing(tmp_path, study_row) == timing_and_days


@pytest.mark.parametrize(
    ("study_row", "timing_of_sample"),
    [
        pytest.param(study(first="2024-05-01"), "on_treatment_within_42",
                     id="a known infusion within 42 days is enough: any other could only be nearer"),
        pytest.param(study(BEFORE, first="2024-01-01", last="2024-05-01"), "on_treatment_within_42",
                     id="the same by a record older than the sample"),
        pytest.param(study(first="2024-01-01"), "on_treatment_days_unknown", id="the last infusion is not on record"),
        pytest.param(study(first="2024-01-01", last="2024-06-20"), "on_treatment_days_unknown",
                     id="the sample lies between the first and the last infusion"),
        pytest.param(study(BEFORE, first="2024-01-01", last="2024-03-01"), "on_treatment_days_unknown",
                     id="a record older than the sample cannot know what was given in between"),
        pytest.param(study(None, first="2024-01-01", last="2024-03-01"), "on_treatment_days_unknown",
                     id="nor can a record without a day"),
        pytest.param(study(SAME_DAY, first="2024-01-01", last="2024-03-01"), "later",
                     id="a record of the day of the sample knows it"),
        pytest.param(study(last="2024-06-20"), "unknown",
                     id="no first infusion on record: a sample before the last may be before all of them or not"),
        pytest.param(study(last="2024-03-01"), "later", id="no first infusion on record, and a sample after the last"),
    ],
)  # fmt: skip
def test_days_are_counted_only_where_the_last_infusion_is_known(
    study_row: Row, timing_of_sample: str, tmp_path: Path
) -> None:
    assert timing(tmp_path, study_row)[0] == timing_of_sample


@pytest.mark.parametrize(
    ("study_row", "timing_of_sample"),
    [
        pytest.param(study(AFTER, "no"), "never_treated", id="never treated, written after the sample"),
        pytest.param(study(SAME_DAY, "no"), "never_treated", id="never treated, written on the day of the sample"),
        pytest.param(study(BEFORE, "no"), "unknown", id="never treated, written the day before: true until then only"),
        pytest.param(study(None, "no"), "unknown", id="never treated, written nobody knows when"),
        pytest.param(study(), "unknown", id="nothing said"),
        pytest.param(study(AFTER, "unknown"), "unknown", id="said to be unknown"),
        pytest.param(study(AFTER, "yes"), "unknown", id="treated, without a day"),
        pytest.param(study(AFTER, "no", "2024-05-20"), "on_treatment_within_42",
                     id="never treated, and a day of infusion before the sample: the day is believed"),
        pytest.param(study(AFTER, "no", "2024-06-20"), "before_first",
                     id="never treated, and a day of infusion after the sample"),
    ],
)  # fmt: skip
def test_never_is_believed_up_to_its_day_and_blank_is_unknown(
    study_row: Row, timing_of_sample: str, tmp_path: Path
) -> None:
    assert timing(tmp_path, study_row)[0] == timing_of_sample


@pytest.mark.parametrize(
    ("study_row", "timing_and_days"),
    [
        pytest.param(study(last="2024-06-20", previous="2024-05-25"), ("on_treatment_within_42", 16),
                     id="the sample lies between the last infusion and the one before it"),
        pytest.param(study(last="2024-06-20", previous="2024-04-20"), ("43_to_90", 51),
                     id="the same, longer after: no infusion lies between the last two"),
        pytest.param(study(BEFORE, last="2024-06-20", previous="2024-04-20"), ("on_treatment_days_unknown", None),
                     id="a record older than the sample only plans the infusion it calls the last"),
        pytest.param(study(AFTER, "no", previous="2024-05-25"), ("on_treatment_within_42", 16),
                     id="never treated, and a day of the last infusion but one: the day is believed"),
        pytest.param(study(first="2024-06-15", previous="2024-05-25"), ("on_treatment_within_42", 16),
                     id="an infusion older than the one called the first"),
        pytest.param(study(first="2024-09-01", previous="2024-06-15"), ("unknown", None),
                     id="an infusion older than the one called the first, both after the sample: the first is not known"),
    ],
)  # fmt: skip
def test_the_infusion_before_the_last_is_a_known_one(
    study_row: Row, timing_and_days: tuple[Any, ...], tmp_path: Path
) -> None:
    assert timing(tmp_path, study_row) == timing_and_days


@pytest.mark.parametrize(
    ("other_record", "is_before"),
    [
        pytest.param(study("2024-12-01"), True, id="nothing on record contradicts the first infusion"),
        pytest.param(study("2024-12-01", last="2024-05-20"), None, id="another record has an infusion before the sample"),
        pytest.param(study("2024-12-01", last="2024-06-20"), None,
                     id="another record has an infusion before the one called the first, after the sample"),
    ],
)  # fmt: skip
def test_a_first_infusion_that_another_record_contradicts_is_not_the_first(
    other_record: Row, is_before: bool | None, tmp_path: Path
) -> None:
    """One record calls 1 September the first infusion. Only patients who are surely sampled before the first count as such."""
    con = built(tmp_path, [{"collected_on": SAMPLE}], [study("2024-10-01", first="2024-09-01"), other_record])
    assert con.execute("SELECT is_before_first_ivig FROM mart_patient").fetchall() == [(is_before,)]


@pytest.mark.parametrize(
    ("study_rows", "timing_of_sample"),
    [
        pytest.param([study("2024-06-20", "no"), study("2024-12-01", "yes")], "before_first",
                     id="never when the sample was taken, treated later"),
        pytest.param([study("2024-06-20", "yes"), study("2024-12-01", "no")], "unknown",
                     id="a later never contradicts an earlier yes, and neither is believed"),
        pytest.param([study(None, "yes"), study("2024-12-01", "no")], "unknown", id="the same with a yes without a day"),
        pytest.param([study(AFTER, first="2024-12-01"), study("2024-08-01", last="2024-07-20")], "unknown",
                     id="one record has an earlier infusion than the other calls the first"),
        pytest.param([study("2024-06-20", first="2024-01-01", last="2024-03-01"), study("2024-05-10", last="2024-05-05")],
                     "on_treatment_within_42", id="the nearest infusion before the sample counts, from whichever record"),
    ],
)  # fmt: skip
def test_several_records_of_one_patient_are_read_together(
    study_rows: list[Row], timing_of_sample: str, tmp_path: Path
) -> None:
    assert timing(tmp_path, *study_rows)[0] == timing_of_sample


def test_a_patient_without_a_study_row_is_unknown(tmp_path: Path) -> None:
    con = built(tmp_path, [{"collected_on": SAMPLE}])
    assert con.execute("SELECT ivig_timing, days_since_ivig FROM mart_result").fetchall() == [("unknown", None)]


def test_the_day_decides_for_each_sample_of_a_patient(tmp_path: Path) -> None:
    """One record of 1 May says that the only infusion was on 1 January. Samples from the day before, the day itself, 42 and 43
    days later, and from after the record was written each have a timing of their own."""
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
    """A preliminary result is held and has no timing."""
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
