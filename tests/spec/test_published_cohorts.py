"""Published cohorts put through the pipeline: the same patients give the rate that the paper states.

For each cohort whose counts its source states, as many patients are landed as the paper tested, of whom as many are positive
by the cut-off of an invented laboratory. The pipeline then has to find the paper's numbers by itself: how many were tested,
how many were positive, the rate to the digits the paper prints, and the interval. A draft (a percentage without its counts, a
count reckoned back from one, a number from memory) is shown and counted nowhere.

The second part holds the arithmetic of every rate: the Wilson 95 % interval to five decimals, and what it says against the
published 30 to 80 %. The verdict is of the interval, never of the rate alone, and both ends of the range belong to it.
"""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import Row, built, cutoff

from pipeline import resources, statistics
from pipeline.warehouse import models

COHORTS = list(csv.DictReader((resources.RULES_DIR / "published_cohorts.csv").read_text(encoding="utf-8").splitlines()))
ACTIVE = [row for row in COHORTS if row["state"] == "active"]
DRAFTS = [row for row in COHORTS if row["state"] == "draft"]
PUBLISHED = (0.30, 0.80, 14)
# the analytes that the pipeline keeps as strata of their own; a paper's "either of two" is no test of one analyte
STRATA = ("GM1", "GM1:GalC")


def landed(folder: Path, n_tested: int, n_positive: int, wanted: str, label: str = "MMN", **test: str) -> Any:
    """Patients p0, p1, … of which the first `n_positive` are at the cut-off and all others just below it."""
    rules = [cutoff("negative", below=800, **test), cutoff("positive", at_or_above=800, **test)]
    titres: list[Row] = [
        {**test, "patient_key": f"p{n}", "accession": f"A{n}", "value": 800 if n < n_positive else 799}
        for n in range(n_tested)
    ]
    studies: list[Row] = [{"patient_key": f"p{n}", "diagnosis": label} for n in range(n_tested)]
    return built(folder, titres, studies, cutoffs_used=rules, wanted=wanted)


def named(row: Row) -> str:
    """A cohort in a reader's words."""
    year = f" {row['year']}" if row["year"] else ""
    return f"{row['study']}{year}, {row['population']}, {row['isotype']} {row['analyte']}, {row['assay']}"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the warehouse says of every published cohort."""
    con = built(tmp_path_factory.mktemp("cohorts"), wanted="mart_published_cohort")
    return {row["cohort_id"]: row for row in con.execute("SELECT * FROM mart_published_cohort").df().to_dict("records")}


def headline(con: duckdb.DuckDBPyConnection, population: str) -> dict[str, Any]:
    query = """SELECT n_tested, n_positive, rate, ci_low, ci_high, verdict FROM mart_positive_rate
        WHERE analysis = 'primary' AND stratum = 'all' AND population = ?"""
    names = ("n_tested", "n_positive", "rate", "ci_low", "ci_high", "verdict")
    (row,) = con.execute(query, [population]).fetchall()
    return dict(zip(names, row, strict=True))


@pytest.mark.parametrize(
    ("cohort_id", "positive", "tested", "stated"),
    [pytest.param(row["cohort_id"], int(row["n_positive"]), int(row["n_tested"]), f"{row['stated_rate_pct']} %", id=named(row))
     for row in ACTIVE],
)  # fmt: skip
def test_the_patients_of_a_published_cohort_give_its_published_rate(
    cohort_id: str, positive: int, tested: int, stated: str, shown: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Every active cohort. Its patients are landed as tested for IgM anti-GM1; a cohort that is not of MMN goes in under
    another label and gets no verdict."""
    row = next(row for row in ACTIVE if row["cohort_id"] == cohort_id)
    label = "MMN" if row["population"] == "MMN" else "other"
    found = headline(landed(tmp_path, tested, positive, "mart_positive_rate", label), label)
    assert (found["n_tested"], found["n_positive"]) == (tested, positive)
    digits = len(stated.removesuffix(" %").partition(".")[2])
    assert f"{100 * found['rate']:.{digits}f} %" == stated
    own = shown[cohort_id]
    assert (found["rate"], found["ci_low"], found["ci_high"]) == (own["rate"], own["ci_low"], own["ci_high"])
    assert (found["verdict"] is None) == (label == "other")


