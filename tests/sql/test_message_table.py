"""Whoever has the warehouse file alone reads in it what every reason code says."""

from pathlib import Path

import pytest
from harness import SITE, Row, built

FOREARM: list[Row] = [{}, {"site": "elbow", "latency_ms": "7.5", "distance_mm": "220"}]


def motor(**given: object) -> list[Row]:
    """Wrist and elbow of one median nerve."""
    return [{**SITE, **site, **given} for site in FOREARM]


@pytest.mark.parametrize(
    ("table", "reason", "titres", "sites"),
    [
        ("mart_result", "straddles_cut_off", [{"comparator": "<", "value": 51200}], []),
        ("mart_result", "no_rule", [{"performing_lab": "ELSEWHERE"}], []),
        ("mart_conduction_block", "area_missing", [], motor(area_mv_ms=None)),
        ("mart_conduction_block", "distal_amplitude_too_low", [], motor(amplitude_mv="0.5")),
        ("mart_conduction_block", "segment_not_listed", [], motor(nerve="tibial")),
        ("mart_nerve_study", "too_few_segments_for_no_block", [], motor()),
    ],
)
def test_a_reason_stands_in_words_beside_its_code(
    tmp_path: Path, table: str, reason: str, titres: list[Row], sites: list[Row]
) -> None:
    con = built(tmp_path, titres, sites=sites)
    found = dict(
        con.execute(f"SELECT reason_code, meaning FROM {table} JOIN mart_message USING (reason_code)").fetchall()
    )
    assert reason in found
    assert found[reason].endswith(".")
