"""The EFNS/PNS area rule at its boundaries: the values of the criteria belong to it as they are written."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built


def block(tmp_path: Path, distal: Row, proximal: Row) -> tuple[Any, ...]:
    sites = [distal, {"site": "elbow", "area_mv_ms": "15", "duration_ms": "6", "amplitude_mv": "5", **proximal}]
    row = (
        built(tmp_path, sites=sites)
        .execute("SELECT conduction_block, reason_code FROM mart_conduction_block WHERE criteria_set = 'EFNS_PNS_2010'")
        .fetchone()
    )
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("distal", "proximal", "expected"),
    [
        # area of 30 mV.ms at the wrist: 15 is a fall of exactly 50 %
        ({}, {"area_mv_ms": "15"}, ("definite", None)),
        ({}, {"area_mv_ms": "15.003"}, ("probable", None)),
        ({}, {"area_mv_ms": "21"}, ("probable", None)),
        ({}, {"area_mv_ms": "21.003"}, ("none", None)),
        # duration of 6 ms at the wrist: 7.8 is a rise of exactly 30 %
        ({}, {"duration_ms": "7.8"}, ("definite", None)),
        ({}, {"duration_ms": "7.806"}, ("probable", None)),
        ({}, {"area_mv_ms": "21", "duration_ms": "7.806"}, ("none", None)),
        # decimals that a binary fraction cannot hold
        ({"area_mv_ms": "7.3"}, {"area_mv_ms": "3.65"}, ("definite", None)),
        ({"duration_ms": "5.7"}, {"duration_ms": "7.41"}, ("definite", None)),
        # the distal response must exceed 1 mV and 20 % of the lower limit of normal (median 4, ulnar 6, peroneal 2 mV)
        ({"amplitude_mv": "1.0"}, {}, ("not_assessable", "distal_amplitude_too_low")),
        ({"amplitude_mv": "1.001"}, {}, ("definite", None)),
        ({"nerve": "ulnar", "amplitude_mv": "1.2"}, {"nerve": "ulnar"}, ("not_assessable", "distal_amplitude_too_low")),
        ({"nerve": "ulnar", "amplitude_mv": "1.201"}, {"nerve": "ulnar"}, ("definite", None)),
        # area missing is never replaced by amplitude
        ({}, {"area_mv_ms": None}, ("not_assessable", "area_missing")),
        ({}, {"duration_ms": None}, ("not_assessable", "duration_missing")),
        # entrapment sites and nerves outside the criteria
        ({"nerve": "ulnar", "site": "below_elbow"}, {"nerve": "ulnar", "site": "above_elbow"}, ("not_assessable", "entrapment_site")),
        ({"nerve": "tibial", "site": "ankle"}, {"nerve": "tibial", "site": "popliteal"}, ("not_assessable", "segment_not_listed")),
        ({"nerve": "peroneal", "site": "ankle"}, {"nerve": "peroneal", "site": "below_fibular_head"}, ("definite", None)),
        # a fall of 30 % counts in long segments of the arm only
        ({"nerve": "peroneal", "site": "ankle"}, {"nerve": "peroneal", "site": "below_fibular_head", "area_mv_ms": "21"}, ("none", None)),
        ({"site": "axilla"}, {"site": "erb", "area_mv_ms": "21"}, ("none", None)),
        ({"site": "axilla"}, {"site": "erb"}, ("definite", None)),
        # the proximal response is larger: negative, never clipped, no block
        ({}, {"area_mv_ms": "33"}, ("none", None)),
    ],
)  # fmt: skip
def test_block(distal: Row, proximal: Row, expected: tuple[Any, ...], tmp_path: Path) -> None:
    assert block(tmp_path, distal, proximal) == expected


@pytest.mark.parametrize(
    "other", [{"side": "R"}, {"nerve": "ulnar"}, {"muscle": "FDI"}, {"exam_id": "E2"}, {"patient_key": "p2"}]
)
def test_sites_pair_only_within_one_recording(other: Row, tmp_path: Path) -> None:
    con = built(tmp_path, sites=[{}, {"site": "elbow", "area_mv_ms": "10", **other}])
    assert con.execute("SELECT count(*) FROM mart_conduction_block").fetchall() == [(0,)]


def test_a_missing_muscle_still_pairs(tmp_path: Path) -> None:
    con = built(tmp_path, sites=[{"muscle": None}, {"muscle": None, "site": "elbow", "area_mv_ms": "10"}])
    assert con.execute(
        "SELECT conduction_block FROM mart_conduction_block WHERE criteria_set = 'EFNS_PNS_2010'"
    ).fetchall() == [("definite",)]


def test_reductions_are_not_rounded_or_clipped(tmp_path: Path) -> None:
    con = built(tmp_path, sites=[{}, {"site": "elbow", "area_mv_ms": "33", "duration_ms": "5.4", "amplitude_mv": "12"}])
    found = con.execute(
        "SELECT area_reduction_pct, amplitude_reduction_pct, duration_increase_pct FROM mart_conduction_block "
        "WHERE criteria_set = 'EFNS_PNS_2010'"
    ).fetchall()
    assert found == [(-10.0, -20.0, -10.0)]


def test_a_site_sent_twice_is_one_and_with_other_values_waits(tmp_path: Path) -> None:
    con = built(tmp_path, sites=[{}, {"arrival": 2}, {"site": "elbow"}, {"site": "elbow", "area_mv_ms": "10"}])
    found = con.execute(
        "SELECT disposition, reasons FROM mart_row_disposition ORDER BY arrival_id, row_number"
    ).fetchall()
    held = ("held", "conflicting_values")
    assert sorted(found, key=str) == sorted([("used", None), ("duplicate", "exact_copy"), held, held], key=str)
