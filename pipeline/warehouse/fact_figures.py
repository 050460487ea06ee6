"""Computed tables that statements of the source documents stand on: prevalence with its interval, and reasons in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline import statistics
from pipeline.messages import MESSAGES

Ask = Callable[[str], Sequence[Sequence[Any]]]

TYPES: Mapping[str, Mapping[str, str]] = {
    "figure_prevalence": {
        "n_patients": "BIGINT", "inhabitants": "BIGINT", "per_inhabitants": "DOUBLE", "rate": "DOUBLE", "ci_low": "DOUBLE",
        "ci_high": "DOUBLE",
    },
    "figure_message": {"reason_code": "VARCHAR", "meaning": "VARCHAR"},
}  # fmt: skip
AFTER: Mapping[str, tuple[str, ...]] = {
    "figure_prevalence": ("core_prevalence", "rule_published_range"),
    "figure_message": (),
}


def computed(name: str, ask: Ask) -> list[dict[str, Any]]:
    """The rows of the computed table `name`; KeyError for one that is not made here."""
    if name == "figure_message":
        return [{"reason_code": one.code, "meaning": one.meaning} for one in MESSAGES.values()]
    if name != "figure_prevalence":
        raise KeyError(name)
    # the confidence of every interval is the one declared with the published range
    confidence = ask("SELECT confidence FROM rule_published_range")[0][0]
    counts = ask("SELECT DISTINCT n_patients, inhabitants, per_inhabitants FROM core_prevalence")
    return [_prevalence(n, people, per, confidence) for n, people, per in sorted(map(tuple, counts))]


def _prevalence(n_patients: int, inhabitants: int, per: float, confidence: float) -> dict[str, Any]:
    low, high = statistics.rate_interval(n_patients, inhabitants, per, confidence)
    return {
        "n_patients": n_patients, "inhabitants": inhabitants, "per_inhabitants": per,
        "rate": n_patients / (inhabitants / per), "ci_low": low, "ci_high": high,
    }  # fmt: skip
