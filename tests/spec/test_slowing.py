"""Slowing of motor conduction: below 75 % of the lower limit of normal, away from entrapment, in a sound recording.

Wrist and elbow lie 220 mm apart unless a case says otherwise. The limit of the median nerve is 49 m/s, so that a segment is
slowed below 36.75 m/s: 294 mm in 8 ms is that velocity to the last digit.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import STUDY, Row, built

from .nerve_cases import pair, site_rule


def forearm(distance_mm: str, conduction_ms: str = "8", **both: Any) -> list[Row]:
    """Wrist and elbow without block; the latency difference is `conduction_ms`."""
    at_elbow = {"area_mv_ms": "29", "amplitude_mv": "9.7", "distance_mm": distance_mm}
    latency = str(3.5 + float(conduction_ms))
    return pair({**at_elbow, "latency_ms": latency, **both.pop("proximal", {})}, **both)


def whole(folder: Path, sites: list[Row], **more: Any) -> list[tuple[Any, ...]]:
    """is_slowed and reason of every listed pair."""
    con = built(folder, sites=sites, wanted="core_slowing", **more)
    found: list[tuple[Any, ...]] = con.execute("""
        SELECT is_slowed, reason_code FROM core_slowing ORDER BY distal_row_id, proximal_row_id""").fetchall()
    return found


@pytest.mark.parametrize(
    ("distance_mm", "conduction_ms", "is_slowed"),
    [
        pytest.param("293.999999", "8", True, id="just below 75 % of 49 m/s: slowed"),
        pytest.param("294", "8", False, id="exactly 75 %: not slowed"),
        pytest.param("294.000001", "8", False, id="just above: not slowed"),
        pytest.param("294", "8.000001", True, id="the same way a microsecond longer: slowed"),
        pytest.param(
            "110.25", "3", False, id="exactly 75 % by other numbers, none of them exact in binary: not slowed"
        ),
        pytest.param("220", "4", False, id="55 m/s: not slowed"),
    ],
)
def test_the_boundary(distance_mm: str, conduction_ms: str, is_slowed: bool, tmp_path: Path) -> None:
    assert whole(tmp_path, forearm(distance_mm, conduction_ms)) == [(is_slowed, None)]


@pytest.mark.parametrize(
    ("nerve", "sites", "muscle", "at_limit"),
    [
        pytest.param("ulnar", ("wrist", "elbow"), "ADM", "294", id="ulnar: 49 m/s"),
        pytest.param(
            "peroneal", ("ankle", "below_fibular_head"), "EDB", "246", id="peroneal: 41 m/s, slowed below 30.75"
        ),
    ],
)
def test_every_nerve_has_its_limit(
    nerve: str, sites: tuple[str, str], muscle: str, at_limit: str, tmp_path: Path
) -> None:
    def one(distance: str, key: str) -> list[Row]:
        return [
            {**row, "site": site, "patient_key": key}
            for row, site in zip(forearm(distance, nerve=nerve, muscle=muscle), sites, strict=True)
        ]

    rows = [*one(at_limit, "at"), *one(str(float(at_limit) - 0.01), "below")]
    assert whole(tmp_path, rows) == [(False, None), (True, None)]


def test_a_laboratory_s_own_limit_comes_before_the_fallback(tmp_path: Path) -> None:
    """With 60 m/s as its limit, 75 % is 45 m/s; the other laboratory keeps the fallback."""
    site_rule(tmp_path, "nerve_slowing.csv", {
        "limit_id": "clinic.median", "sending_lab": "clinic", "nerve": "median", "velocity_lower_limit_m_per_s": "60",
        "velocity_pct_of_limit_below": "75", "state": "active", "source_id": "DEMO", "source_locator": "test",
        "limit_source_id": "DEMO", "limit_source_locator": "test",
    })  # fmt: skip
    rows = [*forearm("320"), *forearm("320", patient_key="p2", sending_lab="elsewhere")]
    assert whole(tmp_path, rows) == [(True, None), (False, None)]


@pytest.mark.parametrize(
    ("sites", "reason"),
    [
        pytest.param(
            [{**r, "nerve": "ulnar", "muscle": "ADM", "site": s}
             for r, s in zip(forearm("100"), ("below_elbow", "above_elbow"), strict=True)],
            "entrapment_site", id="across the elbow the ulnar nerve is slow in many people"),
        pytest.param(forearm("220", proximal={"distance_mm": None}), "velocity_missing", id="no distance"),
        pytest.param(forearm("220", proximal={"latency_ms": None}), "velocity_missing", id="no latency"),
        pytest.param(forearm("220", proximal={"velocity_m_per_s": "55"}), "velocity_doubtful",
                     id="27.5 m/s where 55 were stated: the recording contradicts itself"),
        pytest.param(forearm("22"), "velocity_doubtful", id="22 mm of forearm: centimetres sent as millimetres"),
        pytest.param(forearm("90", "40"), "velocity_doubtful", id="2.25 m/s: no nerve conducts like that"),
        pytest.param(forearm("220", "-1"), "velocity_doubtful", id="the elbow answers before the wrist: sites swapped"),
        pytest.param(forearm("220", proximal={"amplitude_mv": "0"}), "no_response",
                     id="no response at the elbow has no velocity"),
    ],
)  # fmt: skip
def test_what_is_not_judged(sites: list[Row], reason: str, tmp_path: Path) -> None:
    assert whole(tmp_path, sites) == [(None, reason)]


def test_only_neighbouring_sites_have_a_way_between_them(tmp_path: Path) -> None:
    """From the wrist past one site to the next, the distance of the last part is not the distance of the whole."""
    elbow = {"site": "elbow", "latency_ms": "12", "amplitude_mv": "9.5", "area_mv_ms": "28.5", "distance_mm": "40"}
    con = built(tmp_path, sites=[*forearm("220", proximal={"site": "below_elbow"}), elbow], wanted="core_slowing")
    rows = con.execute(
        "SELECT distal_site, proximal_site, is_slowed, reason_code FROM core_slowing ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("below_elbow", "elbow", False, None), ("wrist", "below_elbow", True, None),
        ("wrist", "elbow", None, "velocity_missing"),
    ]  # fmt: skip


def test_a_slowed_segment_shows_at_the_patient_and_changes_no_block(tmp_path: Path) -> None:
    con = built(tmp_path, studies=[STUDY], sites=forearm("220"))
    row = con.execute("""
        SELECT n_segments_velocity_judged, n_segments_slowed, n_definite_block, n_probable_block, block_conclusion
        FROM mart_patient""").fetchall()
    assert row == [(1, 1, 0, 0, "incomplete")]


def test_a_draft_limit_is_never_applied(tmp_path: Path) -> None:
    with_draft = {
        "limit_id": "fallback.median", "nerve": "median", "velocity_lower_limit_m_per_s": "49",
        "velocity_pct_of_limit_below": "75", "state": "draft", "source_id": "DEMO", "source_locator": "test",
        "limit_source_id": "DEMO", "limit_source_locator": "test",
    }  # fmt: skip
    site_rule(tmp_path, "nerve_slowing.csv", with_draft)
    assert whole(tmp_path, forearm("100")) == [(None, "velocity_limit_missing")]
