"""The rows of a delimited text, with the delimiter and quote that make the most of it."""

import csv
import io
from collections import Counter

from pipeline.drafting.findings import Guess, undecided

_DELIMITERS = (";", "\t", ",", "|")
_NAMES = {";": "semicolon", "\t": "tab", ",": "comma", "|": "vertical bar"}
_SNIFFED = 1 << 20
MOST_ROWS = 200_000
Rows = list[tuple[int, list[str]]]


def dialect_of(text: str) -> tuple[Guess, Guess]:
    """Delimiter and quote. A file that no delimiter divides into columns of one number stays undecided."""
    head = text[:_SNIFFED]
    quote = _quote(head)
    shares = {delimiter: _evenness(head, delimiter, quote.value) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: shares[delimiter])
    share, width = shares[best]
    if width < 2:
        return undecided("the delimiter; no comma, semicolon, tab or vertical bar divides the rows evenly"), quote
    return Guess(best, f"a {_NAMES[best]} gives {width} cells in {share:.0%} of the rows"), quote


def rows_of(text: str, delimiter: str, quote: str) -> Rows:
    """The cells of the rows with the number a spreadsheet shows; blank lines are rows without cells."""
    with_limit(10**8)
    reader = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    rows: Rows = []
    try:
        for number, cells in enumerate(reader, 1):
            rows.append((number, [cell.strip() for cell in cells]))
            if number >= MOST_ROWS:
                break
    except csv.Error:
        pass  # an unterminated quote at the end: what came before it is enough to draft from
    return rows


def with_limit(cell_characters: int) -> None:
    """Let cells be longer than the csv module's own limit, which a quote that is never closed reaches."""
    csv.field_size_limit(cell_characters)


def _quote(head: str) -> Guess:
    opened, single = (sum(head.count(f"{mark}{sign}") for mark in (*_DELIMITERS, "\n")) for sign in "\"'")
    if single > 3 and single > 3 * opened:
        return Guess("'", "cells begin with an apostrophe")
    return Guess('"', "cells are enclosed in double quotes" if opened else "no cell is quoted; the usual mark")


def _evenness(head: str, delimiter: str, quote: str) -> tuple[float, int]:
    """The share of rows that have the most common number of cells, and that number; nothing for a single cell."""
    widths = Counter(len(cells) for _, cells in rows_of(head, delimiter, quote) if any(cells))
    wide = Counter({width: count for width, count in widths.items() if width > 1})
    if not wide:
        return 0.0, 0
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total(), width
