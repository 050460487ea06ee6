"""Intervals against known values and properties; verdicts at and beside the ends of the range."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.resources import RULES_DIR
from pipeline.statistics import METHODS, interval, smallest_n_within, verdict

# positives, tested, Wilson 95 % low and high to five decimals, verdict against 30-80 % with at least 14 tested
KNOWN = (
    (22, 33, 0.49608, 0.80250, "inconclusive"),
    (67, 100, 0.57305, 0.75437, "within"),
    (10, 16, 0.38641, 0.81519, "inconclusive"),
    (32, 75, 0.32101, 0.53947, "within"),
    (19, 40, 0.32935, 0.62503, "within"),
    (38, 88, 0.33333, 0.53601, "within"),
    (33, 33, 0.89573, 1.00000, "above"),
    (0, 5, 0.00000, 0.43448, "too_few"),
    (5, 5, 0.56552, 1.00000, "too_few"),
    (5, 10, 0.23659, 0.76341, "too_few"),
    (30, 100, 0.21895, 0.39585, "inconclusive"),
    (0, 40, 0.00000, 0.08762, "below"),
)


@pytest.mark.parametrize(("positive", "tested", "low", "high", "expected"), KNOWN)
def test_known_intervals_and_verdicts(positive: int, tested: int, low: float, high: float, expected: str) -> None:
    found = interval(positive, tested)
    assert (round(found[0], 5), round(found[1], 5)) == (low, high)
    assert verdict(tested, *found, 0.30, 0.80, 14)[0] == expected


def counts() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts(), st.sampled_from(sorted(METHODS)))
def test_an_interval_holds_its_rate_and_stays_in_0_to_1(count: tuple[int, int], method: str) -> None:
    low, high = interval(*count, method)
    assert 0 <= low <= count[0] / count[1] <= high <= 1
    assert (low == 0.0) == (count[0] == 0)
    assert (high == 1.0) == (count[0] == count[1])


@given(counts())
def test_swapping_positive_and_negative_mirrors_the_interval(count: tuple[int, int]) -> None:
    low, high = interval(*count)
    mirrored = interval(count[1] - count[0], count[1])
    assert math.isclose(mirrored[0], 1 - high, abs_tol=1e-9)
    assert math.isclose(mirrored[1], 1 - low, abs_tol=1e-9)


@given(counts())
def test_clopper_pearson_and_wilson_agree_with_a_second_library(count: tuple[int, int]) -> None:
    for ours, theirs in (("wilson", "wilson"), ("clopper_pearson", "exact")):
        expected = binomtest(*count).proportion_ci(method=theirs)
        assert interval(*count, ours) == pytest.approx((expected.low, expected.high), abs=1e-7)


@given(counts())
def test_more_confidence_is_a_wider_interval(count: tuple[int, int]) -> None:
    narrow, wide = interval(*count, confidence=0.8), interval(*count, confidence=0.99)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@pytest.mark.parametrize("method", ["normal", "wald", "", "Wilson"])
def test_no_other_method_is_offered(method: str) -> None:
    with pytest.raises(ValueError, match="expected one of wilson, clopper_pearson, jeffreys"):
        interval(1, 2, method)
    with pytest.raises(ValueError, match="expected one of"):
        smallest_n_within(0.3, 0.8, method)


@pytest.mark.parametrize(("positive", "tested"), [(0, 0), (1, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(positive: int, tested: int) -> None:
    with pytest.raises(ValueError, match="expected somebody tested"):
        interval(positive, tested)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, math.nan])
def test_confidence_is_a_fraction(confidence: float) -> None:
    with pytest.raises(ValueError, match="fraction"):
        interval(1, 2, confidence=confidence)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.30, 0.80, "within"),
        (math.nextafter(0.30, 0), 0.80, "inconclusive"),
        (0.30, math.nextafter(0.80, 1), "inconclusive"),
        (0.10, 0.30, "inconclusive"),
        (0.10, math.nextafter(0.30, 0), "below"),
        (0.80, 0.90, "inconclusive"),
        (math.nextafter(0.80, 1), 0.90, "above"),
        (0.10, 0.90, "inconclusive"),
    ],
)
def test_the_ends_of_the_range_belong_to_it(low: float, high: float, expected: str) -> None:
    assert verdict(50, low, high, 0.30, 0.80, 14)[0] == expected


def test_an_end_that_only_comes_close_is_shown_apart() -> None:
    assert "30.00-80.02 %" in verdict(50, 0.30, 0.8002, 0.30, 0.80, 14)[1]
    assert "30.0-80.0 %" in verdict(50, 0.30, 0.80, 0.30, 0.80, 14)[1]


def test_nobody_tested_is_not_estimable_and_never_zero() -> None:
    found, reason = verdict(0, None, None, 0.30, 0.80, 14)
    assert found == "not_estimable"
    assert "0 %" not in reason


def test_too_few_comes_before_any_place_of_the_interval() -> None:
    assert verdict(13, 0.4, 0.7, 0.30, 0.80, 14)[0] == "too_few"
    assert verdict(14, 0.4, 0.7, 0.30, 0.80, 14)[0] == "within"
    assert "14" in verdict(13, 0.4, 0.7, 0.30, 0.80, 14)[1]


def test_a_missing_interval_is_an_error_when_somebody_was_tested() -> None:
    with pytest.raises(ValueError, match="both of its ends"):
        verdict(20, None, 0.5, 0.30, 0.80, 14)


@given(counts(), st.integers(0, 30))
def test_a_verdict_is_given_in_one_sentence(count: tuple[int, int], minimum_n: int) -> None:
    found, reason = verdict(count[1], *interval(*count), 0.30, 0.80, minimum_n)
    assert (found == "too_few") == (count[1] < minimum_n)
    assert reason
    assert "\n" not in reason


@pytest.mark.parametrize(("method", "expected"), [("wilson", 14), ("clopper_pearson", 18), ("jeffreys", 14)])
def test_the_smallest_cohort_that_can_be_within(method: str, expected: int) -> None:
    assert smallest_n_within(0.30, 0.80, method) == expected
    inside = [k for k in range(expected + 1) if _is_inside(k, expected, method)]
    assert inside
    assert not any(_is_inside(k, n, method) for n in range(1, expected) for k in range(n + 1))


def test_the_shipped_rule_states_the_derived_minimum() -> None:
    for row in pd.read_csv(RULES_DIR / "published_ranges.csv").to_dict("records"):
        assert row["minimum_n"] == smallest_n_within(row["low"], row["high"], row["ci_method"], row["confidence"])


def test_a_range_no_cohort_can_settle_is_refused() -> None:
    with pytest.raises(ValueError, match="no cohort"):
        smallest_n_within(0.5, 0.5)


def _is_inside(positive: int, tested: int, method: str) -> bool:
    low, high = interval(positive, tested, method)
    return low >= 0.30 and high <= 0.80
