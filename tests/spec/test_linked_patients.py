"""One patient over several sites: joined where a crosswalk says so, and nowhere else.

Every identifier is that of one namespace. In each case `p1` and `p2` are the pseudonyms of identifiers that two sites use;
the crosswalk gives identifiers to persons, here `ANNA` and `BERTA`. Without one, each identifier is a patient.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from harness import Row, built

ANNA, BERTA = "pa", "pb"


def link(person: str, patient_key: str, namespace: str = "site/1") -> Row:
    """A row of the crosswalk."""
    return {"person_key": person, "namespace": namespace, "patient_key": patient_key}


BOTH = [link(ANNA, "p1"), link(ANNA, "p2", "other/1")]


def patients(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(patient, population, what the patient counts as) of each patient."""
    return con.execute("SELECT patient_key, population, interpretation FROM mart_patient ORDER BY ALL").fetchall()


def counts(con: duckdb.DuckDBPyConnection, direction: str) -> dict[str, int]:
    found = con.execute("SELECT outcome, n FROM mart_crosswalk WHERE direction = ?", [direction]).fetchall()
    return dict(found)


# --- Who is one patient -----------------------------------------------------------------------------------------------------


def test_without_a_crosswalk_a_label_and_a_result_of_two_sites_do_not_meet(tmp_path: Path) -> None:
    con = built(tmp_path, [{"patient_key": "p1"}], [{"patient_key": "p2"}])
    assert patients(con) == [("p1", None, "positive"), ("p2", "MMN", None)]


def test_with_one_they_are_one_tested_patient(tmp_path: Path) -> None:
    con = built(tmp_path, [{"patient_key": "p1"}], [{"patient_key": "p2"}], crosswalk=BOTH)
    assert patients(con) == [(ANNA, "MMN", "positive")]
    assert con.execute("SELECT patient_key, sent_patient_key FROM mart_result").fetchall() == [(ANNA, "p1")]


def test_the_key_of_a_person_does_not_depend_on_the_identifiers_given(tmp_path: Path) -> None:
    """A person with one identifier has the key of the person, too: a later crosswalk with a second one changes nothing."""
    con = built(tmp_path, [{"patient_key": "p1"}], crosswalk=[link(ANNA, "p1")])
    assert patients(con) == [(ANNA, None, "positive")]


def test_an_identifier_under_two_persons_is_joined_to_neither(tmp_path: Path) -> None:
    links = [*BOTH, link(BERTA, "p2", "other/1")]
    con = built(tmp_path, [{"patient_key": "p1"}], [{"patient_key": "p2"}], crosswalk=links)
    assert patients(con) == [("p2", "MMN", None), (ANNA, None, "positive")]


def test_two_identifiers_of_one_namespace_are_joined_because_the_file_says_so(tmp_path: Path) -> None:
    con = built(
        tmp_path, [{"patient_key": "p1"}], [{"patient_key": "p2"}], crosswalk=[link(ANNA, "p1"), link(ANNA, "p2")]
    )
    assert patients(con) == [(ANNA, "MMN", "positive")]
    assert counts(con, "persons_in_detail")["several_identifiers_in_one_namespace"] == 1


# --- What works on joined patients ------------------------------------------------------------------------------------------


def test_one_accession_exported_by_two_sites_is_one_result(tmp_path: Path) -> None:
    """The reference laboratory's result comes back through two hospitals, each with its own identifier of the patient."""
    twice = [{"patient_key": "p1", "sending_lab": "north"}, {"patient_key": "p2", "sending_lab": "south", "arrival": 2}]
    con = built(tmp_path, twice, crosswalk=BOTH)
    assert con.execute("SELECT disposition FROM mart_result ORDER BY row_id").fetchall() == [("used",), ("duplicate",)]
    assert con.execute("SELECT n_results FROM mart_patient").fetchall() == [(1,)]


def test_without_a_crosswalk_neither_of_the_two_counts(tmp_path: Path) -> None:
    twice = [{"patient_key": "p1", "sending_lab": "north"}, {"patient_key": "p2", "sending_lab": "south", "arrival": 2}]
    con = built(tmp_path, twice)
    assert con.execute("SELECT DISTINCT disposition, reason_code FROM mart_result").fetchall() == [
        ("held", "accession_under_two_patients")
    ]


def test_the_earliest_result_is_chosen_over_all_sites(tmp_path: Path) -> None:
    titres = [
        {"patient_key": "p1", "accession": "A1", "collected_on": "2025-03-01"},
        {"patient_key": "p2", "accession": "B1", "collected_on": "2025-01-01", "value": 100},
    ]
    con = built(tmp_path, titres, [{"patient_key": "p1"}], crosswalk=BOTH)
    assert patients(con) == [(ANNA, "MMN", "negative")]


def test_labels_of_two_sites_that_disagree_on_one_day_wait(tmp_path: Path) -> None:
    studies = [
        {"patient_key": "p1"},
        {"patient_key": "p2", "sending_lab": "other", "diagnosis": "ALS", "certainty": None},
    ]
    con = built(tmp_path, [], studies, crosswalk=BOTH)
    assert con.execute("SELECT patient_key, flow_class FROM mart_patient").fetchall() == [(ANNA, "study_row_held")]


