"""Intervals of values: what a result may be, and what a band holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .landed import Row, exact
from .rule_rows import RuleRow, number


@dataclass(frozen=True, slots=True)
class Interval:
    """Values between two ends; no end is open without limit."""

    low: Fraction | None
    low_in: bool
    high: Fraction | None
    high_in: bool

    def is_empty(self) -> bool:
        """Whether no value lies in it."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.low_in and self.high_in))

    def holds(self, other: "Interval") -> bool:
        """Whether every value of `other` lies in this one."""
        return self._reaches_low(other) and self._reaches_high(other)

    def _reaches_low(self, other: "Interval") -> bool:
        if self.low is None:
            return True
        if other.low is None:
            return False
        return self.low < other.low or (self.low == other.low and (self.low_in or not other.low_in))

    def _reaches_high(self, other: "Interval") -> bool:
        if self.high is None:
            return True
        if other.high is None:
            return False
        return self.high > other.high or (self.high == other.high and (self.high_in or not other.high_in))

    def meets(self, other: "Interval") -> bool:
        """Whether some value lies in both."""
        low, low_in = _tighter_low(self, other)
        high, high_in = _tighter_high(self, other)
        return not Interval(low, low_in, high, high_in).is_empty()


def _tighter_low(a: Interval, b: Interval) -> tuple[Fraction | None, bool]:
    if a.low is None or b.low is None:
        return (a.low, a.low_in) if b.low is None else (b.low, b.low_in)
    if a.low == b.low:
        return a.low, a.low_in and b.low_in
    return (a.low, a.low_in) if a.low > b.low else (b.low, b.low_in)


def _tighter_high(a: Interval, b: Interval) -> tuple[Fraction | None, bool]:
    if a.high is None or b.high is None:
        return (a.high, a.high_in) if b.high is None else (b.high, b.high_in)
    if a.high == b.high:
        return a.high, a.high_in and b.high_in
    return (a.high, a.high_in) if a.high < b.high else (b.high, b.high_in)


def of_band(rule: RuleRow) -> Interval:
    """The values of one rule row; its columns say whether a bound belongs to it. Nothing measured lies below zero."""
    low = number(rule["at_or_above"]) if rule["at_or_above"] else number(rule["above"])
    high = number(rule["at_or_below"]) if rule["at_or_below"] else number(rule["below"])
    return Interval(low, bool(rule["at_or_above"]), high, bool(rule["at_or_below"]))


def of_result(row: Row) -> Interval:
    """A point, or all that a censored result may be."""
    value = exact(row["value"])
    match row.get("comparator") or "":
        case "<":
            return Interval(Fraction(0), True, value, False)
        case "<=":
            return Interval(Fraction(0), True, value, True)
        case ">":
            return Interval(value, False, None, False)
        case ">=":
            return Interval(value, True, None, False)
        case _:
            return Interval(value, True, value, True)


def cover(found: Interval, bands: Sequence[Interval]) -> bool:
    """Whether bands, in order from below, hold the whole interval with no gap between them."""
    joined = bands[0]
    for band in bands[1:]:
        touches = joined.high is None or (
            band.low is not None
            and (band.low < joined.high or (band.low == joined.high and (band.low_in or joined.high_in)))
        )
        if not touches:
            return False
        joined = Interval(joined.low, joined.low_in, band.high, band.high_in)
    return joined.holds(found)
