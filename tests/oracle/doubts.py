"""What makes the recording of a pair doubtful: time, size, units and fibres that cross."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from .landed import Row, exact
from .pairs import SHOWN, Pair
from .rule_rows import RuleRow, Rules, number


def flags(pair: Pair, all_pairs: Sequence[Pair], rules: Rules) -> tuple[str, ...]:
    """What makes the recording doubtful, in order of the alphabet."""
    rows = {row["flag"]: row for row in rules["nerve_integrity"]}
    found = {
        flag
        for flag, is_raised in (*_doubts_of_time(pair, rows, rules), *_doubts_of_size(pair, all_pairs, rows, rules))
        if is_raised
    }
    return tuple(sorted(found))


def _doubts_of_time(pair: Pair, rows: Mapping[str, RuleRow], rules: Rules) -> Iterator[tuple[str, bool]]:
    way = exact(pair.proximal.get("distance_mm")) if pair.are_neighbours else None
    is_long = pair.segment is not None and pair.segment["segment_length"] == "long"
    shortest = number(rows["distance_in_other_unit"]["below"])
    yield "distance_in_other_unit", bool(is_long and way is not None and shortest is not None and way < shortest)
    amplitudes = pair.value("distal", "amplitude_mv"), pair.value("proximal", "amplitude_mv")
    if not all(amplitudes):
        return  # where there is no response there is no latency
    near, far = pair.value("distal", "latency_ms"), pair.value("proximal", "latency_ms")
    yield "sites_possibly_swapped", near is not None and far is not None and far <= near
    velocity, stated = pair.velocity(), exact(pair.proximal.get("velocity_m_per_s"))
    most = number(rows["velocity_disagrees"]["above"])
    if velocity is not None:
        yield "velocity_disagrees", stated is not None and most is not None and abs(stated - velocity) > most
        window = next(r for r in rules["plausibility"] if r["rule_id"] == "motor_velocity_m_per_s")
        yield "velocity_implausible", not Fraction(window["low"]) <= velocity <= Fraction(window["high"])


def _doubts_of_size(
    pair: Pair, all_pairs: Sequence[Pair], rows: Mapping[str, RuleRow], rules: Rules
) -> Iterator[tuple[str, bool]]:
    odd = rows["area_in_other_unit"]
    yield (
        "area_in_other_unit",
        any(_area_is_odd(r, number(odd["below"]), number(odd["above"])) for r in (pair.distal, pair.proximal)),
    )
    if not pair.value("distal", "amplitude_mv"):
        return
    yield "no_proximal_response", pair.value("proximal", "amplitude_mv") == 0
    near, far = pair.value("distal", "latency_ms"), pair.value("proximal", "latency_ms")
    larger = gains(pair, rows["proximal_larger"])
    yield "proximal_larger", larger
    # a response that arrives earlier at the far site is no matter of stimulation
    yield "distal_submaximal_possible", larger and (near is None or far is None or far > near)
    forearm = _is_forearm(pair, rules)
    yield "martin_gruber_possible", forearm and gains(pair, rows["martin_gruber_possible"])
    if forearm and pair.distal["nerve"] == "ulnar" and falls(pair, rows["martin_gruber_not_excluded"]):
        medians = [
            p
            for p in all_pairs
            if _is_forearm(p, rules) and p.distal["nerve"] == "median" and p.distal["side"] == pair.distal["side"]
        ]
        told = [
            gains(p, rows["martin_gruber_possible"])
            for p in medians
            if p.value("distal", "amplitude_mv")
            and any(None not in p.both(name) for name in ("amplitude_mv", "area_mv_ms"))
        ]
        yield "martin_gruber_possible", any(told)
        yield "martin_gruber_not_excluded", not told
    site = next(s for s in rules["stimulation_sites"] if s["site"] == pair.proximal["site"])
    yield (
        "proximal_submaximal_possible",
        site["is_often_submaximal"] == "yes" and falls(pair, rows["proximal_submaximal_possible"]),
    )


def falls(pair: Pair, rule: RuleRow) -> bool:
    """Whether amplitude or area falls by more than the rule's bound."""
    changes = pair.reduction("amplitude_mv"), pair.reduction("area_mv_ms")
    return any(f is not None and f > Fraction(rule["above"]) for f in changes)


def gains(pair: Pair, rule: RuleRow) -> bool:
    """Whether amplitude or area gains more than the rule's bound."""
    return any(_rises(pair, name, Fraction(rule["above"])) for name in ("amplitude_mv", "area_mv_ms"))


def _rises(pair: Pair, name: str, above: Fraction) -> bool:
    near, far = pair.both(name)
    return near is not None and far is not None and SHOWN * (far - near) > above * near


def _area_is_odd(row: Row, below: Fraction | None, above: Fraction | None) -> bool:
    area, amplitude, duration = (exact(row.get(n)) for n in ("area_mv_ms", "amplitude_mv", "duration_ms"))
    if area is None or not amplitude:
        return False
    if area == 0:
        return True  # a response has an area, however long it lasts
    if not duration or below is None or above is None:
        return False
    share = SHOWN * area / (amplitude * duration)
    return share < below or share > above


def _is_forearm(pair: Pair, rules: Rules) -> bool:
    region = {s["site"]: s["region"] for s in rules["stimulation_sites"]}
    return (
        pair.distal["nerve"] in ("median", "ulnar")
        and region[pair.distal["site"]] == "wrist"
        and region[pair.proximal["site"]] == "elbow"
    )
