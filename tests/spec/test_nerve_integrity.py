"""What makes a recording doubtful is said beside the grade, and no value is changed for it.

Unless a case says otherwise the pair is sound: a median forearm, 220 mm in 4 ms (55 m/s), with half of the response lost.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built

from .nerve_cases import UTRECHT, Case, found, pair

SOUND: dict[str, Any] = {"flags": None}


def flagged(*flags: str, grade: str = "definite", **other: Any) -> dict[str, Any]:
    return {"flags": "; ".join(sorted(flags)), "conduction_block": grade, **other}


def forearm(nerve: str = "median", wrist: Row | None = None, **elbow: Any) -> list[Row]:
    """A forearm that loses nothing; keywords change the elbow."""
    muscle = {"median": "APB", "ulnar": "ADM"}[nerve]
    return pair({"amplitude_mv": "9.5", "area_mv_ms": "28", **elbow}, wrist, nerve=nerve, muscle=muscle)


ULNAR = {"nerve": "ulnar"}
GAIN = {"amplitude_mv": "11.01", "area_mv_ms": "31"}
CASES = [
    Case("a sound pair has no flag", pair({"distance_mm": "220", "velocity_m_per_s": "55"}),
         {**SOUND, "velocity_m_per_s": 55.0, "stated_velocity_m_per_s": 55.0}),
    Case("the stated velocity is 1 m/s off: within the tolerance", pair({"distance_mm": "220", "velocity_m_per_s": "54"}), SOUND),
    Case("the stated velocity is 1.01 m/s off", pair({"distance_mm": "220", "velocity_m_per_s": "53.99"}),
         flagged("velocity_disagrees")),
    Case("the stated velocity is 1.01 m/s off on the other side", pair({"distance_mm": "220", "velocity_m_per_s": "56.01"}),
         flagged("velocity_disagrees")),
    Case("without a stated velocity there is nothing to hold against it", pair({"distance_mm": "220"}),
         {**SOUND, "velocity_m_per_s": 55.0}),
    Case("22 sent for 22 cm: too short for a forearm, and not what the velocity says",
         pair({"distance_mm": "22", "velocity_m_per_s": "55"}), flagged("distance_in_other_unit", "velocity_disagrees")),
    Case("60 mm is short for a forearm and not yet another unit", pair({"distance_mm": "60"}), SOUND),
    Case("the nerve would conduct at 120 m/s", pair({"distance_mm": "480"}), flagged("velocity_implausible")),
    Case("the response came no later from the elbow: the sites are possibly swapped", pair({"latency_ms": "3.5"}),
         flagged("sites_possibly_swapped", velocity_m_per_s=None)),
    Case("a missing latency says nothing", pair({"latency_ms": None, "distance_mm": "220"}), SOUND),
    Case("swapped sites show in latency and size: 5 mV at 7.5 ms called wrist",
         pair({"latency_ms": "3.5", "amplitude_mv": "10", "area_mv_ms": "30"},
              {"latency_ms": "7.5", "amplitude_mv": "5", "area_mv_ms": "15"}),
         flagged("sites_possibly_swapped", "proximal_larger", "martin_gruber_possible", grade="none", area_reduction_pct=-100.0)),
    Case("the elbow response is larger by exactly 10 %: within what repeats differ by", forearm(amplitude_mv="11"), SOUND),
    Case("larger by 10.1 %: submaximal at the wrist, or crossing fibres; never clipped to zero", forearm(**GAIN),
         flagged("proximal_larger", "distal_submaximal_possible", "martin_gruber_possible", grade="none",
                 amplitude_reduction_pct=pytest.approx(-10.1))),
    Case("larger along the upper arm: crossing fibres lie in the forearm and explain nothing here",
         pair({"site": "axilla", **GAIN}, {"site": "elbow"}), flagged("proximal_larger", "distal_submaximal_possible", grade="none")),
    Case("the ulnar forearm looks blocked and the median nerve gains: crossing fibres",
         [*forearm("ulnar", area_mv_ms="12", amplitude_mv="4"), *forearm(**GAIN)], flagged("martin_gruber_possible"), where=ULNAR),
    Case("the ulnar forearm looks blocked and the median nerve was not tested: not excluded",
         forearm("ulnar", area_mv_ms="12", amplitude_mv="4"), flagged("martin_gruber_not_excluded"), where=ULNAR),
    Case("the ulnar forearm looks blocked and the median nerve is even: nothing crosses",
         [*forearm("ulnar", area_mv_ms="12", amplitude_mv="4"), *forearm()], {**SOUND, "conduction_block": "definite"}, where=ULNAR),
    Case("the median nerve of the other side says nothing",
         [*forearm("ulnar", area_mv_ms="12", amplitude_mv="4"), *({**row, "side": "R"} for row in forearm())],
         flagged("martin_gruber_not_excluded"), where=ULNAR),
    Case("a fall of exactly 22 % is what healthy arms show", forearm("ulnar", area_mv_ms="23.4", amplitude_mv="7.8"), SOUND,
         where=ULNAR),
    Case("a fall towards the axilla may be a stimulus too weak",
         pair({"site": "axilla", "area_mv_ms": "12"}, {"site": "elbow"}), flagged("proximal_submaximal_possible")),
    Case("towards the axilla a fall of exactly 22 % is not flagged",
         pair({"site": "axilla", "area_mv_ms": "23.4", "amplitude_mv": "7.8"}, {"site": "elbow"}), SOUND),
    Case("area beyond height times width: one of them has another unit", pair({"area_mv_ms": "30.1"}),
         flagged("area_in_other_unit", grade="none")),
    Case("area of exactly height times width is not", pair({"area_mv_ms": "30"}), {**SOUND, "conduction_block": "none"}),
    Case("area in V.ms beside an amplitude in mV: a block that is a unit", pair({"area_mv_ms": "0.015"}),
         flagged("area_in_other_unit")),
    Case("an area of zero beside a response, the duration unknown: nobody measured it, and it is no silent block by Utrecht",
         pair({"amplitude_mv": "9.5", "area_mv_ms": "0", "duration_ms": None}), flagged("area_in_other_unit"), UTRECHT),
    Case("amplitude in V beside an area in mV.ms", pair({"amplitude_mv": "0.005"}), flagged("area_in_other_unit")),
    Case("an elbow from peak to peak beside a wrist of the negative peak: no gain, no fall and no reduction of amplitude is said",
         forearm(amplitude_mv="16", amplitude_measure="peak_to_peak"),
         {**SOUND, "reason_code": "amplitude_peak_to_peak", "amplitude_reduction_pct": None}),
    Case("and it makes no fibres cross that would explain the ulnar nerve",
         [*forearm("ulnar", area_mv_ms="12", amplitude_mv="4"), *forearm(amplitude_mv="16", amplitude_measure="peak_to_peak")],
         {**SOUND, "conduction_block": "definite"}, where=ULNAR),
    Case("no response at the elbow: a whole block or a stimulus that failed",
         pair({"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": "0", "latency_ms": "0"}), flagged("no_proximal_response")),
]  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return found(tmp_path_factory.mktemp("integrity"), CASES, "mart_conduction_block")


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.says for case in CASES])
def test_what_makes_a_recording_doubtful(number: int, graded: list[dict[str, Any]]) -> None:
    assert graded[number] == CASES[number].expected


def test_distance_and_velocity_belong_to_neighbours_alone(tmp_path: Path) -> None:
    """Wrist to above elbow with a stop in between: the distance at the upper site is that from the stop."""
    ulnar = {"nerve": "ulnar", "muscle": "ADM"}
    sites = [
        {**ulnar},
        {**ulnar, "site": "below_elbow", "latency_ms": "7.5", "distance_mm": "220", "velocity_m_per_s": "55"},
        {**ulnar, "site": "above_elbow", "latency_ms": "9.5", "distance_mm": "100", "velocity_m_per_s": "50"},
    ]
    rows = (
        built(tmp_path, sites=sites)
        .execute("""
        SELECT distal_site, proximal_site, velocity_m_per_s, flags FROM mart_conduction_block
        WHERE criteria_set = 'EFNS_PNS_2010' ORDER BY ALL""")
        .fetchall()
    )
    assert rows == [
        ("below_elbow", "above_elbow", 50.0, None), ("wrist", "above_elbow", None, None), ("wrist", "below_elbow", 55.0, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "between",
    [
        pytest.param({"amplitude_mv": "9500", "intake_disposition": "rejected", "intake_reason": "x"}, id="went back to its sender"),
        pytest.param({"site": None, "intake_disposition": "rejected", "intake_reason": "x"}, id="has a place nobody knows"),
        pytest.param({"intake_disposition": "held", "intake_reason": "x"}, id="waits for a person"),
    ],
)  # fmt: skip
def test_a_site_that_could_not_be_used_still_lies_between(between: Row, tmp_path: Path) -> None:
    """90 mm lead from below to above the elbow. Held against the time from the wrist they would be a nerve of 16 m/s, slowed."""
    sites = [
        {},
        {"site": "below_elbow", "latency_ms": "7.5", "distance_mm": "220", **between},
        {"site": "above_elbow", "latency_ms": "9", "distance_mm": "90", "velocity_m_per_s": "60"},
    ]
    con = built(tmp_path, sites=sites)
    query = "SELECT {} FROM {} WHERE distal_site = 'wrist' AND proximal_site = 'above_elbow'"
    of_set = " AND criteria_set = 'EFNS_PNS_2010'"
    said = con.execute(
        query.format("velocity_m_per_s, stated_velocity_m_per_s, flags", "mart_conduction_block") + of_set
    )
    assert said.fetchall() == [(None, None, None)]
    assert con.execute(query.format("reason_code, is_slowed", "core_slowing")).fetchall() == [
        ("velocity_missing", None)
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"side": "R"}, id="the other side"),
        pytest.param({"nerve": "ulnar"}, id="another nerve"),
        pytest.param({"muscle": "FDI"}, id="another muscle"),
        pytest.param({"exam_id": "E2"}, id="another exam"),
        pytest.param({"exam_on": "2025-02-02"}, id="another day"),
        pytest.param({"patient_key": "p2"}, id="another patient"),
        pytest.param({"sending_lab": "other"}, id="another laboratory"),
        pytest.param({"study_kind": "sensory"}, id="a sensory study"),
    ],
)
def test_sites_pair_only_within_one_recording(other: Row, tmp_path: Path) -> None:
    """No segment is made of a wrist and an elbow that differ in one of these."""
    con = built(tmp_path, sites=[{}, {"site": "elbow", "latency_ms": "7.5", "area_mv_ms": "10", **other}])
    assert con.execute("SELECT count(*) FROM mart_conduction_block").fetchall() == [(0,)]
