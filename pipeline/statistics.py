"""Intervals of proportions and rates, and what an interval says against a published range; formulas are statsmodels' own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

Verdict = Literal["within", "below", "above", "inconclusive", "too_few", "not_estimable"]

# Our names for what statsmodels calls them. Its default, the Wald interval, is left out: with few patients, or a rate
# near 0 or 1, it covers far less often than it says.
METHODS: Mapping[str, str] = MappingProxyType({
    "wilson": "wilson",
    "clopper_pearson": "beta",
    "jeffreys": "jeffreys",
})  # fmt: skip
# A range that needs more patients than this is narrower than any cohort of a rare disease can settle.
MOST_PATIENTS = 20_000


def interval(n_positive: int, n_tested: int, method: str = "wilson", confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of n_positive / n_tested, as fractions in [0, 1].

    No positive gives exactly 0 as the lower end, all positive exactly 1 as the upper end, for every method. Raises
    ValueError for a method that is not offered, for nobody tested and for more positives than tested.
    """
    if method not in METHODS:
        raise ValueError(f"interval method {method!r}: expected one of {', '.join(METHODS)}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence}: expected a fraction between 0 and 1")
    if n_tested < 1 or not 0 <= n_positive <= n_tested:
        raise ValueError(f"{n_positive} positive of {n_tested} tested: expected somebody tested, no more positives")
    low, high = proportion_confint(n_positive, n_tested, alpha=1 - confidence, method=METHODS[method])
    return (0.0 if n_positive == 0 else max(0.0, float(low)), 1.0 if n_positive == n_tested else min(1.0, float(high)))


def rate_interval(n_cases: int, people: float, per: float, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided Poisson interval of n_cases among `people`, in cases for each `per` people.

    No case gives exactly 0 as the lower end. Raises ValueError for nobody to count among and for a negative number.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence}: expected a fraction between 0 and 1")
    if people <= 0 or per <= 0 or n_cases < 0:
        raise ValueError(f"{n_cases} cases among {people} people, for each {per}: expected cases among somebody")
    low, high = confint_poisson(n_cases, people / per, method="exact-c", alpha=1 - confidence)
    return (0.0 if n_cases == 0 else float(low), float(high))


def verdict(
    n_tested: int, low: float | None, high: float | None, published_low: float, published_high: float, minimum_n: int
) -> tuple[Verdict, str]:
    """Where the interval [low, high] lies against the published range, both with their ends, and the same in words.

    `minimum_n` is the fewest patients for which an interval can lie inside the range at all (smallest_n_within); below
    it no verdict is given, whatever the rate. Nobody tested is not a rate of 0. Raises ValueError when an interval is
    missing although somebody was tested.
    """
    if n_tested == 0:
        return "not_estimable", "nobody was tested, so there is no rate"
    if low is None or high is None:
        raise ValueError(f"{n_tested} tested and no interval: expected both of its ends")
    if n_tested < minimum_n:
        return "too_few", (
            f"cohort too small to decide: {n_tested} tested, and fewer than {minimum_n} can never give an interval "
            f"inside {_percent(published_low, published_high)}"
        )
    found = _place(low, high, published_low, published_high)
    shown = _percent(low, high, _digits((low, high), (published_low, published_high)))
    return found, f"the interval {shown} {_WORDS[found]} {_percent(published_low, published_high)}"


def _place(low: float, high: float, published_low: float, published_high: float) -> Verdict:
    if low >= published_low and high <= published_high:
        return "within"
    if high < published_low:
        return "below"
    return "above" if low > published_high else "inconclusive"


_WORDS: Mapping[Verdict, str] = MappingProxyType({
    "within": "lies wholly inside",
    "below": "lies wholly below",
    "above": "lies wholly above",
    "inconclusive": "lies neither wholly inside nor wholly outside",
})  # fmt: skip


def smallest_n_within(
    published_low: float, published_high: float, method: str = "wilson", confidence: float = 0.95
) -> int:
    """The fewest patients for which some number of positives gives an interval inside the range, ends included.

    Raises ValueError when no cohort of up to MOST_PATIENTS can, and for a method that is not offered.
    """
    if method not in METHODS:
        raise ValueError(f"interval method {method!r}: expected one of {', '.join(METHODS)}")
    for n_tested in range(1, MOST_PATIENTS + 1):
        positives = np.arange(1, n_tested)
        low, high = proportion_confint(positives, n_tested, alpha=1 - confidence, method=METHODS[method])
        if bool(np.any((low >= published_low) & (high <= published_high))):
            return n_tested
    published = _percent(published_low, published_high)
    raise ValueError(f"no cohort of up to {MOST_PATIENTS} patients can give an interval inside {published}")


def _digits(ends: tuple[float, float], published: tuple[float, float]) -> int:
    """Decimals of a percentage that keep an end apart from the end of the range it only comes close to."""
    near = [(end, limit) for end in ends for limit in published if end != limit]
    return next((n for n in range(1, 6) if all(round(100 * e, n) != round(100 * x, n) for e, x in near)), 6)


def _percent(low: float, high: float, digits: int = 0) -> str:
    return f"{100 * low:.{digits}f}-{100 * high:.{digits}f} %"
