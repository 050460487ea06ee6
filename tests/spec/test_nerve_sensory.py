"""Sensory conduction where motor fibres are blocked: spared, not spared, or not recorded, and never guessed.

Velocity counts along the blocked segment, amplitude at the wrist. Fallback limits of the median nerve: more than 15 uV and
more than 50 m/s.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built

from .nerve_cases import Case, found, pair, site_rule

BLOCK = {"area_mv_ms": "12", "amplitude_mv": "4"}
ULNAR = {"nerve": "ulnar"}
SPARED, NOT_SPARED, NOT_RECORDED = ({"sensory_sparing": word} for word in ("spared", "not_spared", "not_recorded"))


def sensory(site: str, snap: str | None = None, velocity: str | None = None, **other: Any) -> Row:
    motor = dict.fromkeys(("muscle", "latency_ms", "amplitude_mv", "area_mv_ms", "duration_ms"))
    return {
        **motor,
        "study_kind": "sensory",
        "site": site,
        "snap_amplitude_uv": snap,
        "velocity_m_per_s": velocity,
        **other,
    }


def blocked(*rows: Row) -> list[Row]:
    return [*pair(BLOCK), *rows]


def ulnar_forearm(*rows: Row) -> list[Row]:
    """A block from wrist to below the elbow; the sensory response at the wrist is normal."""
    motor = pair({**BLOCK, "site": "below_elbow"}, **ULNAR, muscle="ADM")
    return [*motor, sensory("wrist", "20", "55", **ULNAR), *rows]


def own(*rows: Row) -> list[Row]:
    return [{**row, "sending_lab": "own"} for row in blocked(*rows)]


CASES = [
    Case("amplitude at the wrist and velocity along the forearm are normal",
         blocked(sensory("wrist", "15.1"), sensory("elbow", "9", "50.1")), SPARED),
    Case("amplitude of exactly 15 uV is not above the limit", blocked(sensory("wrist", "15"), sensory("elbow", "9", "55")),
         NOT_SPARED),
    Case("velocity of exactly 50 m/s is not above the limit", blocked(sensory("wrist", "20"), sensory("elbow", "9", "50")),
         NOT_SPARED),
    Case("no sensory response from the elbow", blocked(sensory("wrist", "20"), sensory("elbow", "0")), NOT_SPARED),
    Case("nothing sensory was recorded", blocked(), NOT_RECORDED),
    Case("amplitude alone says nothing about the segment", blocked(sensory("wrist", "20", "55")), NOT_RECORDED),
    Case("velocity alone says nothing about the amplitude", blocked(sensory("elbow", None, "55")), NOT_RECORDED),
    Case("the smaller response from the elbow is not held against the limit of the wrist",
         blocked(sensory("elbow", "9", "55")), NOT_RECORDED),
    Case("the site just below the elbow ends at the same place",
         blocked(sensory("wrist", "20"), sensory("below_elbow", "9", "55")), SPARED),
    Case("the upper arm is another segment", blocked(sensory("wrist", "20"), sensory("axilla", "9", "55")), NOT_RECORDED),
    Case("ulnar forearm: fibres slowed across the elbow are slowed where the nerve is often trapped, not where it is blocked",
         ulnar_forearm(sensory("below_elbow", "9", "55", **ULNAR), sensory("above_elbow", "7", "35", **ULNAR)), SPARED),
    Case("ulnar forearm: the way across the elbow alone says nothing of the forearm",
         ulnar_forearm(sensory("above_elbow", "7", "35", **ULNAR)), NOT_RECORDED),
    Case("the other side is another nerve",
         blocked(sensory("wrist", "20", side="R"), sensory("elbow", "9", "55", side="R")), NOT_RECORDED),
    Case("another exam is another day", blocked(sensory("wrist", "20", exam_id="E2"), sensory("elbow", "9", "55", exam_id="E2")),
         NOT_RECORDED, where={"exam_id": "E1"}),
    Case("without block there is nothing to be spared",
         [*pair({"area_mv_ms": "28"}), sensory("wrist", "20"), sensory("elbow", "9", "55")], {"sensory_sparing": None}),
    Case("the laboratory's own limit comes before the fallback", own(sensory("wrist", "12"), sensory("elbow", "9", "55")), SPARED),
    Case("and is a limit like it", own(sensory("wrist", "10"), sensory("elbow", "9", "55")), NOT_SPARED),
]  # fmt: skip


def laboratory_limits(folder: Path) -> None:
    limit = {"limit_id": "own.median", "sending_lab": "own", "nerve": "median", "snap_amplitude_uv_above": "10",
             "velocity_m_per_s_above": "48", "state": "active", "source_id": "PROJECT", "source_locator": "test"}  # fmt: skip
    site_rule(folder, "sensory_limits.csv", limit)


@pytest.fixture(scope="module", params=["mart_conduction_block", "mart_nerve_study"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The word of the segment, and the word of the study whose only block it is."""
    folder = tmp_path_factory.mktemp("sensory")
    laboratory_limits(folder)
    return found(folder, CASES, request.param)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.says for case in CASES])
def test_sensory_fibres_where_motor_fibres_are_blocked(number: int, judged: list[dict[str, Any]]) -> None:
    assert judged[number] == CASES[number].expected


def test_a_sensory_row_is_no_copy_of_a_motor_row_and_makes_no_pair(tmp_path: Path) -> None:
    con = built(
        tmp_path, sites=[*pair(BLOCK), sensory("wrist", "20", muscle="APB"), sensory("elbow", "9", "55", muscle="APB")]
    )
    assert con.execute("SELECT DISTINCT disposition FROM mart_row_disposition").fetchall() == [("used",)]
    segments = con.execute("SELECT distal_site, proximal_site FROM mart_conduction_block GROUP BY ALL").fetchall()
    assert segments == [("wrist", "elbow")]


def test_two_blocks_of_which_one_is_not_spared(tmp_path: Path) -> None:
    """The study says what the worse of its blocked segments says."""
    rows = [
        sensory("wrist", "20"),
        sensory("elbow", "9", "55"),
        sensory("wrist", "9", side="R"),
        sensory("elbow", "9", "55", side="R"),
    ]
    con = built(tmp_path, sites=[*pair(BLOCK), *pair(BLOCK, side="R"), *rows])
    query = "SELECT sensory_sparing FROM mart_nerve_study WHERE criteria_set = 'EFNS_PNS_2010'"
    assert con.execute(query).fetchall() == [("not_spared",)]


def test_fibres_slowed_across_the_elbow_alone_are_no_abnormal_sensory_conduction(tmp_path: Path) -> None:
    """Where a nerve is often trapped a slow velocity is common, and no evidence against a purely motor neuropathy."""
    ulnar = {"nerve": "ulnar", "muscle": "ADM", "area_mv_ms": "28", "amplitude_mv": "9"}
    above = {**ulnar, "site": "above_elbow", "latency_ms": "9"}
    motor = [*pair({"site": "below_elbow", **ulnar}, {**ulnar}), above]
    sensed = [
        sensory("wrist", "20", "55", **ULNAR),
        sensory("below_elbow", "9", "55", **ULNAR),
        sensory("above_elbow", "7", "35", **ULNAR),
    ]
    con = built(tmp_path, sites=[*motor, *sensed])
    assert con.execute("SELECT sensory_conduction FROM core_electrodiagnosis").fetchall() == [("normal",)]
