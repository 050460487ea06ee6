"""Spreadsheets (.xlsx, .xls, .ods; told by their content): sheets, headers, and rows as a text table.

Rows are numbered as the spreadsheet numbers them, empty ones above and between included. The number of rows comes from
the file's own bytes (XML parts, BIFF records) and is held against what the library that reads the cells gives.
"""

import contextlib
import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipeline.labs.model import FileShape
from pipeline.readers.text_table import TextTable, Unreadable
from pipeline.readers.workbook.book import ZIP_SIGNATURE, Book, forget_books, open_book
from pipeline.readers.workbook.cells import Cell, text_of
from pipeline.readers.workbook.merged import Filler
from pipeline.readers.workbook.ole import SIGNATURE
from pipeline.readers.workbook.scan import SheetScan

__all__ = [
    "Sheet",
    "forget_books",
    "looks_like_workbook",
    "raw_workbook_rows",
    "read_workbook",
    "sheets",
    "workbook_header",
]

_AS_IS = FileShape()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; `rows` is the number of the last row that holds any value."""

    name: str
    is_hidden: bool
    rows: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns a table has (places from 0) under which names; wholly empty ones are none of it."""

    places: tuple[int, ...]
    names: tuple[str, ...]
    width: int


def looks_like_workbook(head: bytes) -> bool:
    """Whether a file's first bytes are those of a zip or of an older Office file; `sheets` says whether it is one."""
    return head.startswith((ZIP_SIGNATURE, SIGNATURE))


def sheets(path: Path) -> tuple[Sheet, ...]:
    """All sheets in workbook order. Raises Unreadable: not_a_workbook, workbook_damaged, workbook_too_large,
    file_encrypted."""
    return tuple(Sheet(scan.name, scan.is_hidden, scan.rows, scan.rows == 0) for scan in open_book(path).scans)


def workbook_header(path: Path, shape: FileShape, sheet: str) -> list[str] | None:
    """The column names in the declared header rows; None where there are none."""
    columns = _columns(open_book(path), shape, sheet)
    return list(columns.names) if columns else None


def raw_workbook_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number, cells as text (dates in ISO), nothing filled in or left out."""
    for row, cells in enumerate(open_book(path).rows(sheet), 1):
        yield row, _row_texts(row, cells, _AS_IS)


def read_workbook(path: Path, shape: FileShape, sheet: str, target: Path) -> TextTable:
    """The rows below the head of a sheet, written to `target`; a merged range holds its value in every cell.

    Raises Unreadable, besides what `sheets` raises: sheet_missing, cells_beyond_header, cell_too_long, nul_bytes.
    """
    book = open_book(path)
    scan = book.scan(sheet)
    columns = _columns(book, shape, sheet) or _Columns((), (), 0)
    layout = [(row, _head_reason(row, shape)) for row in range(1, min(shape.first_data_row - 1, scan.rows) + 1)]
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
    ) as file:
        writer = _Writer(file)
        for row, cells in _texts(book, shape, scan, columns):
            if any(cell.strip() for cell in cells):
                writer.write(row, cells)
            else:
                layout.append((row, "blank"))
    return TextTable(
        path=target, header=columns.names, rows=scan.rows, lines=writer.lines, layout=tuple(layout), sheet=sheet,
        notes=dict(scan.notes),
    )  # fmt: skip


def _texts(book: Book, shape: FileShape, scan: SheetScan, columns: _Columns) -> Iterator[tuple[int, list[str]]]:
    """Rows below the head with the cells of the table's columns."""
    filler = Filler(scan.merges, scan.rows, columns.width)
    for row, cells in enumerate(book.rows(scan.name), 1):
        filler.fill(row, cells)
        if row >= shape.first_data_row:
            texts = _row_texts(row, cells, shape)
            if any(text.strip() for text in texts[columns.width :]):
                raise Unreadable("cells_beyond_header", f"row {row}")
            yield row, [texts[place] for place in columns.places]


def _row_texts(row: int, cells: Sequence[Cell], shape: FileShape) -> list[str]:
    try:
        return [text_of(cell, shape) for cell in cells]
    except Unreadable as error:
        raise Unreadable(error.code, f"row {row}: {error.detail}") from None


def _columns(book: Book, shape: FileShape, sheet: str) -> _Columns | None:
    scan = book.scan(sheet)
    last = shape.header_row + shape.header_rows - 1
    if scan.rows < shape.header_row:
        return None
    filler = Filler(scan.merges, last, scan.columns)
    head: list[list[str]] = []
    with contextlib.closing(book.rows(sheet)) as rows:
        for row, cells in zip(range(1, last + 1), rows, strict=False):
            filler.fill(row, cells)
            if row >= shape.header_row:
                head.append([text.strip() for text in _row_texts(row, cells, shape)])
    names = [_joined(parts) for parts in zip(*head, strict=True)]
    # A column without any value of its own (a margin, a spacer, the rest of a merged header) is no column.
    own = [place for place in range(len(names)) if scan.last_rows.get(place + 1, 0) >= shape.header_row]
    width = max((place + 1 for place in own if names[place]), default=0)
    places = tuple(place for place in own if place < width)
    return _Columns(places, tuple(names[place] for place in places), width) if places else None


def _joined(parts: Sequence[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part and part not in kept[-1:]:
            kept.append(part)
    return " / ".join(kept)


def _head_reason(row: int, shape: FileShape) -> str:
    if shape.header_row <= row < shape.header_row + shape.header_rows:
        return "header"
    return "units" if row == shape.units_row else "preamble"


class _Writer:
    """Lines of a text table: row number, slot 1, cells."""

    def __init__(self, file: TextIO) -> None:
        self.lines = 0
        self._write = csv.writer(file, lineterminator="\n").writerow
        # a carriage return alone is a line break to other readers, yet nothing that Python's writer quotes
        self._write_quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow

    def write(self, row: int, cells: Sequence[str]) -> None:
        write = self._write_quoted if any("\r" in cell for cell in cells) else self._write
        write([row, 1, *cells])
        self.lines += 1
