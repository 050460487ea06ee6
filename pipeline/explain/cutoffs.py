"""Which cut-off rows could have decided a result, and why each of them did or did not."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.explain.published import Row

BOUNDS = (("at_or_above", "at or above"), ("above", "above"), ("at_or_below", "at or below"), ("below", "below"))
# The same laboratory, antigen and isotype: whatever else differs is worth a line.
QUERY = """
SELECT c.*, s.citation
FROM rule_cutoff c
LEFT JOIN rule_source s ON s.source_id = c.source_id
WHERE c.performing_lab = $performing_lab AND c.antigen = $antigen AND c.isotype = $isotype
ORDER BY c.state, c.assay, c.specimen, c.unit, c.valid_from NULLS FIRST, coalesce(c.at_or_above, c.above) NULLS FIRST,
  c.rule_id
"""


@dataclass(frozen=True, slots=True)
class Considered:
    """One cut-off row beside one result; `why` says in words what came of it."""

    rule_id: str
    state: str
    interpretation: str
    band: str
    valid_from: str | None
    valid_to: str | None
    source: str
    approved_by: str | None
    decided: bool
    why: str


def considered(rule: Row, result: Row) -> Considered:
    """A row of rule_cutoff held against a row of mart_result."""
    decided = rule["rule_id"] in (result["rule_id"] or "").split(" + ")
    return Considered(
        rule_id=rule["rule_id"], state=rule["state"], interpretation=rule["interpretation"], band=band(rule),
        valid_from=_day(rule["valid_from"]), valid_to=_day(rule["valid_to"]),
        source=f"{rule['citation'] or rule['source_id']}; {rule['source_locator']}", approved_by=rule["approved_by"] or None,
        decided=decided, why="decided" if decided else _why_not(rule, result),
    )  # fmt: skip


def band(rule: Row) -> str:
    """The band in words, such as `at or above 30 and at or below 50 %`."""
    parts = [f"{words} {rule[name]:,.10g}" for name, words in BOUNDS if rule[name] is not None]
    return f"{' and '.join(parts)} {rule['unit'] or ''}".strip()


def _why_not(rule: Row, result: Row) -> str:
    """The first thing that keeps the rule from deciding, in the order in which they are looked at."""
    for name, words in (("assay", "assay"), ("specimen", "specimen"), ("unit", "unit")):
        if (rule[name] or None) != (result[name] or None):
            return f"not applied: is for {words} {rule[name] or 'none'}, the result has {result[name] or 'none'}"
    collected: date = result["collected_on"]
    if rule["valid_from"] and collected < rule["valid_from"]:
        return f"not applied: valid from {rule['valid_from']}, the sample is of {collected}"
    if rule["valid_to"] and collected > rule["valid_to"]:
        return f"not applied: its last valid day is {rule['valid_to']}, the sample is of {collected}"
    if rule["state"] == "draft":
        return "not applied: a draft, which is shown and never applied"
    if result["value"] is None:
        return "not applied: the result is no number"
    return _against_band(rule, result)


def _against_band(rule: Row, result: Row) -> str:
    """Where the value, an interval when it is censored, lies against the band."""
    sign, value = result["comparator"] or "", float(result["value"])
    low, has_low = (0.0, True) if sign in ("<", "<=") else (value, sign != ">")
    high, has_high = (math.inf, False) if sign in (">", ">=") else (value, sign != "<")
    bottom, top = (
        _first(rule["at_or_above"], rule["above"], -math.inf),
        _first(rule["at_or_below"], rule["below"], math.inf),
    )
    from_below = low > bottom or (low == bottom and (rule["above"] is None or not has_low))
    from_above = high < top or (high == top and (rule["below"] is None or not has_high))
    if from_below and from_above:
        return f"holds the value and does not decide: {result['reason_code'] or 'another rule is narrower'}"
    meets_top = low < top or (low == top and rule["below"] is None and has_low)
    meets_bottom = bottom < high or (bottom == high and rule["above"] is None and has_high)
    if sign and meets_top and meets_bottom:
        return "the result reaches into this band and beyond it"
    return "the value is not in this band"


def _first(*bounds: Any) -> float:
    return next(float(bound) for bound in bounds if bound is not None)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
