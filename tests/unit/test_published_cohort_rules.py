"""A published cohort that contradicts itself is refused, and an active one needs counts that its source states."""

from typing import Any

import pandas as pd
import pytest

from pipeline.errors import RulebookUnsound
from pipeline.rulebook.published import prove_sound

SOURCES = pd.DataFrame({"source_id": ["PAPER"]})
COHORT: dict[str, Any] = {"cohort_id": "one", "state": "active", "count_basis": "stated", "n_tested": 33.0, "n_positive": 22.0,
                          "stated_rate_pct": 67.0, "source_id": "PAPER"}  # fmt: skip


def proved(**changes: Any) -> None:
    prove_sound(pd.DataFrame([{**COHORT, **changes}]), SOURCES)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"n_positive": 10.0, "n_tested": 16.0, "stated_rate_pct": 62.5},
        {"n_positive": 1.0, "n_tested": 8.0, "stated_rate_pct": 12.0},
        {"n_positive": 1.0, "n_tested": 8.0, "stated_rate_pct": 13.0},
        {"state": "draft", "count_basis": "rate_only", "n_positive": None, "n_tested": None},
        {"state": "draft", "count_basis": "computed", "stated_rate_pct": 48.0, "n_positive": 19.0, "n_tested": 40.0},
    ],
    ids=str,
)
def test_sound_cohorts(changes: dict[str, Any]) -> None:
    proved(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "final"}, "state must be one of active, draft"),
        ({"count_basis": "guessed"}, "count_basis must be one of"),
        ({"count_basis": "computed"}, "an active cohort needs"),
        ({"n_positive": None}, "an active cohort needs"),
        ({"stated_rate_pct": None}, "an active cohort needs"),
        ({"stated_rate_pct": 68.0}, "22 of 33 is not 68 %"),
        ({"stated_rate_pct": 66.5}, "22 of 33 is not 66.5 %"),
        ({"n_positive": 34.0}, "no more n_positive than that"),
        ({"n_tested": None}, "no more n_positive than that"),
        ({"state": "draft", "n_tested": 0.0, "n_positive": None}, "n_tested must be at least 1"),
        ({"source_id": "NOBODY"}, "source NOBODY is not in sources.csv"),
    ],
    ids=str,
)
def test_unsound_cohorts_are_refused_in_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RulebookUnsound, match=said):
        proved(**changes)
