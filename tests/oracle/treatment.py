"""When a sample was taken against treatment with immunoglobulin; what is not on record is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .landed import Row, as_day
from .rule_rows import Rules

INFUSIONS = ("first_ivig_on", "last_ivig_on", "previous_ivig_on")


@dataclass(frozen=True, slots=True)
class Timing:
    """The timing and, within a window, the days since the infusion."""

    name: str
    days: int | None = None


def timing(taken: date, studies: Sequence[Row], rules: Rules) -> Timing:
    """The timing of a sample by all used study rows of its patient."""
    firsts = [d for s in studies if (d := as_day(s.get("first_ivig_on")))]
    on_record = [d for s in studies for name in INFUSIONS if (d := as_day(s.get(name)))]
    before = [d for d in on_record if d <= taken]
    if before:
        days = (taken - max(before)).days
        window = _window(days, rules)
        if window == _window(0, rules) or _is_last(max(before), taken, studies):
            return Timing(window, days)
        return Timing("on_treatment_days_unknown")
    # no infusion on record up to the sample; a day of a last infusion alone says nothing of the first
    if firsts and min(firsts) == min(on_record):
        return Timing("before_first")
    if _not_yet(taken, on_record, studies):
        treated = bool(on_record) or any(s.get("ever_ivig") == "yes" for s in studies)
        return Timing("before_first" if treated else "never_treated")
    return Timing("unknown")


def _not_yet(taken: date, on_record: Sequence[date], studies: Sequence[Row]) -> bool:
    """Whether somebody stated, on or after the day of the sample, that there was no treatment, and no record denies it."""
    said_no = [as_day(s.get("study_on")) for s in studies if s.get("ever_ivig") == "no"]
    last_no = max((d for d in said_no if d), default=None)
    if last_no is None or last_no < taken:
        return False
    said_yes = [as_day(s.get("study_on")) for s in studies if s.get("ever_ivig") == "yes"]
    return all(d is not None and d > last_no for d in [*said_yes, *on_record])


def _is_last(infusion: date, taken: date, studies: Sequence[Row]) -> bool:
    """Whether a study row from after the sample says that this infusion was the last before it."""
    for study in studies:
        if (as_day(study.get("study_on")) or date.min) < taken:
            continue
        last = as_day(study.get("last_ivig_on"))
        # where the last one came after the sample, the one before it was the last before the sample
        if infusion == last or (last and last > taken and infusion == as_day(study.get("previous_ivig_on"))):
            return True
    return False


def _window(days: int, rules: Rules) -> str:
    for row in rules["ivig_windows"]:
        if row["days_from"] and int(row["days_from"]) <= days and (not row["days_to"] or days <= int(row["days_to"])):
            return row["ivig_timing"]
    raise LookupError(f"no window holds {days} days")
