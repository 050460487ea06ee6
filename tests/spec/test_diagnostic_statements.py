"""The five diagnostic statements, what the data support, and where that disagrees with the stated diagnosis.

A stated diagnosis is kept as it was stated. The statements stand beside it, and nothing here moves a patient. Each case is a
patient of one warehouse.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import STUDY, TITRE, Row, built, column

from pipeline import resources, rulebook

from .nerve_cases import pair, site_rule
from .test_nerve_study import both_arms

SIGNS: Row = {"purely_motor": "yes", "umn_signs": "no", "bulbar_signs": "no", "sensory_signs": "no"}
BLOCK = pair({"area_mv_ms": "12", "amplitude_mv": "4"})
PROBABLE = pair({"area_mv_ms": "21"})
PROBABLE_RIGHT = pair({"area_mv_ms": "21"}, side="R")
SLOW = pair({"area_mv_ms": "29", "amplitude_mv": "9.7", "latency_ms": "11.5", "distance_mm": "220"})
EVEN = pair({"area_mv_ms": "29", "amplitude_mv": "9.7", "distance_mm": "220"})
NO_AREA = pair({"area_mv_ms": None})
FIVE = ("purely_motor", "no_umn_signs", "no_bulbar_signs", "no_sensory_deficit", "focal_block_or_slowing")


def sensory(nerve: str = "median", side: str = "L", amplitude: str = "30", velocity: str = "60") -> list[Row]:
    """Sensory conduction of a forearm, normal unless said otherwise."""
    common = {
        "study_kind": "sensory",
        "nerve": nerve,
        "side": side,
        "muscle": None,
        "area_mv_ms": None,
        "amplitude_mv": None,
    }
    return [
        {**common, "site": "wrist", "snap_amplitude_uv": amplitude, "velocity_m_per_s": velocity},
        {**common, "site": "elbow", "snap_amplitude_uv": amplitude, "velocity_m_per_s": velocity},
    ]


@dataclass(frozen=True)
class Case:
    """A patient: what is shown, the study row and the recordings, and what must come of them."""

    says: str
    study: Row
    sites: Iterable[Row]
    expected: Any

    def __str__(self) -> str:
        return self.says


# A sign is read as it was stated, and no other statement follows from it.
SIGN_CASES = [
    Case(f"{field.replace('_', ' ')} {said or 'left blank'}", {field: said}, (), (statement, outcome))
    for statement, field, met, not_met in (
        ("purely_motor", "purely_motor", "yes", "no"), ("no_umn_signs", "umn_signs", "no", "yes"),
        ("no_bulbar_signs", "bulbar_signs", "no", "yes"), ("no_sensory_deficit", "sensory_signs", "no", "yes"),
    )
    for said, outcome in ((met, "met"), (not_met, "not_met"), ("unknown", "not_recorded"), (None, "not_recorded"))
]  # fmt: skip
# Block or slowing is read from nerve conduction alone.
CONDUCTION_CASES = [
    Case("a definite block, whatever else was tested", {}, BLOCK, ("met", "block: median L wrist-elbow definite")),
    Case("a probable block", {}, PROBABLE, ("met", "block: median L wrist-elbow probable")),
    Case("slowing without block", {}, SLOW, ("met", "slowed: median L wrist-elbow")),
    Case("an adequate study without block or slowing", {}, both_arms(),
         ("not_met", "adequate study, 8 segments without block, 0 velocities without slowing")),
    Case("an adequate study without block, and one segment slowed", {}, both_arms(elbow={"distance_mm": "100"}),
         ("met", "slowed: median L wrist-elbow")),
    Case("one even forearm says nothing of the other nerves", {}, EVEN,
         ("not_recorded", "no block in 1 segments, too few to say that there is none")),
    Case("areas missing", {}, NO_AREA, ("not_recorded", "no segment could be assessed")),
    Case("never examined", {}, (), ("not_recorded", "no motor study in use")),
]  # fmt: skip
# Several study rows of one patient and one day, all in use because their labels agree.
SAME_DAY_CASES = [
    pytest.param([{"umn_signs": "yes"}, {"umn_signs": "no"}], "not_recorded", "2 study rows of 2024-03-01, which disagree",
                 id="one says yes, the other no: neither is believed"),
    pytest.param([{"umn_signs": "no"}, {"umn_signs": "no"}], "met", "2 study rows of 2024-03-01: no", id="both say no"),
    pytest.param([{"umn_signs": "no"}, {"umn_signs": "unknown"}], "met", "2 study rows of 2024-03-01: no",
                 id="one says no, the other that it is unknown"),
    pytest.param([{"umn_signs": "no"}, {}], "met", "2 study rows of 2024-03-01: no", id="one says no, the other nothing"),
    pytest.param([{}, {}], "not_recorded", "2 study rows of 2024-03-01: not stated", id="neither says anything"),
    pytest.param([{"umn_signs": "yes"}, {"umn_signs": "no", "study_on": "2024-02-29"}], "not_met",
                 "study row of 2024-03-01: yes", id="a row of the day before is no longer read"),
]  # fmt: skip
SUPPORT_CASES = [
    Case("all five met", SIGNS, BLOCK, "supported"),
    Case("four met, block not recorded", SIGNS, EVEN, "incomplete"),
    Case("one unknown", {**SIGNS, "umn_signs": "unknown"}, BLOCK, "incomplete"),
    Case("nothing recorded supports nothing and contradicts nothing", {}, (), "incomplete"),
    Case("one not met", {**SIGNS, "bulbar_signs": "yes"}, BLOCK, "contradicted"),
    Case("one not met, the others not recorded", {"bulbar_signs": "yes"}, (), "contradicted"),
    Case("an adequate study without block", SIGNS, both_arms(), "contradicted"),
]
# What nerve conduction supports by itself, and in how many nerves.
CATEGORY_CASES = [
    Case("definite block in one nerve, sensory fibres spared there", {}, [*BLOCK, *sensory()], ("definite", 1)),
    Case("sensory fibres not spared", {}, [*BLOCK, *sensory(amplitude="3")], ("block_below_category", 0)),
    Case("sensory fibres not recorded", {}, BLOCK, ("block_below_category", 0)),
    Case("probable block in one nerve is too few", {}, [*PROBABLE, *sensory()], ("block_below_category", 1)),
    Case("probable block in two nerves, both spared", {},
         [*PROBABLE, *sensory(), *PROBABLE_RIGHT, *sensory(side="R")], ("probable", 2)),
    Case("probable block in two nerves, one of them not spared", {},
         [*PROBABLE, *sensory(), *PROBABLE_RIGHT, *sensory(side="R", velocity="40")], ("block_below_category", 1)),
    Case("definite in one nerve comes before block in two", {},
         [*BLOCK, *sensory(), *PROBABLE_RIGHT, *sensory(side="R")], ("definite", 2)),
    Case("no block, enough tested", {}, both_arms(), ("none_in_adequate_study", 0)),
    Case("no block, too little tested", {}, EVEN, ("incomplete", 0)),
    Case("areas missing, so nothing to judge", {}, NO_AREA, ("not_assessable", 0)),
    Case("no exam at all", {}, (), ("not_studied", 0)),
]  # fmt: skip
FINDING_CASES = [
    Case("definite, and an adequate study without block: two findings", SIGNS, both_arms(),
         [("contradicted_by_statement", "focal_block_or_slowing"), ("definite_without_block", None)]),
    Case("probable, and the same study: it never promised definite", {**SIGNS, "certainty": "probable"}, both_arms(),
         [("contradicted_by_statement", "focal_block_or_slowing")]),
    Case("definite without block in too small a study: nothing is known", SIGNS, EVEN, []),
    Case("probable with bulbar signs", {"bulbar_signs": "yes", "certainty": "probable"}, (),
         [("contradicted_by_statement", "no_bulbar_signs")]),
    Case("each statement that is not met is one", {"bulbar_signs": "yes", "umn_signs": "yes"}, (),
         [("contradicted_by_statement", "no_bulbar_signs"), ("contradicted_by_statement", "no_umn_signs")]),
    Case("a label that rests on the antibody is looked at as well",
         {"bulbar_signs": "yes", "label_rests_on_anti_gm1": "yes"}, (), [("contradicted_by_statement", "no_bulbar_signs")]),
    Case("possible promises nothing", {"bulbar_signs": "yes", "certainty": "possible"}, (), []),
    Case("another label may have the signs", {"bulbar_signs": "yes", "diagnosis": "ALS", "certainty": None}, (), []),
    Case("unknown contradicts nothing", {"bulbar_signs": "unknown"}, (), []),
    Case("no deficit on examination, abnormal conduction", SIGNS, [*EVEN, *sensory(amplitude="3")],
         [("sensory_conduction_abnormal", None)]),
    Case("a deficit on examination and abnormal conduction agree", {**SIGNS, "sensory_signs": "yes"},
         [*EVEN, *sensory(amplitude="3")], [("contradicted_by_statement", "no_sensory_deficit")]),
]  # fmt: skip
CASES = [*SIGN_CASES, *CONDUCTION_CASES, *SUPPORT_CASES, *CATEGORY_CASES, *FINDING_CASES]


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """One warehouse: each case a patient, each tested once and positive."""
    assert len({str(case) for case in CASES}) == len(CASES)
    return built(
        tmp_path_factory.mktemp("statements"),
        titres=[{"patient_key": str(case), "accession": f"A{number}"} for number, case in enumerate(CASES)],
        studies=[{**case.study, "patient_key": str(case)} for case in CASES],
        sites=[{**row, "patient_key": str(case)} for case in CASES for row in case.sites],
    )


def asked(
    con: duckdb.DuckDBPyConnection, case: Case, columns: str, table: str = "mart_patient", more: str = ""
) -> list[Any]:
    """These columns of the rows of one case."""
    return con.execute(
        f"SELECT {columns} FROM {table} WHERE patient_key = ? {more} ORDER BY ALL", [str(case)]
    ).fetchall()


@pytest.mark.parametrize("case", SIGN_CASES, ids=str)
def test_a_sign_is_read_as_it_was_stated(case: Case, everybody: duckdb.DuckDBPyConnection) -> None:
    statement, outcome = case.expected
    found = dict(asked(everybody, case, "statement_id, outcome", "mart_diagnostic_statement"))
    assert found == {**dict.fromkeys(FIVE, "not_recorded"), statement: outcome}


@pytest.mark.parametrize("case", CONDUCTION_CASES, ids=str)
def test_block_or_slowing_is_read_from_nerve_conduction(case: Case, everybody: duckdb.DuckDBPyConnection) -> None:
    found = asked(everybody, case, "outcome, evidence", "mart_diagnostic_statement", f"AND statement_id = '{FIVE[4]}'")
    assert found == [case.expected]


@pytest.mark.parametrize("case", SUPPORT_CASES, ids=str)
def test_what_the_data_support(case: Case, everybody: duckdb.DuckDBPyConnection) -> None:
    assert asked(everybody, case, "data_support") == [(case.expected,)]


@pytest.mark.parametrize("case", CATEGORY_CASES, ids=str)
def test_what_nerve_conduction_supports_by_itself(case: Case, everybody: duckdb.DuckDBPyConnection) -> None:
    assert asked(everybody, case, "electrodiagnostic_support, n_block_nerves_sensory_spared") == [case.expected]


@pytest.mark.parametrize("case", FINDING_CASES, ids=str)
def test_a_disagreement_is_a_finding(case: Case, everybody: duckdb.DuckDBPyConnection) -> None:
    assert asked(everybody, case, "finding_id, statement_id", "mart_diagnosis_finding") == case.expected


def test_sensory_signs_and_sensory_conduction_are_kept_apart(everybody: duckdb.DuckDBPyConnection) -> None:
    """No deficit on examination and abnormal conduction: the statement about the deficit is met all the same."""
    case = next(c for c in FINDING_CASES if c.says.startswith("no deficit"))
    assert asked(everybody, case, "sensory_signs, sensory_conduction") == [("no", "abnormal")]
    found = dict(asked(everybody, case, "statement_id, outcome", "mart_diagnostic_statement"))
    assert found["no_sensory_deficit"] == "met"


def test_nothing_moves_a_patient_or_a_label(everybody: duckdb.DuckDBPyConnection) -> None:
    """Diagnosis and certainty are those of the study rows; absence of block and contradictions leave the cohort whole."""
    stated = sorted((str(c), *(c.study.get(name, STUDY[name]) for name in ("diagnosis", "certainty"))) for c in CASES)
    found = everybody.execute(
        "SELECT patient_key, diagnosis, certainty FROM mart_patient ORDER BY patient_key"
    ).fetchall()
    assert found == stated
    of_cohort = [
        c for c in CASES
        if c.study.get("diagnosis", "MMN") == "MMN" and c.study.get("certainty", "definite") != "possible"
        and c.study.get("label_rests_on_anti_gm1", "no") == "no"
    ]  # fmt: skip
    headline = everybody.execute("""
        SELECT n_tested, n_positive FROM mart_positive_rate
        WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'all'""").fetchone()
    assert headline == (len(of_cohort), len(of_cohort))


def test_the_latest_used_study_row_decides(tmp_path: Path) -> None:
    studies = [{"umn_signs": "yes", "study_on": "2024-05-01"}, {"umn_signs": "no", "study_on": "2025-05-01"}]
    con = built(tmp_path, studies=studies, wanted="mart_diagnostic_statement")
    found = con.execute("""
        SELECT outcome, evidence, row_id FROM mart_diagnostic_statement WHERE statement_id = 'no_umn_signs'""").fetchall()
    assert found == [("met", "study row of 2025-05-01: no", 1001)]


def test_versions_that_differ_in_a_sign_wait_for_a_person(tmp_path: Path) -> None:
    """Two rows of one study and day, of which one says purely motor and one does not: neither is believed."""
    studies = [{"study_id": "S1", "purely_motor": said} for said in ("yes", "no")]
    con = built(tmp_path, studies=studies, wanted="core_study_fate")
    assert set(column(con, "SELECT disposition FROM core_study_fate")) == {"held"}


def test_everybody_has_all_five_also_whom_nobody_labelled(tmp_path: Path) -> None:
    con = built(tmp_path, titres=[{"patient_key": "p8"}], sites=[{**row, "patient_key": "p9"} for row in BLOCK])
    found = {
        patient: dict(con.execute(
            "SELECT statement_id, outcome FROM mart_diagnostic_statement WHERE patient_key = ?", [patient]).fetchall())
        for patient in ("p8", "p9")
    }  # fmt: skip
    assert found["p8"] == dict.fromkeys(FIVE, "not_recorded")
    assert found["p9"] == {**dict.fromkeys(FIVE, "not_recorded"), "focal_block_or_slowing": "met"}


def test_the_antibody_supports_nothing(tmp_path: Path) -> None:
    """Positive, negative or never tested: the statements and what nerve conduction supports are the same."""
    people = [{**STUDY, **SIGNS, "patient_key": p} for p in ("positive", "negative", "untested")]
    titres = [
        {**TITRE, "patient_key": p, "accession": p, "value": value}
        for p, value in (("positive", 6400), ("negative", 100))
    ]
    con = built(tmp_path, titres=titres, studies=people)
    assert column(con, "SELECT count(DISTINCT interpretation) FROM mart_patient") == [2]
    found = con.execute(
        "SELECT DISTINCT data_support, electrodiagnostic_support, n_statements_met FROM mart_patient"
    ).fetchall()
    assert found == [("incomplete", "not_studied", 4)]


def test_labels_by_whether_they_rest_on_the_antibody(tmp_path: Path) -> None:
    """Known not to, and not known, are strata without verdict; known to is outside the cohort."""
    rests = {"a": "no", "b": "no", "c": "unknown", "d": None, "e": "yes"}
    con = built(
        tmp_path,
        titres=[{"patient_key": p, "accession": p, "value": 100 if p == "b" else 6400} for p in rests],
        studies=[{"patient_key": p, "label_rests_on_anti_gm1": said} for p, said in rests.items()],
    )
    rows = con.execute("""
        SELECT stratum_value, n_positive, n_tested, verdict, published_low FROM mart_positive_rate
        WHERE stratum = 'label_rests_on_anti_gm1' ORDER BY stratum_value""").fetchall()
    assert rows == [("no", 1, 2, None, None), ("unknown", 2, 2, None, None)]
    outside = con.execute(
        "SELECT patient_key FROM mart_patient WHERE flow_class = 'label_rests_on_anti_gm1'"
    ).fetchall()
    assert outside == [("e",)]


def test_the_statements_are_rules_with_their_source() -> None:
    rows = rulebook.load([resources.RULES_DIR]).tables["rule_diagnostic_statement"]
    assert list(rows.sort_values("position")["statement_id"]) == list(FIVE)
    assert set(rows["source_id"]) == {"DOCUMENT_A"}
    assert set(rows["source_locator"]) == {"lines 13-18"}


def test_a_category_that_lets_the_antibody_in_does_not_ship() -> None:
    rows = rulebook.load([resources.RULES_DIR]).tables["rule_diagnostic_category"]
    assert {(r["category"], r["counts_block"], int(r["nerves_at_or_above"])) for r in rows.to_dict("records")} == {
        ("definite", "definite", 1), ("probable", "definite or probable", 2)
    }  # fmt: skip


def test_a_site_can_ask_for_more_nerves(tmp_path: Path) -> None:
    site_rule(tmp_path, "diagnostic_categories.csv", {
        "category_id": "EFNS_PNS_2010.definite", "criteria_set": "EFNS_PNS_2010", "category": "definite", "position": "1",
        "counts_block": "definite", "nerves_at_or_above": "2", "state": "active", "source_id": "DEMO", "source_locator": "test",
    })  # fmt: skip
    con = built(tmp_path, studies=[STUDY], sites=[*BLOCK, *sensory()])
    assert column(con, "SELECT electrodiagnostic_support FROM mart_patient") == ["block_below_category"]


@pytest.mark.parametrize(("rows", "outcome", "evidence"), SAME_DAY_CASES)
@pytest.mark.parametrize("turned", [False, True], ids=["as sent", "in the other order"])
def test_rows_of_one_day_that_disagree_record_nothing(
    rows: list[Row], outcome: str, evidence: str, turned: bool, tmp_path: Path
) -> None:
    """Which of two rows stands first in a file, or which file came first, decides no statement."""
    studies = [{"study_on": "2024-03-01", "study_id": f"S{n}", **row} for n, row in enumerate(rows)]
    con = built(tmp_path, [{}], studies[::-1] if turned else studies)
    found = con.execute(
        "SELECT outcome, evidence FROM mart_diagnostic_statement WHERE statement_id = 'no_umn_signs'"
    ).fetchall()
    assert found == [(outcome, evidence)]


@pytest.mark.parametrize("turned", [False, True], ids=["as sent", "in the other order"])
def test_rows_of_one_day_that_disagree_about_a_number_give_none(turned: bool, tmp_path: Path) -> None:
    common = {"study_on": "2024-03-01", "last_ivig_on": "2024-02-01", "birth_year": 1970}
    studies: list[Row] = [
        {**common, "study_id": "S1", "sex": "M", "onset_age": 40, "previous_ivig_on": "2024-01-10"},
        {**common, "study_id": "S2", "sex": "F", "onset_age": 50, "previous_ivig_on": "2024-01-11"},
    ]
    con = built(tmp_path, [{}], studies[::-1] if turned else studies)
    found = con.execute("SELECT sex, onset_age, birth_year, ivig_interval_days FROM mart_patient").fetchall()
    assert found == [(None, None, 1970, None)]
