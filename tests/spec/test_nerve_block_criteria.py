"""Conduction block by each set of criteria: just below, at and just above every number that a set states.

Unless a case says otherwise the nerve is a left median nerve with 10 mV, 30 mV.ms and 6 ms at the wrist.
"""

from typing import Any

import pytest

from pipeline import resources, rulebook

from .nerve_cases import EFNS, PERMISSIVE, UTRECHT, Case, found, pair

DEFINITE, PROBABLE, NONE = (
    {"conduction_block": grade, "reason_code": None} for grade in ("definite", "probable", "none")
)


def not_assessable(reason: str) -> dict[str, str]:
    return {"conduction_block": "not_assessable", "reason_code": reason}


def ulnar(proximal: str, distal: str = "wrist", **values: str) -> list[Any]:
    return pair({"site": proximal, **values}, {"site": distal}, nerve="ulnar", muscle="ADM")


def axilla_erb(**values: str) -> list[Any]:
    return pair({"site": "erb", **values}, {"site": "axilla"})


def leg(proximal: str = "below_fibular_head", distal: str = "ankle", **values: str) -> list[Any]:
    return pair({"site": proximal, **values}, {"site": distal}, nerve="peroneal", muscle="EDB")


EFNS_CASES = [
    Case("area down by 49.99 %, long segment: probable, not definite", pair({"area_mv_ms": "15.003"}), PROBABLE),
    Case("area down by exactly 50 %: definite, the bound belongs to it", pair({"area_mv_ms": "15"}), DEFINITE),
    Case("area down by 50.01 %: definite", pair({"area_mv_ms": "14.997"}), DEFINITE),
    Case("area down by 29.99 %, long segment: none", pair({"area_mv_ms": "21.003"}), NONE),
    Case("area down by exactly 30 %, long segment: probable", pair({"area_mv_ms": "21"}), PROBABLE),
    Case("duration up by exactly 30 %: still definite", pair({"duration_ms": "7.8"}), DEFINITE),
    Case("duration up by 30.1 % with half of the area lost: probable", pair({"duration_ms": "7.806"}), PROBABLE),
    Case("duration up by 30.1 % with less than half of the area lost: none",
         pair({"area_mv_ms": "15.003", "duration_ms": "7.806"}), NONE),
    Case("decimals that binary fractions cannot hold stay at the bound",
         pair({"area_mv_ms": "3.65"}, {"area_mv_ms": "7.3"}), DEFINITE),
    Case("amplitude down by 90 % and area by 29 %: none, because the set judges area alone",
         pair({"amplitude_mv": "1", "area_mv_ms": "21.3"}), NONE),
    Case("distal amplitude of exactly 1 mV must exceed 1 mV", pair(distal={"amplitude_mv": "1"}),
         not_assessable("distal_amplitude_too_low")),
    Case("distal amplitude of 1.001 mV exceeds 1 mV", pair(distal={"amplitude_mv": "1.001"}), DEFINITE),
    Case("distal amplitude of exactly 20 % of the limit (ulnar 6 mV) must exceed it",
         pair(distal={"amplitude_mv": "1.2"}, nerve="ulnar", muscle="ADM"), not_assessable("distal_amplitude_too_low")),
    Case("distal amplitude just above 20 % of the limit", pair(distal={"amplitude_mv": "1.201"}, nerve="ulnar", muscle="ADM"),
         DEFINITE),
    Case("the amplitude is asked for by the probable grade as well",
         pair({"area_mv_ms": "21"}, {"amplitude_mv": "1"}), not_assessable("distal_amplitude_too_low")),
    Case("no distal response: nothing that could be blocked",
         pair(distal={"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": "0"}), not_assessable("no_distal_response")),
    Case("no proximal response, sent as zero: the whole area is lost",
         pair({"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": "0", "latency_ms": "0"}), DEFINITE),
    Case("no proximal response in amplitude and area, its duration left blank: what is absent cannot be dispersed",
         pair({"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": None, "latency_ms": None}), DEFINITE),
    Case("no proximal amplitude and no word about the area: the amplitude does not stand in for it",
         pair({"amplitude_mv": "0", "area_mv_ms": None, "duration_ms": None}), not_assessable("area_missing")),
    Case("no proximal response and no distal duration: not assessable",
         pair({"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": None}, {"duration_ms": None}),
         not_assessable("duration_missing")),
    Case("area missing at the elbow: not assessable, whatever the amplitude does", pair({"area_mv_ms": None}),
         not_assessable("area_missing")),
    Case("area missing at the wrist", pair(distal={"area_mv_ms": None}), not_assessable("area_missing")),
    Case("duration missing: dispersion cannot be told from block", pair({"duration_ms": None}),
         not_assessable("duration_missing")),
    Case("ulnar across the elbow is a site of entrapment", ulnar("above_elbow", "below_elbow"),
         not_assessable("entrapment_site")),
    Case("a segment that spans the elbow is one, too", ulnar("above_elbow"), not_assessable("entrapment_site")),
    Case("peroneal across the fibular head is a site of entrapment", leg("above_fibular_head", "below_fibular_head"),
         not_assessable("entrapment_site")),
    Case("tibial nerve: the response shrinks in healthy legs too, and no segment of it is listed",
         pair({"site": "popliteal"}, {"site": "ankle"}, nerve="tibial", muscle="AH"), not_assessable("segment_not_listed")),
    Case("peroneal, half of the area: definite whatever the length of the segment", leg(), DEFINITE),
    Case("peroneal, 30 % of the area: none, because that grade is for arm nerves", leg(area_mv_ms="21"), NONE),
    Case("axilla to Erb, half of the area: definite", axilla_erb(), DEFINITE),
    Case("axilla to Erb, 30 % of the area: none, because it is none of the long segments", axilla_erb(area_mv_ms="21"), NONE),
    Case("the response grows towards the spine: none, and the reduction stays negative", pair({"area_mv_ms": "33"}),
         {**NONE, "area_reduction_pct": -10.0}),
]  # fmt: skip

