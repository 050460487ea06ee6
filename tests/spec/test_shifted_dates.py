"""Days that a sender shifted: kept in order within one patient of one format, and compared with nothing else.

A register may move all days of a patient by an amount of that patient's own. Its format then says `dates_shifted:
per_patient`. Two days compare when both are of the calendar, or when both are shifted in one format for one identifier.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import TITRE, Row, built, cutoff, two_bands

from pipeline.labs.load import load_format
from pipeline.resources import LABS_DIR

SHIFTED: Row = {"dates_are_shifted": True, "format_id": "register"}
OTHER: Row = {"dates_are_shifted": True, "format_id": "other register"}
CALENDAR: Row = {"format_id": "clinic"}
DATED = [
    cutoff("negative", "old.negative", below=400, valid_to="2019-12-31"), cutoff("positive", "old.positive", at_or_above=400,
    valid_to="2019-12-31"), cutoff("negative", "new.negative", below=800, valid_from="2020-01-01"),
    cutoff("positive", "new.positive", at_or_above=800, valid_from="2020-01-01"),
]  # fmt: skip


# --- Declared, never guessed ------------------------------------------------------------------------------------------------


def test_a_format_that_says_nothing_has_days_of_the_calendar() -> None:
    assert not load_format(LABS_DIR / "demo_marlow.yaml").dates_are_shifted


def test_rows_landed_before_the_declaration_existed_are_of_the_calendar(tmp_path: Path) -> None:
    con = built(tmp_path, [{"dates_are_shifted": None}])
    assert con.execute("SELECT dates_are_shifted FROM mart_result").fetchall() == [(False,)]


# --- Cut-offs ---------------------------------------------------------------------------------------------------------------


def meaning(tmp_path: Path, row: Row, rules: list[Row]) -> tuple[Any, ...]:
    con = built(tmp_path, [row], cutoffs_used=rules)
    return tuple(con.execute("SELECT interpretation, reason_code, rule_id FROM mart_result").fetchall()[0])


@pytest.mark.parametrize("collected_on", ["2019-12-31", "2020-01-01", "2151-06-01"])
def test_a_shifted_day_chooses_between_no_two_versions(collected_on: str, tmp_path: Path) -> None:
    row = {**SHIFTED, "collected_on": collected_on, "value": 1600}
    assert meaning(tmp_path, row, DATED) == ("not_evaluable", "collection_date_shifted", None)


def test_the_same_row_of_the_calendar_is_read_by_its_day(tmp_path: Path) -> None:
    assert meaning(tmp_path, {"collected_on": "2019-12-31", "value": 400}, DATED) == ("positive", None, "old.positive")


def test_one_version_with_a_date_is_a_dated_rule(tmp_path: Path) -> None:
    """What held before it began nobody said, and the true day may lie there."""
    rules = [{**row, "valid_from": "2020-01-01"} for row in two_bands()]
    assert meaning(tmp_path, SHIFTED, rules) == ("not_evaluable", "collection_date_shifted", None)


def test_one_version_without_dates_holds_on_every_day(tmp_path: Path) -> None:
    assert meaning(tmp_path, {**SHIFTED, "collected_on": "2151-06-01"}, two_bands()) == (
        "positive",
        None,
        "LAB.positive",
    )


def test_a_test_without_any_rule_says_that(tmp_path: Path) -> None:
    assert meaning(tmp_path, {**SHIFTED, "assay": "LINE"}, two_bands())[1] == "no_rule"


def test_the_laboratorys_own_word_needs_no_day(tmp_path: Path) -> None:
    row = {**SHIFTED, "result_kind": "word", "word_meaning": "negative", "value": None}
    assert meaning(tmp_path, row, DATED)[0] == "negative"


# --- Treatment --------------------------------------------------------------------------------------------------------------

TREATED = {"ever_ivig": "yes", "first_ivig_on": "2025-01-01", "last_ivig_on": "2025-01-01", "study_on": "2025-06-01"}


@pytest.mark.parametrize(
    ("result", "study", "timing_days_before"),
    [
        pytest.param(CALENDAR, CALENDAR, ("on_treatment_within_42", 9, False), id="both of the calendar"),
        pytest.param(SHIFTED, SHIFTED, ("on_treatment_within_42", 9, False), id="both shifted, in one format"),
        pytest.param(
            SHIFTED, CALENDAR, ("unknown", None, None), id="the sample's day is shifted, the infusion's is not"
        ),
        pytest.param(
            CALENDAR, SHIFTED, ("unknown", None, None), id="the infusion's day is shifted, the sample's is not"
        ),
        pytest.param(SHIFTED, OTHER, ("unknown", None, None), id="both shifted, by two senders"),
    ],
)
def test_a_sample_is_timed_only_within_one_frame(
    result: Row, study: Row, timing_days_before: tuple[Any, ...], tmp_path: Path
) -> None:
    con = built(tmp_path, [result], [{**TREATED, **study}])
    found = con.execute("SELECT ivig_timing, days_since_ivig, is_before_first_ivig FROM mart_patient").fetchall()
    assert found == [timing_days_before]


def test_before_the_first_infusion_is_said_within_one_frame_only(tmp_path: Path) -> None:
    early = {"collected_on": "2024-12-31"}
    for study, expected in ((SHIFTED, ("before_first", True)), (CALENDAR, ("unknown", None))):
        con = built(
            tmp_path / str(study["format_id"]).replace(" ", "_"), [{**SHIFTED, **early}], [{**TREATED, **study}]
        )
        assert con.execute("SELECT ivig_timing, is_before_first_ivig FROM mart_patient").fetchall() == [expected]


def test_two_identifiers_of_one_person_in_one_register_have_two_shifts(tmp_path: Path) -> None:
    links = [{"person_key": "pa", "namespace": "register", "patient_key": key} for key in ("p1", "p2")]
    con = built(
        tmp_path, [{**SHIFTED, "patient_key": "p1"}], [{**TREATED, **SHIFTED, "patient_key": "p2"}], crosswalk=links
    )
    assert con.execute("SELECT patient_key, ivig_timing FROM mart_patient").fetchall() == [("pa", "unknown")]


def test_treatment_in_another_frame_leaves_never_unsaid(tmp_path: Path) -> None:
    """The clinic says never; the register knows of an infusion on a day that cannot be placed."""
    never = {**CALENDAR, "ever_ivig": "no", "study_on": "2025-06-01"}
    alone = built(tmp_path / "a", [CALENDAR], [never])
    both = built(tmp_path / "b", [CALENDAR], [never, {**TREATED, **SHIFTED}])
    query = "SELECT ivig_timing FROM mart_result"
    assert alone.execute(query).fetchall() == [("never_treated",)]
    assert both.execute(query).fetchall() == [("unknown",)]


def test_days_of_infusions_in_two_frames_have_no_earliest(tmp_path: Path) -> None:
    con = built(tmp_path, [CALENDAR], [{**TREATED, **CALENDAR}, {**TREATED, **SHIFTED, "first_ivig_on": "1999-01-01"}])
    assert con.execute("SELECT first_ivig_on, is_before_first_ivig FROM mart_patient").fetchall() == [(None, None)]


# --- The earliest result ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "is_mixed"),
    [
        pytest.param(SHIFTED, False, id="all of one register"),
        pytest.param(CALENDAR, True, id="a register and a laboratory"),
        pytest.param(OTHER, True, id="two registers"),
    ],
)
def test_the_earliest_of_days_that_do_not_compare_is_marked(other: Row, is_mixed: bool, tmp_path: Path) -> None:
    titres = [{**SHIFTED, "accession": "A1"}, {**other, "accession": "B1", "collected_on": "2024-01-01"}]
    con = built(tmp_path, titres)
    assert con.execute("SELECT has_mixed_date_shift FROM mart_patient").fetchall() == [(is_mixed,)]


def test_the_latest_label_of_days_that_do_not_compare_is_marked(tmp_path: Path) -> None:
    con = built(tmp_path, [CALENDAR], [CALENDAR, {**SHIFTED, "study_on": "2031-01-01"}])
    assert con.execute("SELECT has_mixed_date_shift FROM mart_patient").fetchall() == [(True,)]


# --- Figures of the calendar ------------------------------------------------------------------------------------------------


def test_a_shifted_result_counts_in_the_rate_and_in_no_year(tmp_path: Path) -> None:
    con = built(tmp_path, [{**SHIFTED, "collected_on": "2151-06-01"}], [SHIFTED])
    query = "SELECT stratum_value, n_tested FROM mart_positive_rate WHERE population = 'MMN' AND analysis = 'primary' AND stratum = ?"
    assert con.execute(query, ["all"]).fetchall() == [("all", 1)]
    assert con.execute(query, ["period"]).fetchall() == [("dates shifted", 1)]


def test_a_shifted_result_moves_no_middle_between_exports(tmp_path: Path) -> None:
    def exports(how: Row) -> list[Row]:
        return [
            {**TITRE, **how, "patient_key": f"p{n}", "accession": f"A{n}", "arrival": arrival}
            for arrival in (1, 2)
            for n in range(arrival * 100, arrival * 100 + 60)
        ]

    query = "SELECT count(*) FROM mart_value_shift"
    assert built(tmp_path / "c", exports(CALENDAR)).execute(query).fetchall() == [(2,)]
    assert built(tmp_path / "s", exports(SHIFTED)).execute(query).fetchall() == [(0,)]


def test_repeats_are_compared_within_one_frame(tmp_path: Path) -> None:
    twice = [{**SHIFTED, "accession": "A1"}, {**SHIFTED, "accession": "A2", "collected_on": "2025-03-01"}]
    assert built(tmp_path / "one", twice).execute("SELECT count(*) FROM mart_repeat").fetchall() == [(1,)]
    mixed = [twice[0], {**twice[1], **CALENDAR, "dates_are_shifted": False}]
    assert built(tmp_path / "two", mixed).execute("SELECT count(*) FROM mart_repeat").fetchall() == [(0,)]
