"""The crosswalk file read: a CSV of person, namespace and patient_id, where every doubt is an error.

A wrong row would join two people, and nothing later would show it. So nothing is skipped or repaired: the file is read
whole or not at all, and each mistake is named by its line and column, never by what stands there.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

COLUMNS = ("person", "namespace", "patient_id")
# 1.23E+05: a spreadsheet took the identifier for a number and lost its digits.
_E_NOTATION = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d+|[+-]?\d+[.,]\d+[eE]\d+")
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: that this identifier of this namespace belongs to this person."""

    line: int
    person: str
    namespace: str
    patient_id: str


def read(file: Path) -> tuple[Entry, ...]:
    """Every row of a crosswalk file, in its order. UsageError names each mistake by line and column."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: expected a CSV file in UTF-8; save it so and try again") from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be read") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(file, header)
        rows = [(lines.line_num, cells) for cells in lines if cells]
    except csv.Error as error:
        raise UsageError(f"{file}: line {lines.line_num}: its quotes do not close; nothing was read") from error
    mistakes = [mistake for line, cells in rows for mistake in _mistakes(line, cells, header)]
    if mistakes:
        more = f"; and {len(mistakes) - _NAMED} more" if len(mistakes) > _NAMED else ""
        raise UsageError(f"{file}: {'; '.join(mistakes[:_NAMED])}{more}; nothing was read")
    at = {name: header.index(name) for name in COLUMNS}
    return tuple(Entry(line, *(cells[at[name]].strip() for name in COLUMNS)) for line, cells in rows)


def _check_header(file: Path, header: list[str]) -> None:
    """A header is no value, but a file without one begins with values: only how many columns it has is said."""
    if sorted(header) != sorted(COLUMNS):
        missing = [name for name in COLUMNS if name not in header]
        said = f"{', '.join(missing)} missing" if missing else "another column, or one of them twice"
        raise UsageError(
            f"{file}: line 1: expected the header {','.join(COLUMNS)}, found {len(header)} columns, {said}; nothing was read"
        )


def _mistakes(line: int, cells: list[str], header: list[str]) -> Iterator[str]:
    if len(cells) != len(header):
        yield f"line {line}: expected {len(header)} cells, found {len(cells)}"
        return
    for name, cell in zip(header, cells, strict=True):
        if not cell.strip():
            yield f"line {line}, column {name}: empty"
        elif any(not character.isprintable() for character in cell.strip()):
            yield f"line {line}, column {name}: holds a line break or a control character"
        elif name != "namespace" and _E_NOTATION.fullmatch(cell.strip()):
            yield f"line {line}, column {name}: a number in E-notation, whose digits are lost; keep the column as text"
