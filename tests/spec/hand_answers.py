"""The hand-typed answers as data: where they are, and how a typed cell is compared with a found value.

Nothing here knows an answer; the answers are the CSV files in `hand/`, and `hand/README.md` says how to read a cell.
"""

from __future__ import annotations

import csv
from pathlib import Path

HAND = Path(__file__).parent / "hand"
RECORD_DISPOSITIONS = ("used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded")
DISPOSITIONS = (*RECORD_DISPOSITIONS, "layout")
DECLARATION = "declaration:"

Row = dict[str, str]


def typed(name: str) -> list[Row]:
    """The rows of one answer file; refuses a line with too many or too few cells, which is a slip of the typist."""
    with (HAND / name).open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ValueError(f"{name} line {number}: expected the cells {reader.fieldnames}; quote a comma")
    return rows


def spellings() -> dict[tuple[str, str], set[str]]:
    """The codes accepted for each word of the answers, by kind and word."""
    return {(row["kind"], row["word"]): set(row["accepted"].split("|")) for row in typed("spelling.csv")}


def agrees(expected: str, found: str | None, accepted: dict[tuple[str, str], set[str]], kind: str = "") -> bool:
    """True where a found value is one of the typed alternatives."""
    return expected == "*" or any(_is(option, found, accepted, kind) for option in expected.split("|"))


def _is(option: str, found: str | None, accepted: dict[tuple[str, str], set[str]], kind: str) -> bool:
    if option in ("", "-"):
        return found is None
    if found is None:
        return False
    if option.startswith(DECLARATION):
        return option.removeprefix(DECLARATION) in found
    return found in accepted.get((kind, option), {option})


def number_agrees(expected: str, found: float | None) -> bool:
    """True where a found number is the typed one, to as many decimals as were typed."""
    if expected == "*":
        return True
    decimals = len(expected.partition(".")[2])
    return found is not None and f"{found:.{decimals}f}" == expected
