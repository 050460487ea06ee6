"""Dates and instants of messages (HL7 v2, FHIR) in the one spelling the common parser reads.

What cannot be read stays as it was written, so that the row is rejected with its own text: nothing is guessed.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

_TWO = "([0-9]{2})"
HL7_MOMENT = re.compile(
    rf"([0-9]{{4}}){_TWO}{_TWO}(?:{_TWO}(?:{_TWO}(?:{_TWO}(?:\.[0-9]{{1,9}})?)?)?)?([+-][0-9]{{4}})?"
)
FHIR_MOMENT = re.compile(
    rf"([0-9]{{4}})-{_TWO}-{_TWO}(?:T{_TWO}:{_TWO}(?::{_TWO}(?:\.[0-9]{{1,9}})?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?"
)


def local_date(text: str, pattern: re.Pattern[str]) -> str:
    """YYYY-MM-DD of the day as it was written, in the writer's own time; else the text itself."""
    found = pattern.fullmatch(text.strip())
    try:
        return _day(found).isoformat() if found and _wall(found) else text
    except ValueError:
        return text


def utc_instant(text: str, pattern: re.Pattern[str], zone: tzinfo | None) -> str:
    """YYYY-MM-DD HH:MM:SS in UTC, a bare date as YYYY-MM-DD; else the text itself.

    The offset in the text wins over `zone`; with neither the text stays. Fractions of a second are cut off.
    """
    found = pattern.fullmatch(text.strip())
    try:
        if found is None or found[4] is None:
            return _day(found).isoformat() if found else text
        from_text = _offset(found[7]) if found[7] else zone
        if from_text is None:
            return text
        return _as_utc(_wall(found), from_text).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return text


def _as_utc(wall: datetime, zone: tzinfo) -> datetime:
    """The later one of an hour that the clocks show twice, as DuckDB has it for delimited text."""
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _day(found: re.Match[str]) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _wall(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(found[at] or 0) for at in range(1, 7))
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # the zone is put on by who asks


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if int(digits[2:]) > 59:
        raise ValueError("no offset has more than 59 minutes")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
