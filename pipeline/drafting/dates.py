"""The date format of a file, decided over every cell of its date columns, never row by row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise

from pipeline.drafting.findings import Guess, is_undecided, undecided
from pipeline.labs.dates import shape_of

# In the order of preference: the stricter form of two that read the same cells comes first.
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
    "%d.%m.%Y", "%-d.%-m.%Y", "%d.%m.%y", "%-d.%-m.%y",
    "%d/%m/%Y", "%-d/%-m/%Y", "%d/%m/%y", "%-d/%-m/%y", "%m/%d/%Y", "%-m/%-d/%Y", "%m/%d/%y", "%-m/%-d/%y",
    "%d-%m-%Y", "%-d-%-m-%Y", "%m-%d-%Y", "%-m-%-d-%Y", "%d-%m-%y",
    "%d-%b-%Y", "%-d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%-d %b %Y", "%b %d, %Y", "%d %B %Y", "%-d %B %Y",
)  # fmt: skip
_TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%-H:%M", "%I:%M %p", "%-I:%M %p", "%I:%M:%S %p")
_TIMED = tuple(f"{day}{mark}{time}" for day in _DAYS for time in _TIMES for mark in (" ", "T"))
_LOOKS = re.compile(
    r"[0-9]{1,4}[-./ ][0-9A-Za-z]{1,9}[-./ ][0-9]{1,4}.*|[12][0-9]{7}|[A-Za-z]{3,9} [0-9]{1,2}, [0-9]{4}.*"
)
# A column holds dates when hardly a cell is anything else; the rest may be slips and controls.
_SHARE = 0.9
_TRIED_FIRST = 200

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Dates:
    """The formats of a file: of dates, of dates with a time (None: there are none); and which fields fit neither."""

    date: Guess | None
    timestamp: Guess | None
    unread: Mapping[str, str]


def looks_like_dates(cells: Sequence[str]) -> bool:
    """Whether most of the filled cells have the look of a date, in any format."""
    return bool(cells) and sum(bool(_LOOKS.fullmatch(cell)) for cell in cells) >= 0.6 * len(cells)


def dates_of(days: Mapping[str, Sequence[str]], instants: Mapping[str, Sequence[str]], order: Rows) -> Dates:
    """The formats of date fields and of instants (field -> filled cells).

    `order` are cells that come one after the other in time, row by row: collected, received, reported.
    """
    together = [cell for cells in days.values() for cell in cells]
    timed = {field: cells for field, cells in instants.items() if _have_times(cells)}
    bare = {field: cells for field, cells in instants.items() if field not in timed}
    clock = [cell for cells in timed.values() for cell in cells]
    timestamp = _format(_TIMED, clock, order, None) if clock else None
    date = _format((*_DAYS, *_TIMED), together, order, _decided(timestamp)) if together else None
    if clock and _decided(timestamp) is None:
        timestamp = _format(_TIMED, clock, order, _decided(date))
    day_format = _decided(date)
    odd = [cell for cells in bare.values() for cell in cells if day_format is None or not _fits(day_format, cells)]
    if odd and timestamp is None and (day_format or date is None):
        timestamp = _format(_DAYS, odd, order, day_format)
    unread = {
        field: "not all of its cells are of the date format that fits the file best"
        for field, cells in days.items()
        if day_format is not None and not _fits(day_format, cells)
    }
    return Dates(date, timestamp, unread)


def _decided(guess: Guess | None) -> str | None:
    return guess.value if guess is not None and not is_undecided(guess.value) else None


def _have_times(cells: Sequence[str]) -> bool:
    return 2 * sum(":" in cell for cell in cells) >= len(cells)


def _fits(form: str | None, cells: Sequence[str]) -> bool:
    distinct = set(cells)
    return form is not None and len(_read(form, list(distinct))) >= _SHARE * len(distinct)


def _format(formats: Sequence[str], cells: Sequence[str], order: Rows, other: str | None) -> Guess:
    """The format that reads the cells; of two orders of day and month the one that something speaks for.

    What speaks: a cell that only one of them reads, rows that go backwards under the other, the file's `other` dates.
    """
    distinct = list(dict.fromkeys(cells))
    few = distinct[:_TRIED_FIRST]
    likely = [form for form in formats if len(_read(form, few)) >= 0.5 * len(few)]
    read = {form: found for form in likely if len(found := _read(form, distinct)) >= _SHARE * len(distinct)}
    if not read:
        return undecided("the date format; no usual one reads nine of ten cells")
    first = max(read, key=lambda form: len(read[form]))
    rivals = [form for form in read if _order(form) != _order(first)]
    left = [cell for cell in distinct if cell not in read[first]]
    if contrary := next((form for form in formats if _order(form) != _order(first) and _read(form, left)), None):
        return undecided(f"{first} or {contrary}; some cells can only be the one, some only the other")
    said = f"reads {len(read[first])} of {len(distinct)} different cells"
    if not rivals:
        return Guess(first, f"{said}, no other order of day and month does")
    rival = max(rivals, key=lambda form: len(read[form]))
    if only := len(read[first] - read[rival]):
        return Guess(first, f"{said}; {only} of them cannot be {rival}")
    return _by_order(first, rival, order) or _by_other(first, rival, other) or _both(first, rival)


def _by_order(first: str, rival: str, order: Rows) -> Guess | None:
    backwards = {form: sum(_goes_backwards(form, row) for row in order) for form in (first, rival)}
    for form, against in ((first, rival), (rival, first)):
        if backwards[form] == 0 and backwards[against] > 0:
            return Guess(form, f"as {against}, rows would go backwards in time: {backwards[against]}")
    return None


def _by_other(first: str, rival: str, other: str | None) -> Guess | None:
    for form in (first, rival):
        if other is not None and _order(form) == _order(other):
            return Guess(form, "could be read both ways; the file's other dates have this order")
    return None


def _both(first: str, rival: str) -> Guess:
    return undecided(f"{first} or {rival}; every date of this file can be read both ways, ask the laboratory")


def _goes_backwards(form: str, row: Sequence[str]) -> bool:
    moments = [moment for cell in row if (moment := _parsed(form, cell)) is not None]
    return any(earlier > later for earlier, later in pairwise(moments))


def _order(form: str) -> str:
    """The order of year, month and day."""
    return "".join(letter.lower().replace("b", "m") for letter in re.findall("%-?([YymbBd])", form))


def _read(form: str, cells: Sequence[str]) -> set[str]:
    return {cell for cell in cells if _parsed(form, cell) is not None}


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(shape_of(form))


def _parsed(form: str, cell: str) -> datetime | None:
    if not _pattern(form).fullmatch(cell):
        return None
    try:
        return datetime.strptime(cell, form.replace("%-", "%"))  # noqa: DTZ007 (only compared with its like)
    except ValueError:
        return None
