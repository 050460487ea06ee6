"""Sensory conduction of the nerve along a pair of motor sites."""

from collections.abc import Mapping, Sequence

from .landed import Row, exact
from .pairs import Pair
from .rule_rows import RuleRow, Rules, number


def sparing(pair: Pair, sensory: Sequence[Row], rules: Rules) -> str:
    """What the sensory studies of the nerve say: amplitude at its first site, velocity through the segment."""
    rows = [r for r in sensory if (r["nerve"], r["side"]) == (pair.distal["nerve"], pair.distal["side"])]
    place = {s["site"]: s for s in rules["stimulation_sites"]}
    amplitudes, velocities, silent = [], [], False
    for row in rows:
        limit = _sensory_limit(row, rules)
        if limit is None:
            continue
        if place[row["site"]]["position"] == "1":
            amplitudes.append(_is_above(row, "snap_amplitude_uv", limit))
        if _is_through(row, pair, place, rules):
            velocities.append(_is_above(row, "velocity_m_per_s", limit))
            silent = silent or exact(row.get("snap_amplitude_uv")) == 0
    if silent or False in amplitudes or False in velocities:
        return "not_spared"
    return "spared" if True in amplitudes and True in velocities else "not_recorded"


def _is_through(row: Row, pair: Pair, place: Mapping[str, RuleRow], rules: Rules) -> bool:
    """Whether the row was stimulated at the far end of the segment, and not beyond a site of entrapment."""
    near, far = (place[r["site"]]["region"] for r in (pair.distal, pair.proximal))
    if row["site"] == pair.proximal["site"]:
        return True
    if near == far or place[row["site"]]["region"] != far:
        return False
    trapped = {
        s["proximal_site"]
        for s in rules["nerve_segments"]
        if (s["nerve"], s["distal_site"], s["crosses_entrapment"]) == (row["nerve"], pair.distal["site"], "yes")
    }
    return row["site"] not in trapped or pair.proximal["site"] in trapped


def _sensory_limit(row: Row, rules: Rules) -> RuleRow | None:
    able = [
        limit
        for limit in rules["sensory_limits"]
        if limit["nerve"] == row["nerve"] and limit["sending_lab"] in (row.get("sending_lab"), "")
    ]
    return min(able, key=lambda limit: (not limit["sending_lab"], limit["limit_id"]), default=None)


def _is_above(row: Row, name: str, limit: RuleRow) -> bool | None:
    value, least = exact(row.get(name)), number(limit[f"{name}_above"])
    return None if value is None or least is None else value > least
