"""What an examination says as a whole: one block is a finding, no block is one only where enough was tested.

Enough is what the rules ask for: two nerves of each arm, judged without a gap from the wrist to the axilla. Less leaves a study
without block `incomplete`. Each set of criteria concludes for itself.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import STUDY, Row, built

from .nerve_cases import PERMISSIVE, UTRECHT, Case, found, pair, site_rule

MUSCLES = {"median": "APB", "ulnar": "ADM"}
BLOCK = {"area_mv_ms": "12", "amplitude_mv": "4"}


def arm_nerve(nerve: str, side: str, **at: Row) -> list[Row]:
    """A nerve from wrist to axilla that loses little on the way; keywords change a site."""
    sites = [("wrist", "10", "30", "3.5"), ("elbow", "9.5", "28", "7.5"), ("axilla", "9", "26.5", "10")]
    return [
        {"nerve": nerve, "side": side, "muscle": MUSCLES[nerve], "site": site, "amplitude_mv": amplitude, "area_mv_ms": area,
         "latency_ms": latency, **at.get(site, {})}
        for site, amplitude, area, latency in sites
    ]  # fmt: skip


def both_arms(without: tuple[str, str] | None = None, **median_left: Row) -> list[Row]:
    """Median and ulnar of both arms; `median_left` changes sites of one of them."""
    nerves = [(nerve, side) for nerve in MUSCLES for side in "LR" if (nerve, side) != without]
    return [row for n, s in nerves for row in arm_nerve(n, s, **(median_left if (n, s) == ("median", "L") else {}))]


NO_AREA: Row = {"area_mv_ms": None}
CASES = [
    Case("median and ulnar of both arms from wrist to axilla, nothing lost: no block", both_arms(),
         {"conclusion": "none", "reason_code": None, "is_adequate": True, "n_nerves_tested": 4, "n_segments_assessed": 8,
          "nerves_tested": "median L; median R; ulnar L; ulnar R", "blocks": None, "sensory_sparing": None,
          "rests_on_flagged_only": None, "reasons": None, "n_by_fallback_limit": 8}),
    Case("one nerve fewer: incomplete, not free of block", both_arms(("ulnar", "R")),
         {"conclusion": "incomplete", "reason_code": "too_few_segments_for_no_block", "is_adequate": False, "n_nerves_tested": 3}),
    Case("only wrist to elbow of one nerve: incomplete", pair({"area_mv_ms": "28"}),
         {"conclusion": "incomplete", "n_segments_assessed": 1, "segments_assessed": "median L wrist-elbow"}),
    Case("an area missing on the way: the nerve has a gap, and the study is incomplete", both_arms(axilla=NO_AREA),
         {"conclusion": "incomplete", "n_segments_tested": 8, "n_segments_assessed": 7, "reasons": "area_missing 1"}),
    Case("Erb's point lies beyond the axilla: an area missing there leaves no gap on the way asked for",
         [*both_arms(), {**arm_nerve("median", "L")[2], "site": "erb", "latency_ms": "12.5", **NO_AREA}],
         {"conclusion": "none", "is_adequate": True, "reasons": "area_missing 1"}),
    Case("a distal response too small to judge leaves a gap as well",
         both_arms(wrist={"amplitude_mv": "0.9", "area_mv_ms": "3"}, elbow={"amplitude_mv": "0.9", "area_mv_ms": "3"}),
         {"conclusion": "incomplete", "reasons": "distal_amplitude_too_low 2"}),
    Case("ulnar nerve with sites below and above the elbow: entrapment is out of scope and no gap",
         [row for row in both_arms() if row["nerve"] == "median"]
         + [{**row, "site": site} for side in "LR" for row in arm_nerve("ulnar", side)
            for site in (("below_elbow",) if row["site"] == "elbow" else (row["site"],))]
         + [{**row, "site": "above_elbow", "latency_ms": "8.5"} for side in "LR" for row in arm_nerve("ulnar", side)
            if row["site"] == "elbow"],
         {"conclusion": "none", "is_adequate": True, "reasons": "entrapment_site 6"}),
    Case("one definite block in a small study: definite, whatever was not tested", pair(BLOCK),
         {"conclusion": "definite", "reason_code": None, "is_adequate": False, "blocks": "median L wrist-elbow definite",
          "n_definite_block": 1, "n_probable_block": 0, "rests_on_flagged_only": False}),
    Case("one probable block in an adequate study: probable", both_arms(elbow={"area_mv_ms": "21"}, axilla={"area_mv_ms": "20"}),
         {"conclusion": "probable", "blocks": "median L wrist-elbow probable"}),
    Case("a definite block beside a probable one: definite",
         [*pair(BLOCK), *pair({"area_mv_ms": "21"}, side="R")], {"conclusion": "definite", "n_probable_block": 1}),
    Case("the only block is doubtful: the conclusion stands and says so", pair({**BLOCK, "latency_ms": "3.5"}),
         {"conclusion": "definite", "rests_on_flagged_only": True, "n_segments_flagged": 1}),
    Case("nothing but areas missing: not assessable", pair(NO_AREA),
         {"conclusion": "not_assessable", "reason_code": "no_segment_assessable", "reasons": "area_missing 1"}),
    Case("one site alone makes no segment", pair()[:1],
         {"conclusion": "not_assessable", "reason_code": "no_segment_tested", "n_nerves_tested": 1, "n_segments_tested": 0}),
    Case("leg nerves alone never make a study of the arms adequate",
         pair({"site": "below_fibular_head", "area_mv_ms": "28"}, {"site": "ankle"}, nerve="peroneal", muscle="EDB"),
         {"conclusion": "incomplete", "n_segments_assessed": 1}),
    Case("Utrecht: amplitude makes a probable block where area shows none", pair({"area_mv_ms": "29", "amplitude_mv": "6"}),
         {"conclusion": "probable", "blocks": "median L wrist-elbow probable"}, UTRECHT),
    Case("permissive: the same forearm", pair({"area_mv_ms": "29", "amplitude_mv": "6"}), {"conclusion": "probable"}, PERMISSIVE),
    Case("EFNS/PNS: the same forearm has no block, and the study is incomplete",
         pair({"area_mv_ms": "29", "amplitude_mv": "6"}), {"conclusion": "incomplete"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return found(tmp_path_factory.mktemp("study"), CASES, "mart_nerve_study")


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case.of_set}: {case.says}" for case in CASES])
def test_what_a_study_concludes(number: int, concluded: list[dict[str, Any]]) -> None:
    assert concluded[number] == CASES[number].expected


def test_each_exam_has_one_row_by_each_active_set(tmp_path: Path) -> None:
    even = pair({"area_mv_ms": "28", "amplitude_mv": "9"}, exam_id="E2", exam_on="2025-06-01")
    con = built(tmp_path, sites=[*pair(BLOCK), *even])
    rows = con.execute("SELECT exam_id, criteria_set, conclusion FROM mart_nerve_study ORDER BY ALL").fetchall()
    assert rows == [
        ("E1", "EFNS_PNS_2010", "definite"), ("E1", "PERMISSIVE_2005", "probable"), ("E1", "UTRECHT", "definite"),
        ("E2", "EFNS_PNS_2010", "incomplete"), ("E2", "PERMISSIVE_2005", "incomplete"), ("E2", "UTRECHT", "incomplete"),
    ]  # fmt: skip


def test_a_patient_is_all_exams_by_the_set_that_figures_use(tmp_path: Path) -> None:
    """Segments are counted once, not once a set; nerves once, however often they were examined."""
    sites = [*pair(BLOCK), *pair({"area_mv_ms": "28"}, exam_id="E2", exam_on="2025-06-01")]
    row = (
        built(tmp_path, studies=[STUDY], sites=sites)
        .execute("""
        SELECT n_nerves_tested, n_segments_tested, n_segments_assessed, n_definite_block, n_probable_block, block_conclusion
        FROM mart_patient""")
        .fetchall()
    )
    assert row == [(1, 2, 2, 1, 0, "definite")]


def test_two_halves_of_a_study_are_not_one_adequate_study(tmp_path: Path) -> None:
    """The left arm in May and the right arm in June: a block may have come and gone between."""
    sites = [{**row, "exam_id": row["side"]} for row in both_arms()]
    con = built(tmp_path, studies=[STUDY], sites=sites)
    assert con.execute("SELECT block_conclusion FROM mart_patient").fetchall() == [("incomplete",)]


def test_a_site_can_ask_for_more(tmp_path: Path) -> None:
    """The published protocol goes up to Erb: activated, the study that was adequate is incomplete."""
    cited = {"source_id": "MMN_PROTOCOL", "source_locator": "recommended extent of the study"}
    row = {"requirement_id": "EFNS_PNS_2010.protocol", "criteria_set": "EFNS_PNS_2010", "nerves_per_arm_at_or_above": "5",
           "arms_at_or_above": "2", "up_to_site": "erb", "state": "active", **cited}  # fmt: skip
    site_rule(tmp_path, "nerve_study_requirements.csv", row)
    con = built(tmp_path, sites=both_arms())
    query = "SELECT conclusion FROM mart_nerve_study WHERE criteria_set = 'EFNS_PNS_2010'"
    assert con.execute(query).fetchall() == [("incomplete",)]