UTRECHT_CASES = [
    Case("area down by 49.99 % over a long segment, amplitude by 29 %: none",
         pair({"area_mv_ms": "15.003", "amplitude_mv": "7.1"}), NONE, UTRECHT),
    Case("area down by exactly 50 % over a long segment: definite", pair({"amplitude_mv": "9"}), DEFINITE, UTRECHT),
    Case("amplitude down by 29.99 % over a long segment: none", pair({"area_mv_ms": "20", "amplitude_mv": "7.001"}), NONE,
         UTRECHT),
    Case("amplitude down by exactly 30 % over a long segment: probable", pair({"area_mv_ms": "20", "amplitude_mv": "7"}),
         PROBABLE, UTRECHT),
    Case("amplitude down by exactly 30 % over a short distance: definite",
         pair({"area_mv_ms": "29", "amplitude_mv": "7", "site": "above_elbow"}, {"site": "elbow"}), DEFINITE, UTRECHT),
    Case("amplitude down by 29.99 % over a short distance: none",
         pair({"area_mv_ms": "29", "amplitude_mv": "7.001", "site": "above_elbow"}, {"site": "elbow"}), NONE, UTRECHT),
    Case("temporal dispersion does not count in this set", pair({"duration_ms": "12"}), DEFINITE, UTRECHT),
    Case("duration missing does not matter, because no criterion asks for it", pair({"duration_ms": None}), DEFINITE, UTRECHT),
    Case("area missing and amplitude down by 50 %: the probable criterion is met by what is there",
         pair({"area_mv_ms": None}), PROBABLE, UTRECHT),
    Case("area missing and amplitude down by 10 %: a definite block cannot be ruled out",
         pair({"area_mv_ms": None, "amplitude_mv": "9"}), not_assessable("area_missing"), UTRECHT),
    Case("amplitude down by half over the leg: none, healthy legs come close to 30 %",
         leg(area_mv_ms="20", amplitude_mv="5"), NONE, UTRECHT),
    Case("axilla to Erb is neither long nor short, so the set does not speak of it", axilla_erb(),
         not_assessable("segment_not_in_criteria"), UTRECHT),
    Case("sites of entrapment are excluded", ulnar("above_elbow", "below_elbow"), not_assessable("entrapment_site"), UTRECHT),
    Case("a response too small to judge is not graded", pair(distal={"amplitude_mv": "1"}),
         not_assessable("distal_amplitude_too_low"), UTRECHT),
]  # fmt: skip


