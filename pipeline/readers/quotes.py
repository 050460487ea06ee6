"""Which quotes of a delimited file open or close a cell, decided for all of them at once."""

import mmap

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 22
_LF, _CR, _SPACE = 10, 13, 32
# Spaces before a quote that are passed over for all quotes at once; more are looked at quote by quote.
_USUAL_SPACES = 64
Offsets = NDArray[np.int64]
Bytes = NDArray[np.uint8]


def text_begins(content: mmap.mmap) -> int:
    """Where the text begins: behind a byte order mark."""
    return 3 if content[:3] == b"\xef\xbb\xbf" else 0


def quote_toggles(content: mmap.mmap, data: Bytes, delimiter: str, quote: str) -> tuple[Offsets, bool]:
    """Offsets of the quotes that open or close a cell, in order, and whether there are stray ones.

    In well-formed text every quote counts (a doubled one closes and opens again), which is proven for all at once; only
    a file with a quote elsewhere is looked at more closely.
    """
    mark = ord(quote) if quote else 0
    if not quote or content.find(quote.encode()) < 0:
        return np.zeros(0, np.int64), False
    quotes = np.concatenate([
        np.flatnonzero(data[start : start + _CHUNK] == mark).astype(np.int64) + start
        for start in range(0, len(data), _CHUNK)
    ])  # fmt: skip
    separators = np.asarray([ord(delimiter), _LF, _CR, mark], np.uint8)
    first = text_begins(content)
    opening, closing = quotes[0::2], quotes[1::2]
    opens_well = (opening == first) | np.isin(data[np.maximum(opening - 1, 0)], separators)
    closes_well = (closing == len(data) - 1) | np.isin(data[np.minimum(closing + 1, len(data) - 1)], separators)
    if opens_well.all() and closes_well.all():
        return quotes, False
    return _walked(content, data, quotes, separators[:3], first)


def _walked(content: mmap.mmap, data: Bytes, quotes: Offsets, separators: Bytes, first: int) -> tuple[Offsets, bool]:
    """What a walk from quote to quote would find, in one go: one stray quote must not cost a step for every other.

    Quotes side by side act together. An even run leaves us inside or outside a cell, where we were; an odd one that
    starts a cell changes that; an odd one elsewhere ends a cell or is stray, so that we are outside in any case. Hence we
    are inside where the number of changes since the last run of that last kind is odd.
    """
    starts = np.diff(quotes, prepend=-2) != 1
    firsts, lasts = quotes[starts], quotes[np.append(starts[1:], True)]
    is_odd = (lasts - firsts) % 2 == 0
    can_open = _starts_cell(content, data, firsts, separators, first)
    changes = np.cumsum(is_odd & can_open)
    at_reset = np.maximum.accumulate(np.where(is_odd & ~can_open, changes, 0))
    is_inside = (changes - (is_odd & can_open) - np.append(0, at_reset[:-1])) % 2 == 1
    opens = ~is_inside & can_open
    closes = (is_inside & is_odd) | (opens & ~is_odd)
    ends_well = (lasts == len(data) - 1) | np.isin(data[np.minimum(lasts + 1, len(data) - 1)], separators)
    # a space beside a quote is read one way here and another there
    has_space = (firsts > first) & (data[np.maximum(firsts - 1, 0)] == _SPACE)
    is_stray = (closes & ~ends_well) | (opens & has_space) | (~is_inside & ~can_open)
    return np.sort(np.append(firsts[opens], lasts[closes])), bool(is_stray.any())


def _starts_cell(content: mmap.mmap, data: Bytes, places: Offsets, separators: Bytes, first: int) -> NDArray[np.bool_]:
    """Whether nothing but spaces lies between each quote and the separator before it."""
    before = places - 1
    behind_spaces = np.flatnonzero((before >= first) & (data[np.maximum(before, 0)] == _SPACE))
    for _ in range(_USUAL_SPACES):
        before[behind_spaces] -= 1
        at = before[behind_spaces]
        behind_spaces = behind_spaces[(at >= first) & (data[np.maximum(at, 0)] == _SPACE)]
        if not len(behind_spaces):
            break
    for index in behind_spaces.tolist():
        before[index] = _before_spaces(content, int(before[index]), first)
    return (before < first) | np.isin(data[np.maximum(before, 0)], separators)


def _before_spaces(content: mmap.mmap, place: int, first: int) -> int:
    """The offset of the last byte up to `place` that is no space; `first` - 1 when there is none."""
    length = _USUAL_SPACES
    while place >= first:
        begin = max(first, place + 1 - length)
        left = len(content[begin : place + 1].rstrip(b" "))
        if left:
            return begin + left - 1
        place, length = begin - 1, 2 * length
    return place
