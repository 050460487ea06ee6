"""Quotes decided all at once are those that a walk from quote to quote finds."""

import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.readers.quotes import quote_toggles
from pipeline.readers.scan import scan_rows


def walked(text: bytes) -> tuple[list[int], bool]:
    """Offsets of the quotes that open or close a cell, and whether there are stray ones: byte by byte, as CSV is read."""
    toggles, has_stray, is_inside, place = [], False, False, 0
    while place < len(text):
        if text[place] == ord('"'):
            before, behind = text[:place].rstrip(b" "), text[place + 1 : place + 2]
            if is_inside and behind == b'"':
                place += 1
            elif is_inside or before[-1:] in (b"", b",", b"\n", b"\r"):
                has_stray |= behind not in (b"", b",", b"\n", b"\r") if is_inside else len(before) < place
                is_inside = not is_inside
                toggles.append(place)
            else:
                has_stray = True
        place += 1
    return toggles, has_stray


def decided(text: bytes) -> tuple[list[int], bool]:
    with mmap.mmap(-1, len(text)) as content:
        content[:] = text
        data = np.frombuffer(content, np.uint8)
        try:
            toggles, has_stray = quote_toggles(content, data, ",", '"')
        finally:
            del data
        return toggles.tolist(), has_stray


# more spaces than are passed over at once, so that both ways of passing over them are met
PIECES = ["a", ",", '"', '""', '"""', "\n", "\r\n", " ", " " * 63, " " * 70, '","', '"b",']


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join))
def test_the_same_quotes_as_a_walk_finds(text: str) -> None:
    toggles, has_stray = decided(text.encode())
    expected, expects_stray = walked(text.encode())
    assert has_stray == expects_stray
    # where all quotes stand well, doubled ones are given as closing and opening again at once
    assert [place for place in toggles if not {place - 1, place + 1} & set(toggles)] == [
        place for place in expected if not {place - 1, place + 1} & set(toggles)
    ]
    assert len(toggles) % 2 == len(expected) % 2


@pytest.mark.parametrize("stray", ["", 'P1,5" tall\n', 'P1, "x"\n'])
def test_rows_are_counted_alike_with_a_stray_quote_among_a_hundred_thousand(stray: str, tmp_path: Path) -> None:
    half = '"P1","said ""no"" and\nleft"\n' * 50_000
    (tmp_path / "export.csv").write_text("a,b\n" + half + stray + half)
    scan = scan_rows(tmp_path / "export.csv", ",", '"', 1)
    assert (scan.rows, scan.is_balanced, scan.has_stray_quotes) == (100_001 + bool(stray), True, bool(stray))
