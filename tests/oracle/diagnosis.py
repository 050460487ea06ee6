"""The five diagnostic statements of a patient, what the data support, and slowing away from sites of entrapment."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .landed import Row, as_day, exact
from .nerves import Segment
from .pairs import SHOWN
from .rule_rows import Rules

# a velocity made of doubtful numbers slows nothing
DOUBTS = {"velocity_disagrees", "velocity_implausible", "distance_in_other_unit", "sites_possibly_swapped"}
SIGNS = {"no_umn_signs": "umn_signs", "no_bulbar_signs": "bulbar_signs", "no_sensory_deficit": "sensory_signs"}


def is_slowed(segment: Segment, rules: Rules) -> bool | None:
    """Whether the velocity lies below the share of the lower limit that the rule names; none where it is not judged."""
    pair = segment.pair
    if pair.segment is None or pair.segment["crosses_entrapment"] == "yes" or DOUBTS & set(segment.flags):
        return None
    velocity = pair.velocity()
    responses = (exact(row.get("amplitude_mv")) for row in (pair.distal, pair.proximal))
    if velocity is None or not all(responses):
        return None
    able = [
        r for r in rules["nerve_slowing"]
        if r["nerve"] == pair.distal["nerve"] and r["sending_lab"] in (pair.distal.get("sending_lab"), "")
    ]  # fmt: skip
    if not able:
        return None
    limit = min(able, key=lambda r: (not r["sending_lab"], r["limit_id"]))
    share, least = Fraction(limit["velocity_pct_of_limit_below"]), Fraction(limit["velocity_lower_limit_m_per_s"])
    return SHOWN * velocity < share * least


def statements(label: Row | None, block: str | None, slowed: Sequence[bool | None]) -> dict[str, str]:
    """Each statement: met, not_met or not_recorded; none is concluded from another."""
    said = label or {}
    found = {"purely_motor": {"yes": "met", "no": "not_met"}.get(said.get("purely_motor") or "", "not_recorded")}
    for statement, sign in SIGNS.items():
        found[statement] = {"no": "met", "yes": "not_met"}.get(said.get(sign) or "", "not_recorded")
    if block in ("definite", "probable") or True in slowed:
        found["focal_block_or_slowing"] = "met"
    else:
        found["focal_block_or_slowing"] = "not_met" if block == "none" else "not_recorded"
    return found


def support(found: Mapping[str, str]) -> str:
    """What the statements amount to; the antibody has no part in it."""
    if "not_met" in found.values():
        return "contradicted"
    return "supported" if set(found.values()) == {"met"} else "incomplete"


def course(used: Sequence[Row]) -> dict[str, Any]:
    """Days between the last two infusions and days the last one lasted, each from the latest row that has both dates."""
    newest = sorted(used, key=_standing, reverse=True)
    return {
        "ivig_interval_days": _days(newest, "previous_ivig_on", "last_ivig_on", 1),
        "ivig_effect_days": _days(newest, "last_ivig_on", "ivig_effect_ended_on", 0),
    }


def _standing(study: Row) -> tuple[str, str]:
    return str(study.get("study_on") or ""), str(study.get("reported_at") or "")


def _days(newest: Sequence[Row], start: str, end: str, least: int) -> int | None:
    both = [(s, as_day(s.get(start)), as_day(s.get(end))) for s in newest]
    dated = [(s, (last - first).days) for s, first, last in both if first and last]
    # of equally new rows all must say the same; days out of order are a finding and give no number
    said = {days for study, days in dated if _standing(study) == _standing(dated[0][0])}
    return said.pop() if len(said) == 1 and min(said) >= least else None
