"""A typed cell of a workbook as the text that the laboratory would have written into a delimited export.

The common parser reads that text, so a value takes the decimal mark and the date format of the declared shape. What a
spreadsheet made of a result (`1:40` is a time to it, `1/40` a date) stays a time or a date: it is never decoded.
"""

import datetime
import math
from decimal import Decimal

from pipeline.labs.model import FileShape
from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.scan import Shown

LONGEST_CELL = 1_000_000
# A spreadsheet shows and keeps 15 digits; what an identifier had beyond them is lost.
_DIGITS = 15
_HALF_A_SECOND = datetime.timedelta(milliseconds=500)

Cell = str | bool | int | float | datetime.date | datetime.time | datetime.timedelta | tuple[Shown, float]


def text_of(cell: Cell, shape: FileShape) -> str:
    """The cell as text; text itself is left untouched. Raises Unreadable: cell_too_long, nul_bytes."""
    if isinstance(cell, str):
        return _checked(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell, shape.decimal)
    if isinstance(cell, tuple):
        return _as_shown(*cell, shape.decimal)
    return _time_text(cell, shape)


def number_text(number: float, decimal: str) -> str:
    """Up to 15 digits, without an exponent where they suffice: `1.23457E+17` is what an identifier check refuses."""
    if not math.isfinite(number):
        return str(number)
    text = format(number, f".{_DIGITS}g")
    if "e" in text and abs(number) < 1:
        text = format(Decimal(text), "f")
    return text.replace("e", "E").replace(".", decimal) if text != "-0" else "0"


def _as_shown(shown: Shown, number: float, decimal: str) -> str:
    if shown is Shown.PERCENT:
        hundredfold = float(Decimal(format(number, f".{_DIGITS}g")) * 100)
        return number_text(hundredfold, decimal) + "%"
    # the comparator is part of the format, not of the value: lost, which the parser of results refuses
    return "?" + number_text(number, decimal)


def _time_text(value: datetime.date | datetime.time | datetime.timedelta, shape: FileShape) -> str:
    """Dates in the declared formats; times and durations as HH:MM:SS, to the nearest second as they are kept."""
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        sign = "-" if seconds < 0 else ""
        return f"{sign}{abs(seconds) // 3600:02}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    if isinstance(value, datetime.time):
        return _time_text(datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        ), shape)  # fmt: skip
    if isinstance(value, datetime.datetime):
        value = (value + _HALF_A_SECOND).replace(microsecond=0) if value.year < datetime.MAXYEAR else value
        if value.time() != datetime.time():
            return value.strftime(shape.timestamp or "%Y-%m-%d %H:%M:%S")
    return value.strftime(shape.date)


def _checked(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise Unreadable("cell_too_long", f"a cell of {len(text)} characters")
    if "\0" in text:
        raise Unreadable("nul_bytes", "a cell holds a NUL character")
    return text