@pytest.mark.parametrize(
    ("cohort_id", "antigen", "isotype"),
    [pytest.param(row["cohort_id"], row["analyte"], row["isotype"], id=named(row)) for row in ACTIVE if row["analyte"] in STRATA],
)  # fmt: skip
def test_a_cohort_by_its_own_analyte_is_a_stratum_of_that_analyte_alone(
    cohort_id: str, antigen: str, isotype: str, shown: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """The same patients, tested for what the paper tested: a complex or an IgG cohort is found in its own stratum, and the
    headline stays empty."""
    own = shown[cohort_id]
    n, k = int(own["n_tested"]), int(own["n_positive"])
    con = landed(tmp_path, n, k, "mart_analyte_rate", antigen=antigen, isotype=isotype)
    rows = con.execute(
        "SELECT antigen, isotype, n_tested, n_positive, ci_low, ci_high FROM mart_analyte_rate"
    ).fetchall()
    assert rows == [(antigen, isotype, n, k, own["ci_low"], own["ci_high"])]
    if (antigen, isotype) != ("GM1", "IgM"):
        query = "SELECT count(*) FROM mart_patient WHERE is_in_primary"
        assert con.execute(query).fetchall() == [(0,)]


def test_one_paper_with_two_rates_shows_both_and_says_why(shown: dict[str, dict[str, Any]]) -> None:
    """Taylor 1996: 10 of 16 with MMN, and 18 of 36 with any motor neuropathy. The second is often quoted as the rate in MMN."""
    mmn, all_motor = shown["taylor_1996.mmn"], shown["taylor_1996.motor_neuropathy"]
    assert (mmn["n_positive"], mmn["n_tested"], mmn["population"]) == (10, 16, "MMN")
    assert (all_motor["n_positive"], all_motor["n_tested"], all_motor["population"]) == (18, 36, "motor neuropathy")
    assert mmn["note"] == all_motor["note"] and "two rates" in mmn["note"]


@pytest.mark.parametrize(
    ("cohort_id", "positive", "tested", "why"),
    [
        pytest.param("nobile_orazio_2014.gm1", 19, 40, "computed", id="19 of 40 is reckoned back from 48 %"),
        pytest.param("cats_2010.gm1", 38, 88, "remembered", id="38 of 88 is from memory"),
        pytest.param("jnd_2015.complex", None, 100, "rate_only", id="81 % of 100 was seen as a percentage only"),
        pytest.param("aotsuka_2024", None, None, "rate_only", id="54 %, and how many of 120 were tested was not seen"),
    ],
)
def test_what_is_not_known_from_the_source_is_a_draft(
    cohort_id: str, positive: int | None, tested: int | None, why: str, shown: dict[str, dict[str, Any]]
) -> None:
    """A draft shows what is known and leaves the rest empty; no count is filled in from a percentage."""
    own = {name: None if value != value else value for name, value in shown[cohort_id].items()}
    assert (own["state"], own["count_basis"], own["n_positive"], own["n_tested"]) == ("draft", why, positive, tested)
    assert own["note"]


def test_no_cohort_is_active_by_a_number_that_was_computed_or_remembered() -> None:
    assert len(ACTIVE) == 12 and len(DRAFTS) > 50
    assert {row["count_basis"] for row in ACTIVE} == {"stated"}
    assert {row["state"] for row in COHORTS if row["source_id"] == "NOT_LOOKED_UP"} == {"draft"}


def test_cohorts_enter_no_other_figure(tmp_path: Path) -> None:
    """Without one landed patient every rate of the pipeline is of nobody, whatever the literature says: no model but that of
    the published cohorts reads them."""
    readers = {m.name for m in models.load_models(resources.SQL_DIR) if "rule_published_cohort" in m.inputs}
    readers |= {m.name for m in models.load_models(resources.SQL_DIR) if "mart_published_cohort" in m.inputs}
    assert readers == {"mart_published_cohort"}
    con = built(tmp_path, wanted="mart_positive_rate")
    assert con.execute("SELECT sum(n_tested) FROM mart_positive_rate").fetchall() == [(0,)]


ARITHMETIC = [
    (22, 33, "0.49608", "0.80250", "inconclusive"),
    (67, 100, "0.57305", "0.75437", "within"),
    (10, 16, "0.38641", "0.81519", "inconclusive"),
    (32, 75, "0.32101", "0.53947", "within"),
    (19, 40, "0.32935", "0.62503", "within"),
    (38, 88, "0.33333", "0.53601", "within"),
    (33, 33, "0.89573", "1.00000", "above"),
    (0, 5, "0.00000", "0.43448", "too_few"),
    (5, 5, "0.56552", "1.00000", "too_few"),
    (5, 10, "0.23659", "0.76341", "too_few"),
    (30, 100, "0.21895", "0.39585", "inconclusive"),
    (0, 100, "0.00000", "0.03699", "below"),
    (8, 14, "0.32591", "0.78619", "within"),
    (7, 13, "0.29144", "0.76794", "too_few"),
    (6, 13, "0.23206", "0.70856", "too_few"),
]


@pytest.mark.parametrize(("positive", "tested", "low", "high", "verdict"), ARITHMETIC)
def test_interval_and_verdict_of_a_count(
    positive: int, tested: int, low: str, high: str, verdict: str, tmp_path: Path
) -> None:
    """By the formula, and once more by landing that many patients: both give the same interval and the same verdict."""
    ends = statistics.interval(positive, tested)
    said = statistics.verdict(tested, *ends, *PUBLISHED)[0]
    assert (f"{ends[0]:.5f}", f"{ends[1]:.5f}", said) == (low, high, verdict)
    found = headline(landed(tmp_path, tested, positive, "mart_positive_rate"), "MMN")
    assert (f"{found['ci_low']:.5f}", f"{found['ci_high']:.5f}", found["verdict"]) == (low, high, verdict)
    assert found["rate"] == positive / tested


def test_fewer_than_14_patients_can_never_lie_within() -> None:
    """8 of 14 is the smallest cohort whose interval fits into the range; with 13 no number of positives does."""
    assert statistics.smallest_n_within(0.30, 0.80) == 14
    low, high = statistics.interval(8, 14)
    assert low >= 0.30 and high <= 0.80
    for positive in range(14):
        low, high = statistics.interval(positive, 13)
        assert not (low >= 0.30 and high <= 0.80)


def test_nobody_tested_is_not_estimable_and_never_0_percent(tmp_path: Path) -> None:
    found = headline(landed(tmp_path, 0, 0, "mart_positive_rate"), "MMN")
    assert found == {
        "n_tested": 0,
        "n_positive": 0,
        "rate": None,
        "ci_low": None,
        "ci_high": None,
        "verdict": "not_estimable",
    }
