"""Conduction block of one pair by one set of criteria, and the lower limit it needs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .landed import Row, exact
from .pairs import SHOWN, Pair
from .rule_rows import RuleRow, Rules, number


@dataclass(frozen=True, slots=True)
class Grade:
    """What one set of criteria says of a pair."""

    block: str
    reason: str | None = None
    criterion: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The lower limit of the distal amplitude and whose it is."""

    millivolt: Fraction | None
    whose: str | None


def sets(rules: Rules) -> Sequence[RuleRow]:
    """The active sets of criteria with their requirement on the distal response."""
    return rules["conduction_block_requirements"]


def lower_limit(distal: Row, rules: Rules) -> Limit:
    """The exam's own limit, else the laboratory's, else the cited fallback."""
    own = exact(distal.get("amplitude_lower_limit_mv"))
    if own:
        return Limit(own, "exam")
    of_nerve = [
        r for r in rules["nerve_limits"]
        if r["nerve"] == distal["nerve"] and r["sending_lab"] in (distal.get("sending_lab"), "")
    ]  # fmt: skip
    if not of_nerve:
        return Limit(None, None)
    # a limit of another muscle serves only where there is none for the muscle that was recorded
    best = min(of_nerve, key=lambda r: (r["muscle"] != distal.get("muscle"), not r["sending_lab"], r["limit_id"]))
    return Limit(number(best["distal_amplitude_lower_limit_mv"]), "laboratory" if best["sending_lab"] else "fallback")


def grade(pair: Pair, limit: Limit, of_set: RuleRow, rules: Rules) -> Grade:
    """The grade by one set of criteria, or why there is none."""
    rows = [c for c in rules["conduction_block_criteria"] if c["criteria_set"] == of_set["criteria_set"]]
    asked = [c for c in rows if pair.segment is not None and _is_about(c, pair)]
    reason = _obstacle(pair, limit, of_set, rows, bool(asked))
    if reason:
        return Grade("not_assessable", reason)
    for wanted in ("definite", "probable"):
        for criterion in sorted(asked, key=lambda c: c["criterion_id"]):
            if criterion["grade"] == wanted and all(met is True for met in _bounds(criterion, pair)):
                return Grade(wanted, None, criterion["criterion_id"])
    missing = _missing(asked, pair)
    return Grade("not_assessable", missing) if missing else Grade("none")


def _obstacle(pair: Pair, limit: Limit, of_set: RuleRow, rows: Iterable[RuleRow], is_asked: bool) -> str | None:
    if pair.segment is None:
        return "segment_not_listed"
    if pair.distal["nerve"] not in {c["nerve"] for c in rows}:
        return "nerve_not_in_criteria"
    if pair.segment["crosses_entrapment"] == "yes":
        return "entrapment_site"
    return _obstacle_of_distal(pair, limit, of_set) if is_asked else "segment_not_in_criteria"


def _obstacle_of_distal(pair: Pair, limit: Limit, of_set: RuleRow) -> str | None:
    if any(
        (row.get("amplitude_measure") or "negative_peak") != "negative_peak" for row in (pair.distal, pair.proximal)
    ):
        return "amplitude_peak_to_peak"
    amplitude = pair.value("distal", "amplitude_mv")
    if amplitude is None:
        return "distal_amplitude_missing"
    if amplitude <= 0:
        return "no_distal_response"
    above, share = number(of_set["distal_amplitude_mv_above"]), number(of_set["distal_amplitude_pct_of_limit_above"])
    if share is not None and limit.millivolt is None:
        return "lower_limit_missing"
    too_low = (above is not None and amplitude <= above) or (
        share is not None and limit.millivolt is not None and SHOWN * amplitude <= share * limit.millivolt
    )
    return "distal_amplitude_too_low" if too_low else None


def _is_about(criterion: RuleRow, pair: Pair) -> bool:
    assert pair.segment is not None
    return (
        criterion["nerve"] == pair.distal["nerve"]
        and criterion["segment_length"] in ("any", pair.segment["segment_length"])
        and criterion["segment_part"] in ("any", pair.segment["segment_part"])
    )


def _quantities(pair: Pair) -> dict[str, Fraction | None]:
    return {
        "area_reduction_pct": pair.reduction("area_mv_ms"),
        "amplitude_reduction_pct": pair.reduction("amplitude_mv"),
        "duration_increase_pct": pair.increase(),
    }


def _bounds(criterion: RuleRow, pair: Pair) -> Iterator[bool | None]:
    """Whether each stated bound holds; none where its quantity is missing."""
    for name, value in _quantities(pair).items():
        for side in ("at_or_above", "above", "at_or_below"):
            bound = number(criterion.get(f"{name}_{side}"))
            if bound is not None:
                yield None if value is None else _holds(value, side, bound)


def _holds(value: Fraction, side: str, bound: Fraction) -> bool:
    match side:
        case "at_or_above":
            return value >= bound
        case "above":
            return value > bound
        case _:
            return value <= bound


def _missing(asked: Sequence[RuleRow], pair: Pair) -> str | None:
    """What a criterion asks for and nobody measured; of several the first of the alphabet."""
    reasons = []
    for name, value in _quantities(pair).items():
        named = any(c.get(f"{name}_{side}") for c in asked for side in ("at_or_above", "above", "at_or_below"))
        if named and value is None:
            what = {"area": "area_mv_ms", "amplitude": "amplitude_mv", "duration": "duration_ms"}[name.split("_")[0]]
            far = pair.proximal_width() if what == "duration_ms" else pair.value("proximal", what)
            both = pair.value("distal", what) is not None and far is not None
            reasons.append("no_distal_response" if both else f"{name.split('_')[0]}_missing")
    return min(reasons, default=None)
