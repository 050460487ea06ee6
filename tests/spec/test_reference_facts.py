"""What the two source documents state, and what a cohort shows of it.

Statements are context. None is a check on a row, none is a pass or a failure, and what cannot be observed says why.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import Row, built, column

from pipeline import resources, rulebook
from pipeline.errors import RulebookUnsound
from pipeline.messages import MESSAGES
from pipeline.statistics import interval, rate_interval

from .nerve_cases import pair, site_rule

# The statements of each document by the line they stand on: what must be in the table.
STATED = {
    "R1": ("DOCUMENT_B", "line 5"), "R1b": ("DOCUMENT_B", "line 5"), "R2": ("DOCUMENT_B", "line 5"),
    "R3": ("DOCUMENT_B", "line 6"), "R3'": ("DOCUMENT_A", "line 9"), "R3b": ("DOCUMENT_A", "line 9"),
    "R4": ("DOCUMENT_B", "line 7"), "R4b": ("DOCUMENT_B", "line 7"), "R5": ("DOCUMENT_B", "line 7"),
    "R6": ("DOCUMENT_B", "line 8"), "R7": ("DOCUMENT_B", "line 20"), "R8": ("DOCUMENT_B", "line 25"),
    "R8b": ("DOCUMENT_B", "line 25"), "R9": ("DOCUMENT_B", "line 29"), "R9'": ("DOCUMENT_A", "line 22"),
    "R9b": ("DOCUMENT_A", "line 22"), "R10": ("DOCUMENT_B", "line 26"), "R10'": ("DOCUMENT_A", "line 22"),
    "R11": ("DOCUMENT_A", "lines 13-18"),
    **{f"R11{part}": ("DOCUMENT_A", "lines 13-18") for part in "abcde"},
    "R12": ("DOCUMENT_B", "line 19"), "R12b": ("DOCUMENT_B", "line 19"), "R13": ("DOCUMENT_B", "line 28"),
    "R14": ("DOCUMENT_B", "line 27"),
}  # fmt: skip
NEVER = {"R1b", "R2", "R3b", "R6", "R7", "R8b", "R9b", "R10", "R10'", "R13", "R14"}

# The cohort: five patients with all that can be recorded, one without anything, and others who stand outside.
COHORT: list[Row] = [
    {"patient_key": "a", "sex": "M", "onset_age": 49, "purely_motor": "yes", "umn_signs": "no", "bulbar_signs": "no",
     "sensory_signs": "no", "previous_ivig_on": "2024-01-01", "last_ivig_on": "2024-01-15", "ivig_effect_ended_on": "2024-02-05"},
    {"patient_key": "b", "sex": "M", "onset_age": 50, "purely_motor": "yes", "umn_signs": "no", "bulbar_signs": "no",
     "sensory_signs": "yes", "previous_ivig_on": "2024-01-01", "last_ivig_on": "2024-02-05", "ivig_effect_ended_on": "2024-02-25"},
    {"patient_key": "c", "sex": "M", "onset_age": 60, "purely_motor": "no", "umn_signs": "unknown",
     "previous_ivig_on": "2024-01-01", "last_ivig_on": "2024-01-14", "ivig_effect_ended_on": "2024-03-30"},
    {"patient_key": "d", "sex": "F", "onset_age": 61, "previous_ivig_on": "2024-01-01", "last_ivig_on": "2024-02-06"},
    {"patient_key": "e", "sex": "F", "onset_age": 76, "previous_ivig_on": "2024-03-01", "last_ivig_on": "2024-02-06",
     "ivig_effect_ended_on": "2024-02-01"},
    {"patient_key": "f"},
]  # fmt: skip
OUTSIDE: list[Row] = [
    {"patient_key": "rests", "label_rests_on_anti_gm1": "yes", "sex": "F", "onset_age": 55},
    {"patient_key": "possible", "certainty": "possible", "sex": "F", "onset_age": 55},
    {"patient_key": "als", "diagnosis": "ALS", "certainty": None, "sex": "F", "onset_age": 55},
]
TITRES: list[Row] = [
    {"patient_key": p, "accession": p, "value": value}
    for p, value in (("a", 6400), ("b", 100), ("c", 6400), ("rests", 6400), ("als", 100))
]
CATCHMENT: dict[str, str] = {
    "catchment_id": "north county", "inhabitants": "1000000", "counted_on": "2024-01-01", "state": "active",
    "source_id": "DEMO", "source_locator": "test",
}  # fmt: skip


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    block = [{**row, "patient_key": "a"} for row in pair()]
    slow = {"area_mv_ms": "29", "amplitude_mv": "9.7", "latency_ms": "11.5", "distance_mm": "220"}
    even = [{**row, "patient_key": "b"} for row in pair({**slow, "latency_ms": "7.5"})]
    slowed = [{**row, "patient_key": "c"} for row in pair(slow)]
    folder = tmp_path_factory.mktemp("facts")
    return built(folder, titres=TITRES, studies=[*COHORT, *OUTSIDE], sites=[*block, *even, *slowed])


def fact(con: duckdb.DuckDBPyConnection, fact_id: str, columns: str) -> tuple[Any, ...]:
    row = con.execute(f"SELECT {columns} FROM mart_reference_fact WHERE fact_id = ?", [fact_id]).fetchone()
    assert row is not None
    return tuple(row)


@pytest.mark.parametrize(
    ("fact_id", "n_counted", "n"),
    [
        pytest.param("R1", 2, 3, id="positive: the tested ones of the cohort"),
        pytest.param(
            "R4", 2, 5, id="50 to 60 at onset: both ends belong, 49 and 61 do not, a missing age is not counted"
        ),
        pytest.param("R4b", 4, 5, id="20 to 75 at onset: 76 does not belong"),
        pytest.param("R5", 3, 5, id="men"),
        pytest.param(
            "R8", 2, 3, id="effect of at least 21 days: 21 and 75 do, 20 does not; one that ended before is no effect"
        ),
        pytest.param(
            "R9", 2, 4, id="interval of 14 to 35 days: 14 and 35 do, 13 and 36 do not; a later previous is no interval"
        ),
        pytest.param("R9'", 2, 4, id="the other document says the same"),
        pytest.param("R11", 1, 3, id="block among the assessed"),
        pytest.param("R11a", 2, 3, id="purely motor, of those for whom it was stated"),
        pytest.param("R11b", 2, 2, id="no upper motor neuron signs: unknown is not counted"),
        pytest.param("R11d", 1, 2, id="no sensory deficit"),
        pytest.param("R11e", 2, 3, id="block or slowing among the assessed"),
        pytest.param("R12", 1, 2, id="without sensory signs"),
    ],
)
def test_what_the_cohort_shows(fact_id: str, n_counted: int, n: int, con: duckdb.DuckDBPyConnection) -> None:
    observed = fact(con, fact_id, "n_counted, n, observed, ci_low, ci_high, outcome, reason_code")
    assert observed == (n_counted, n, n_counted / n, *interval(n_counted, n), "observed", None)


def test_days_and_years_have_a_median(con: duckdb.DuckDBPyConnection) -> None:
    assert fact(con, "R4", "median_observed") == (60.0,)
    assert fact(con, "R8", "median_observed") == (21.0,)
    assert fact(con, "R9", "median_observed") == (24.5,)
    assert fact(con, "R5", "median_observed") == (None,)


def test_the_two_dates_come_from_one_study_row_the_latest_that_has_both(tmp_path: Path) -> None:
    """An infusion of one row and the one before it of another may be any number of infusions apart."""
    studies: list[Row] = [
        {"study_on": "2024-02-01", "previous_ivig_on": "2024-01-01", "last_ivig_on": "2024-01-22"},
        {"study_on": "2024-06-01", "last_ivig_on": "2024-05-20"},
    ]
    con = built(tmp_path, studies=studies, wanted="core_ivig_course")
    assert con.execute("SELECT ivig_interval_days, ivig_effect_days FROM core_ivig_course").fetchall() == [(21, None)]


@pytest.mark.parametrize("fact_id", sorted(NEVER))
def test_what_nothing_on_record_can_answer_says_why(fact_id: str, con: duckdb.DuckDBPyConnection) -> None:
    outcome, observed, n, code, reason = fact(con, fact_id, "outcome, observed, n, reason_code, reason")
    assert (outcome, observed, n) == ("not_observable", None, 0)
    assert reason == MESSAGES[code].meaning


def test_an_association_is_shown_beside_and_never_claimed(con: duckdb.DuckDBPyConnection) -> None:
    """Rates of other labels are there to read; the patients were referred for the test and are no controls."""
    assert fact(con, "R2", "outcome, observed, beside") == (
        "not_observable", None, "Positive among patients with other labels: ALS 0 of 1."
    )  # fmt: skip


def test_an_empty_cohort_shows_nothing_and_every_statement_says_so(tmp_path: Path) -> None:
    con = built(tmp_path)
    assert column(con, "SELECT fact_id FROM mart_reference_fact WHERE outcome = 'observed' OR reason IS NULL") == []
    assert column(con, "SELECT count(*) FROM mart_reference_fact") == [len(STATED)]


def test_prevalence_needs_a_catchment(con: duckdb.DuckDBPyConnection) -> None:
    for fact_id in ("R3", "R3'"):
        assert fact(con, fact_id, "outcome, reason_code, inhabitants") == ("not_observable", "no_catchment", None)


def test_without_a_labelled_patient_there_is_no_prevalence_of_nought(tmp_path: Path) -> None:
    """A warehouse of results alone, before any study row has come, says nothing of how frequent the disease is."""
    site_rule(tmp_path, "catchments.csv", CATCHMENT)
    con = built(tmp_path, [{}])
    assert fact(con, "R3", "outcome, observed, n, reason_code") == ("not_observable", None, 0, "no_catchment")


def test_prevalence_counts_every_label_definite_or_probable(tmp_path: Path) -> None:
    """Six of the cohort and one whose label rests on the antibody, in a million: 0.7 per 100,000, exact Poisson interval."""
    site_rule(tmp_path, "catchments.csv", CATCHMENT)
    con = built(tmp_path, titres=TITRES, studies=[*COHORT, *OUTSIDE], wanted="mart_reference_fact")
    observed, n, inhabitants, low, high, words = fact(con, "R3", "observed, n, inhabitants, ci_low, ci_high, beside")
    assert (n, inhabitants) == (7, 1_000_000)
    assert observed == pytest.approx(0.7)
    # half the quantiles of chi-squared with 14 and 16 degrees of freedom, from a printed table
    assert (low, high) == pytest.approx((0.28144, 1.44227), abs=0.00002)
    assert "Where patients live is in no export" in words


@pytest.mark.parametrize(
    ("n_cases", "low", "high"),
    [(0, 0.0, 3.68888), (1, 0.02532, 5.57164), (5, 1.62349, 11.66833), (10, 4.79539, 18.39036)],
)
def test_the_exact_poisson_interval(n_cases: int, low: float, high: float) -> None:
    """The classical table of exact limits for a count, 95 %."""
    assert rate_interval(n_cases, 1, 1) == pytest.approx((low, high), abs=0.00001)
    assert rate_interval(n_cases, 200_000, 100_000) == pytest.approx((low / 2, high / 2), abs=0.00001)


def test_prevalence_among_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="among 0 people"):
        rate_interval(1, 0, 100_000)


def test_every_statement_of_both_documents_is_there_with_its_line(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("SELECT fact_id, source_id, source_line FROM mart_reference_fact").fetchall()
    assert {name: (source, line) for name, source, line in rows} == STATED


def test_statements_are_in_our_words_and_cite_their_document(con: duckdb.DuckDBPyConnection) -> None:
    assert column(con, "SELECT fact_id FROM mart_reference_fact WHERE source_document IS NULL OR statement = ''") == []
    differs = column(con, "SELECT fact_id FROM mart_reference_fact WHERE note IS NOT NULL")
    # where published work says something else than the document
    assert {"R1", "R3", "R4", "R5", "R11"} <= set(differs)


def test_no_check_reads_a_statement() -> None:
    """No expectation names a statement, its table of rules or its windows: a document accepts and refuses no row."""
    for file in resources.EXPECTATIONS_DIR.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "rule_reference_fact" not in text, file.name
        assert file.stem == "mart_reference_fact" or "mart_reference_fact" not in text, file.name
        for checked in ("published_low", "published_high"):
            assert file.stem in ("mart_positive_rate", "mart_published_cohort") or checked not in text, (
                file.name,
                checked,
            )


def test_no_row_is_rejected_for_what_a_document_says() -> None:
    """Checks refer to numbers by rule; the rules they refer to are plausibility windows."""
    windows = set(rulebook.load([resources.RULES_DIR]).tables["rule_plausible"]["rule_id"])
    assert not windows & set(STATED)
    text = (resources.EXPECTATIONS_DIR / "ncs_study.yaml").read_text(encoding="utf-8")
    for number in ("14", "21", "35", "42", "50", "60", "75"):
        assert f"min_value: {number}" not in text
        assert f"max_value: {number}" not in text


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([CATCHMENT, {**CATCHMENT, "catchment_id": "south"}], "are all active"),
        ([{**CATCHMENT, "inhabitants": "0"}], "expected somebody to live there"),
        ([{**CATCHMENT, "state": "on"}], "state must be one of active, draft"),
    ],
)
def test_an_unsound_catchment_is_refused(rows: list[dict[str, str]], says: str, tmp_path: Path) -> None:
    site_rule(tmp_path, "catchments.csv", *rows)
    with pytest.raises(RulebookUnsound, match=says):
        rulebook.load([resources.RULES_DIR, tmp_path / "rules"])


def test_several_catchments_may_be_kept_as_drafts(tmp_path: Path) -> None:
    site_rule(tmp_path, "catchments.csv", CATCHMENT, {**CATCHMENT, "catchment_id": "south", "state": "draft"})
    assert len(rulebook.load([resources.RULES_DIR, tmp_path / "rules"]).tables["rule_catchment"]) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"observed_by": "onset_agee"}, "observed_by must be one of"),
        ({"observed_by": "onset_age", "window_low": "", "window_high": ""}, "are counted inside a window"),
        ({"observed_by": "men"}, "are counted inside a window"),
        ({"observed_by": "prevalence", "window_low": "", "window_high": ""}, "a prevalence needs it"),
        ({"reason_code": "nobody_knows"}, "not in the catalogue of messages"),
        ({"observed_by": "", "window_low": "", "window_high": "", "reason_code": ""}, "states neither"),
    ],
)
def test_a_statement_nobody_could_observe_is_refused(change: dict[str, str], says: str, tmp_path: Path) -> None:
    row = {"fact_id": "S1", "quantity": "q", "unit": "fraction", "statement": "s", "source_id": "DEMO", "source_locator": "t",
           "observed_by": "onset_age", "window_low": "20", "window_high": "30", "reason_code": "onset_age_not_recorded"}  # fmt: skip
    site_rule(tmp_path, "reference_facts.csv", {**row, **change})
    with pytest.raises(RulebookUnsound, match=says):
        rulebook.load([resources.RULES_DIR, tmp_path / "rules"])