def test_treatment_known_to_one_site_times_the_sample_of_the_other(tmp_path: Path) -> None:
    studies = [{"patient_key": "p2", "first_ivig_on": "2025-01-01", "last_ivig_on": "2025-01-01"}]
    con = built(tmp_path, [{"patient_key": "p1", "collected_on": "2025-01-10"}], studies, crosswalk=BOTH)
    assert con.execute("SELECT ivig_timing, days_since_ivig FROM mart_result").fetchall() == [
        ("on_treatment_within_42", 9)
    ]


def test_nerve_sites_of_one_exam_stay_with_their_sender(tmp_path: Path) -> None:
    """Joining patients pairs no site of one hospital with a site of another."""
    sites = [{"patient_key": "p1", "site": "wrist"},
             {"patient_key": "p2", "site": "elbow", "sending_lab": "other", "latency_ms": "8"}]  # fmt: skip
    con = built(tmp_path, sites=sites, crosswalk=BOTH)
    assert con.execute("SELECT patient_key FROM mart_patient").fetchall() == [(ANNA,)]
    assert con.execute("SELECT count(*) FROM mart_conduction_block").fetchall() == [(0,)]


# --- Counted from both sides ------------------------------------------------------------------------------------------------


def test_what_the_crosswalk_does_with_the_identifiers_of_the_records(tmp_path: Path) -> None:
    titres = [{"patient_key": key, "accession": key} for key in ("p1", "p2", "p3", "p4")]
    links = [*BOTH, link(ANNA, "p3"), link(BERTA, "p3"), link(BERTA, "p9")]
    con = built(tmp_path, titres, crosswalk=links)
    assert counts(con, "identifiers_of_records") == {"matched": 2, "not_listed": 1, "ambiguous": 1}


def test_what_the_records_do_with_the_persons_of_the_crosswalk(tmp_path: Path) -> None:
    """Found by one identifier of their own; not found; or known only by an identifier they share."""
    links = [*BOTH, link(BERTA, "p3"), link("pc", "p3"), link("pd", "p9")]
    con = built(tmp_path, [{"patient_key": "p1"}, {"patient_key": "p3", "accession": "A3"}], crosswalk=links)
    assert counts(con, "persons_of_crosswalk") == {"found": 1, "not_found": 1, "ambiguous": 2}
    assert counts(con, "persons_in_detail") == {
        "joined_from_several_identifiers": 0, "several_identifiers_in_one_namespace": 0,
    }  # fmt: skip


def test_a_control_is_nobody_and_is_not_counted(tmp_path: Path) -> None:
    control = {"patient_key": "p9", "intake_disposition": "excluded", "intake_reason": "control"}
    con = built(tmp_path, [{"patient_key": "p1"}, control], crosswalk=[link(BERTA, "p9")])
    assert counts(con, "identifiers_of_records") == {"matched": 0, "not_listed": 1, "ambiguous": 0}
    assert counts(con, "persons_of_crosswalk") == {"found": 0, "not_found": 1, "ambiguous": 0}


def test_without_a_crosswalk_every_outcome_is_there(tmp_path: Path) -> None:
    con = built(tmp_path, [{}], [{}], [{}])
    assert counts(con, "identifiers_of_records") == {"matched": 0, "not_listed": 1, "ambiguous": 0}
    assert counts(con, "persons_of_crosswalk") == {"found": 0, "not_found": 0, "ambiguous": 0}


def test_no_row_is_gained_or_lost_however_often_a_person_is_listed(tmp_path: Path) -> None:
    links = [*BOTH, *BOTH, link(BERTA, "p1"), link(ANNA, "p1", "third/1")]
    nobody = {"patient_key": None, "intake_disposition": "rejected", "intake_reason": "x"}
    con = built(tmp_path, [{}, {"patient_key": "p2"}, nobody], [{}, {}], [{}], crosswalk=links)
    assert counts(con, "rows_gained_by_link") == {"titre": 0, "ncs_study": 0, "ncs_site": 0}


# --- What did not meet ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True], ids=["apart", "joined"])
def test_what_did_not_meet_is_counted_from_every_side(linked: bool, tmp_path: Path) -> None:
    con = built(tmp_path, [{"patient_key": "p1"}], [{"patient_key": "p2"}], [{"patient_key": "p4"}],
                crosswalk=BOTH if linked else [])  # fmt: skip
    found = con.execute("SELECT label, n_patients FROM mart_join_audit WHERE n_patients > 0 ORDER BY label").fetchall()
    apart = [("nerve sites only", 1), ("results only", 1), ("study only", 1)]
    assert found == ([("nerve sites only", 1), ("study and results, no nerve sites", 1)] if linked else apart)
    assert con.execute("SELECT count(*) FROM mart_join_audit").fetchall() == [(8,)]


def test_a_patient_of_whom_nothing_is_in_use_is_counted_too(tmp_path: Path) -> None:
    con = built(tmp_path, [{"status": "preliminary"}])
    assert con.execute("SELECT label FROM mart_join_audit WHERE n_patients > 0").fetchall() == [("nothing in use",)]
