"""Landed rows as the oracle reads them: plain values, exact numbers, no types of any engine."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
PLACE = {"row_id", "arrival_id", "row_number", "slot"}


def exact(value: Any) -> Fraction | None:
    """A measurement without rounding; a binary number by the shortest decimal that means it."""
    if value is None or value == "":
        return None
    return Fraction(value) if isinstance(value, Decimal | int | Fraction) else Fraction(str(value))


def as_day(value: Any) -> date | None:
    """A day, however it was handed over."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def as_time(value: Any) -> datetime | None:
    """An instant, however it was handed over."""
    if value is None or value == "":
        return None
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def accepted(row: Row) -> bool:
    """Whether intake left the row to the build."""
    return not row.get("intake_disposition")
