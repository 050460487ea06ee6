"""Where the rows of a delimited file begin and end, found in its bytes, without the reader that will parse them.

This count is what every later count is held against, so it shares no code with DuckDB's CSV reader. A row is what a
spreadsheet shows as one: a line break inside quotes does not end it, a blank line is a row.
"""

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.readers.quotes import Bytes, Offsets, quote_toggles, text_begins

_CHUNK = 1 << 22
_LF, _CR = 10, 13
# Below four columns a comment with two commas in it would look like a row.
_TELLING_DELIMITERS = 3
# DuckDB's reader refuses longer rows; it passes over those beyond its buffer without a word, and one that has many line
# breaks in a quoted cell takes any amount of memory. So they are never shown to it.
LONGEST_ROW = 2_000_000
LongRow = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the bytes of one file say. `blank_rows` are row numbers; `head_end` is the offset behind the head;
    `long_rows` are rows too long to be read: row number, first and last offset of what it holds.

    `is_balanced` is false when a quote is opened and never closed; `has_stray_quotes` when a quote stands where CSV has
    none (inside an unquoted cell, or before further text), so that readers may differ about what follows. `swallowing_cells`
    counts quoted cells that span lines and hold a row's worth of delimiters for each of them: perhaps a stray quote.
    """

    rows: int
    blank_rows: tuple[int, ...]
    head_end: int
    has_nul: bool
    has_odd_line_ends: bool
    is_balanced: bool
    has_stray_quotes: bool
    swallowing_cells: int = 0
    long_rows: tuple[LongRow, ...] = ()


def scan_rows(path: Path, delimiter: str, quote: str, head_rows: int) -> Scan:
    """What a file says whose encoding keeps ASCII as it is; `head_end` is the offset behind `head_rows` rows."""
    if path.stat().st_size == 0:
        return Scan(0, (), 0, False, False, True, False)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        data = np.frombuffer(content, np.uint8)
        try:
            return _scan(content, data, delimiter, quote, head_rows)
        finally:
            del data


def rows_at(path: Path, delimiter: str, quote: str, offsets: Sequence[int]) -> list[int]:
    """For byte offsets, how many rows end before each: add 1 for the number of the row an offset lies in.

    DuckDB lets a rejected line begin at the blank lines before it, so line breaks at an offset are passed over first.
    """
    if not offsets:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        wanted = np.asarray([_behind_breaks(content, offset) for offset in offsets], np.int64)
        counts = np.zeros(len(wanted), np.int64)
        data = np.frombuffer(content, np.uint8)
        try:
            toggles, _ = quote_toggles(content, data, delimiter, quote)
            for ends in _row_ends(content, data, toggles):
                counts += np.searchsorted(ends, wanted, side="left")
        finally:
            del data
    return [int(count) for count in counts]


def _behind_breaks(content: mmap.mmap, offset: int) -> int:
    while offset < len(content) and content[offset] in (_LF, _CR):
        offset += 1
    return offset


def _scan(content: mmap.mmap, data: Bytes, delimiter: str, quote: str, head_rows: int) -> Scan:
    toggles, has_stray_quotes = quote_toggles(content, data, delimiter, quote)
    rows, last_end, head_end = 0, text_begins(content) - 1, 0 if head_rows == 0 else len(data)
    blanks: list[int] = []
    long_rows: list[LongRow] = []
    delimiters = 0
    for ends in _row_ends(content, data, toggles):
        starts = np.concatenate((np.asarray([last_end + 1], np.int64), ends[:-1] + 1))
        if rows < head_rows <= rows + len(ends):
            head_end = int(ends[head_rows - rows - 1]) + 1
            head = content[int(starts[head_rows - rows - 1]) : head_end]
            delimiters = head.count(delimiter.encode())
        lengths = ends - starts
        is_blank = (lengths == 0) | ((lengths == 1) & (data[np.maximum(ends - 1, 0)] == _CR))
        blanks.extend((np.flatnonzero(is_blank) + rows + 1).tolist())
        long_rows += [
            (rows + at + 1, int(starts[at]), int(ends[at])) for at in np.flatnonzero(lengths > LONGEST_ROW).tolist()
        ]
        rows, last_end = rows + len(ends), int(ends[-1])
    has_nul, has_odd_line_ends = content.find(b"\0") >= 0, _has_odd_line_ends(content, data)
    is_balanced = len(toggles) % 2 == 0
    if len(data) - last_end > LONGEST_ROW:
        long_rows.append((rows + 1, last_end + 1, len(data)))
    return Scan(
        rows + (last_end + 1 < len(data)),
        tuple(blanks),
        head_end,
        has_nul,
        has_odd_line_ends,
        is_balanced,
        has_stray_quotes,
        _swallowing(content, data, toggles, delimiter, delimiters) if is_balanced else 0,
        tuple(long_rows),
    )


def _swallowing(content: mmap.mmap, data: Bytes, toggles: Offsets, delimiter: str, delimiters: int) -> int:
    """Quoted cells that hold `delimiters` or more for every line break in them; narrow files cannot show this."""
    if delimiters < _TELLING_DELIMITERS or not len(toggles):
        return 0
    breaks = np.concatenate([
        np.flatnonzero(data[start : start + _CHUNK] == _LF).astype(np.int64) + start
        for start in range(0, len(data), _CHUNK)
    ])  # fmt: skip
    places = np.searchsorted(toggles, breaks)
    cells, lines = np.unique(places[places % 2 == 1], return_counts=True)
    found = 0
    for place, line_breaks in zip(cells.tolist(), lines.tolist(), strict=True):
        # a doubled quote closes and opens the same cell
        first, last = place - 1, place
        while first >= 2 and toggles[first] == toggles[first - 1] + 1:
            first -= 2
        while last + 2 < len(toggles) and toggles[last + 1] == toggles[last] + 1:
            last += 2
        cell = content[int(toggles[first]) : int(toggles[last])]
        found += cell.count(delimiter.encode()) >= delimiters * line_breaks
    return found


def _row_ends(content: mmap.mmap, data: Bytes, toggles: Offsets) -> Iterator[Offsets]:
    """Offsets of the line breaks that end a row, chunk by chunk: of CR LF the LF, and a CR that stands alone."""
    for start in range(0, len(data), _CHUNK):
        part = data[start : start + _CHUNK]
        is_break = part == _LF
        if content.find(b"\r", start, start + _CHUNK) >= 0:
            following = data[start + 1 : start + _CHUNK + 1]
            following = np.append(following, 0) if len(following) < len(part) else following
            is_break |= (part == _CR) & (following != _LF)
        ends = np.flatnonzero(is_break).astype(np.int64) + start
        if len(toggles):
            ends = ends[np.searchsorted(toggles, ends) % 2 == 0]
        if len(ends):
            yield ends


def _has_odd_line_ends(content: mmap.mmap, data: Bytes) -> bool:
    """Whether there are carriage returns but not CR LF at every line break: DuckDB reads those wrong or not at all."""
    if content.find(b"\r") < 0:
        return False
    carriage_returns = np.flatnonzero(data == _CR)
    line_feeds = np.flatnonzero(data == _LF)
    return len(carriage_returns) != len(line_feeds) or not np.array_equal(carriage_returns + 1, line_feeds)
