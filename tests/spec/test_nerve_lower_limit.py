"""The lower limit of normal of the distal amplitude: the exam's own, else the laboratory's, else the cited fallback.

20 % of the limit must be exceeded, so the limit decides whether a small distal response can be judged.
"""

from pathlib import Path
from typing import Any

import pytest

from .nerve_cases import Case, found, pair, site_rule

# the site's laboratory `own` states 8 mV for the ulnar nerve and 12 mV where it records from FDI
LABORATORY = {
    "sending_lab": "own",
    "nerve": "ulnar",
    "state": "active",
    "source_id": "PROJECT",
    "source_locator": "test",
}
OF_LABORATORY = [
    {**LABORATORY, "limit_id": "own.ulnar.ADM", "muscle": "ADM", "distal_amplitude_lower_limit_mv": "8"},
    {**LABORATORY, "limit_id": "own.ulnar.FDI", "muscle": "FDI", "distal_amplitude_lower_limit_mv": "12"},
    {
        **LABORATORY,
        "limit_id": "one_muscle.ulnar.FDI",
        "sending_lab": "one_muscle",
        "muscle": "FDI",
        "distal_amplitude_lower_limit_mv": "8",
    },
    {
        **LABORATORY,
        "limit_id": "own.ulnar.old",
        "muscle": "ADM",
        "distal_amplitude_lower_limit_mv": "1",
        "state": "draft",
    },
]


def limited(value: float | None, source: str | None, grade: str = "definite") -> dict[str, Any]:
    return {"lower_limit_mv": value, "lower_limit_from": source, "conduction_block": grade}


def ulnar(amplitude: str, lab: str, muscle: str = "ADM", **wrist: str) -> list[Any]:
    return pair(distal={"amplitude_mv": amplitude, **wrist}, nerve="ulnar", muscle=muscle, sending_lab=lab)


CASES = [
    Case("nobody states a limit: the fallback serves and says so", ulnar("1.201", "clinic"), limited(6, "fallback")),
    Case("the laboratory states 8 mV: a response of exactly 1.6 mV cannot be judged", ulnar("1.6", "own"),
         limited(8, "laboratory", "not_assessable")),
    Case("a response of 1.601 mV exceeds 20 % of the laboratory's 8 mV", ulnar("1.601", "own"), limited(8, "laboratory")),
    Case("of the laboratory's limits that of the recorded muscle counts", ulnar("2.401", "own", "FDI"),
         limited(12, "laboratory")),
    Case("a laboratory that limits another muscle of the nerve alone: the fallback of the recorded muscle counts",
         ulnar("1.201", "one_muscle"), limited(6, "fallback")),
    Case("where nobody limits the recorded muscle, the laboratory's limit of another one serves",
         ulnar("1.601", "one_muscle", "FPB"), limited(8, "laboratory")),
    Case("another laboratory's limit is nobody else's", ulnar("1.3", "clinic"), limited(6, "fallback")),
    Case("the exam states 5.5 mV: it comes before the laboratory's", ulnar("1.101", "own", amplitude_lower_limit_mv="5.5"),
         limited(5.5, "exam")),
    Case("exactly 20 % of the exam's own limit cannot be judged", ulnar("1.1", "own", amplitude_lower_limit_mv="5.5"),
         limited(5.5, "exam", "not_assessable")),
    Case("a limit of zero is no limit", ulnar("1.601", "own", amplitude_lower_limit_mv="0"), limited(8, "laboratory")),
    Case("1 mV must be exceeded however low the limit", ulnar("1", "own", amplitude_lower_limit_mv="0.5"),
         limited(0.5, "exam", "not_assessable")),
    Case("a radial nerve has no limit and no segment: nothing is made up", pair(nerve="radial", muscle="EIP"),
         limited(None, None, "not_assessable")),
]  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("limit")
    site_rule(folder, "nerve_limits.csv", *OF_LABORATORY)
    return found(folder, CASES, "mart_conduction_block")


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.says for case in CASES])
def test_whose_lower_limit_is_used(number: int, graded: list[dict[str, Any]]) -> None:
    assert graded[number] == CASES[number].expected