def upper_arm(**values: str) -> list[Any]:
    return pair({"site": "axilla", "latency_ms": "10", **values}, {"site": "elbow", "latency_ms": "7"})


PERMISSIVE_CASES = [
    Case("forearm, area down by exactly 23 %: none, it must be more", pair({"area_mv_ms": "23.1", "amplitude_mv": "9"}), NONE,
         PERMISSIVE),
    Case("forearm, area down by 23.01 %: block", pair({"area_mv_ms": "23.097", "amplitude_mv": "9"}), PROBABLE, PERMISSIVE),
    Case("forearm, amplitude down by exactly 32 %: none", pair({"area_mv_ms": "29", "amplitude_mv": "6.8"}), NONE, PERMISSIVE),
    Case("forearm, amplitude down by 32.01 %: block", pair({"area_mv_ms": "29", "amplitude_mv": "6.799"}), PROBABLE,
         PERMISSIVE),
    Case("upper arm, area down by exactly 29 %: none", upper_arm(area_mv_ms="21.3", amplitude_mv="9"), NONE, PERMISSIVE),
    Case("upper arm, area down by 29.01 %: block", upper_arm(area_mv_ms="21.297", amplitude_mv="9"), PROBABLE, PERMISSIVE),
    Case("upper arm, amplitude down by exactly 33 %: none", upper_arm(area_mv_ms="29", amplitude_mv="6.7"), NONE, PERMISSIVE),
    Case("upper arm, amplitude down by 33.01 %: block", upper_arm(area_mv_ms="29", amplitude_mv="6.699"), PROBABLE, PERMISSIVE),
    Case("the larger fall of the upper arm does not count in the forearm, nor the other way round",
         upper_arm(area_mv_ms="22.5", amplitude_mv="6.75"), NONE, PERMISSIVE),
    Case("no fall in this set is definite", pair({"area_mv_ms": "3"}), PROBABLE, PERMISSIVE),
    Case("dispersion does not exclude", pair({"duration_ms": "12"}), PROBABLE, PERMISSIVE),
    Case("area missing, amplitude down by 20 %: not assessable, the area might have fallen by more than 23 %",
         pair({"area_mv_ms": None, "amplitude_mv": "8"}), not_assessable("area_missing"), PERMISSIVE),
    Case("leg nerves are not in this set", leg(), not_assessable("nerve_not_in_criteria"), PERMISSIVE),
]  # fmt: skip

CASES = [*EFNS_CASES, *UTRECHT_CASES, *PERMISSIVE_CASES]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return found(tmp_path_factory.mktemp("block"), CASES, "mart_conduction_block")


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case.of_set}: {case.says}" for case in CASES])
def test_every_bound_of_every_set_of_criteria(number: int, graded: list[dict[str, Any]]) -> None:
    assert graded[number] == CASES[number].expected


def test_a_set_that_is_a_draft_is_never_applied() -> None:
    """The AAEM thresholds are from memory: they can be read, and no row of a table rests on them."""
    book = rulebook.load([resources.RULES_DIR])
    criteria, sets = book.tables["rule_block_criterion"], book.tables["rule_block_requirement"]
    assert set(sets[sets["state"] == "active"]["criteria_set"]) == {EFNS, UTRECHT, PERMISSIVE}
    assert set(criteria[criteria["source_id"] == "AAEM_1999"]["state"]) == {"draft"}
    assert set(criteria[criteria["note"].str.contains("memory")]["state"]) == {"draft"}


def test_the_long_segments_are_wrist_to_elbow_and_elbow_to_axilla() -> None:
    segments = rulebook.load([resources.RULES_DIR]).tables["rule_nerve_segment"]
    named = segments[(segments["nerve"] != "peroneal") & (segments["crosses_entrapment"] == False)]  # noqa: E712
    long = {
        (n, d, p)
        for n, d, p in named[named["segment_length"] == "long"][["nerve", "distal_site", "proximal_site"]].values
    }
    elbows = {"median": ("elbow", "below_elbow", "above_elbow"), "ulnar": ("elbow", "below_elbow")}
    upper = ("elbow", "above_elbow")
    assert long == {
        *((nerve, "wrist", elbow) for nerve, names in elbows.items() for elbow in names),
        *((nerve, elbow, "axilla") for nerve in elbows for elbow in upper),
    }
