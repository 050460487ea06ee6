"""One export opened for reading, whatever its form: its sheets, their headers, and their rows prepared for DuckDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.labs.model import ROW_UNITS, FileShape
from pipeline.readers.delimited import prepare
from pipeline.readers.fhir import looks_like_fhir, read_fhir
from pipeline.readers.header import read_header
from pipeline.readers.hl7v2 import looks_like_hl7, read_hl7v2
from pipeline.readers.packed import unpacked
from pipeline.readers.prepared import Prepared
from pipeline.readers.rows import count_lines
from pipeline.readers.text_table import TextTable, Unreadable, Wanted
from pipeline.readers.workbook import forget_books, looks_like_workbook, read_workbook, sheets, workbook_header

_HEAD_BYTES = 1 << 12


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet of a workbook; every other form is one table without a name."""

    name: str | None
    is_hidden: bool = False
    is_empty: bool = False
    rows: int = 0


class Source:
    """The bytes at `path`; `folder` is a private place for what has to be written on the way.

    Methods raise Unreadable with a reason code where the whole file cannot be taken apart.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.original = path
        self._folder = folder

    @cached_property
    def path(self) -> Path:
        """The file itself, a gzip or zip around it taken off."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return unpacked(self.original, self._folder)

    @cached_property
    def form(self) -> str:
        """What the content looks like; text that is nothing else is delimited."""
        with self.path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if looks_like_workbook(head):
            return "workbook"
        if looks_like_hl7(head):
            return "hl7v2"
        return "fhir" if looks_like_fhir(head) else "delimited"

    def close(self) -> None:
        """Let go of what was kept open: a workbook is read into memory once for all its sheets."""
        forget_books()

    @property
    def row_unit(self) -> str:
        """What a physical row of this file is."""
        return ROW_UNITS[self.form]

    def is_of_form(self, shape: FileShape) -> bool:
        """Whether the content can be of the declared form; delimited text may look like anything but a workbook."""
        return self.form == shape.form or (shape.form == "delimited" and self.form != "workbook")

    @cached_property
    def sheets(self) -> tuple[SheetInfo, ...]:
        """The sheets of a workbook in its own order; one without a name for any other form."""
        if self.form != "workbook":
            return (SheetInfo(None),)
        return tuple(SheetInfo(one.name, one.is_hidden, one.is_empty, one.rows) for one in sheets(self.path))

    def header(self, shape: FileShape, sheet: str | None) -> list[str] | None:
        """The cells of the declared header; None when there are none, or they cannot be decoded."""
        if shape.form == "workbook":
            return workbook_header(self.path, shape, sheet or "")
        return read_header(self.path, shape)

    def count_rows(self, shape: FileShape) -> int:
        """How many physical rows the file has, read or not."""
        if self.form == "workbook":
            return sum(sheet.rows for sheet in self.sheets)
        if shape.form == "delimited":
            return prepare(self.path, shape, self._folder / "counted").rows
        return count_lines(self.path)

    def prepared(self, shape: FileShape, sheet: str | None, wanted: Sequence[Wanted], place: int) -> Prepared:
        """The rows of one table, ready to be read by DuckDB; `place` tells the tables of a file apart."""
        target = self._folder / f"table_{place}"
        if shape.form == "delimited":
            return prepare(self.path, shape, target)
        if shape.form == "workbook":
            return _numbered(read_workbook(self.path, shape, sheet or "", target))
        read = read_hl7v2 if shape.form == "hl7v2" else read_fhir
        return _numbered(read(self.path, shape, wanted, target))


def _numbered(table: TextTable) -> Prepared:
    """A text table as something prepared; no path when no row may hold a record."""
    units = table.lines
    return Prepared(
        rows=table.rows, layout=table.layout, path=table.path if units else None, has_head_line=False,
        is_numbered=True, units=units, rejects=table.rejects, notes=table.notes, doubt=table.doubt,
    )  # fmt: skip


def try_count(source: Source, shape: FileShape) -> int:
    """As many rows as can be told apart; a file that cannot be taken apart at all is one row, held whole."""
    try:
        return source.count_rows(shape)
    except Unreadable:
        return 1
