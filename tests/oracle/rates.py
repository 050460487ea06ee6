"""Rates, Wilson intervals by the formula of the paper, and verdicts."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any

from .rule_rows import RuleRow, Rules

Person = Mapping[str, Any]
STRATA: Mapping[str, Callable[[Person], str]] = {
    "assay": lambda p: f"{p['performing_lab']}: {p['assay_of_test'] or 'not stated'}",
    "performing_lab": lambda p: str(p["performing_lab"]),
    "period": lambda p: str(p["collected_on"].year),
    "criteria_set": lambda p: str(p["criteria_set"] or "not stated"),
    "label_rests_on_anti_gm1": lambda p: str(p["label_rests_on_anti_gm1"] or "unknown"),
}


def wilson(k: int, n: int, confidence: float) -> tuple[float, float]:
    """The Wilson score interval."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def verdict(n: int, interval: tuple[float, float] | None, published: RuleRow) -> str:
    """Where the interval lies against the published range."""
    if interval is None:
        return "not_estimable"
    if n < int(published["minimum_n"]):
        return "too_few"
    low, high = interval
    if high < float(published["low"]):
        return "below"
    if low > float(published["high"]):
        return "above"
    return "within" if low >= float(published["low"]) and high <= float(published["high"]) else "inconclusive"


def all_rates(people: Sequence[Person], rules: Rules) -> dict[Hashable, dict[str, Any]]:
    """Every row of mart_positive_rate by analysis, population, stratum and its value."""
    rows: dict[Hashable, dict[str, Any]] = {}
    primary = next(a for a in rules["analyses"] if a["is_primary"] == "yes")
    for population in (p["population"] for p in rules["populations"]):
        own = [p for p in people if p["population"] == population]
        rows[primary["analysis"], population, "all", "all"] = _row(own, primary, rules, population == "MMN")
        if population != "MMN":
            continue
        for analysis in rules["analyses"]:
            rows[analysis["analysis"], population, "all", "all"] = _row(own, analysis, rules, True)
        for stratum, of in STRATA.items():
            parts = defaultdict(list)
            for person in own:
                if person["serology_state"] == "tested":
                    parts[of(person)].append(person)
            for value, part in parts.items():
                # who has no evaluable result has no laboratory, assay or period of one either
                row = _row(part, primary, rules, False) | {"n_unclassifiable": None}
                rows[primary["analysis"], population, stratum, value] = row
    return rows


def _row(people: Sequence[Person], analysis: RuleRow, rules: Rules, has_verdict: bool) -> dict[str, Any]:
    tested = [p for p in people if p["serology_state"] == "tested"]
    if analysis["before_first_ivig_only"] == "yes":
        tested = [p for p in tested if p["is_before_first_ivig"]]
    if analysis["equivocal_counts_as"] == "excluded":
        tested = [p for p in tested if p["interpretation"] != "equivocal"]
    said = [p["interpretation"] for p in tested]
    positive = said.count("positive") + (
        said.count("equivocal") if analysis["equivocal_counts_as"] == "positive" else 0
    )
    published = next(r for r in rules["published_ranges"] if r["population"] == "MMN")
    interval = wilson(positive, len(tested), float(published["confidence"])) if tested else None
    return {
        "n_tested": len(tested),
        "n_positive": positive,
        "n_equivocal": said.count("equivocal"),
        "n_unclassifiable": sum(p["serology_state"] == "unclassifiable" for p in people),
        "rate": positive / len(tested) if tested else None,
        "ci_low": interval[0] if interval else None,
        "ci_high": interval[1] if interval else None,
        "verdict": verdict(len(tested), interval, published) if has_verdict else None,
    }
