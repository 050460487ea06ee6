"""A workbook opened once: what its own bytes say of each sheet, and the typed cells that the library reads from it.

Facts of python-calamine 0.9: `total_height` is one too small and `merged_cell_ranges` is missing for .ods, so neither is
used; error cells come as empty text; numbers of .xlsx are always floats; a sheet is held as a full rectangle, and running
out of memory aborts the process, so sheets are scanned for their size first.
"""

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import python_calamine

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.cells import Cell
from pipeline.readers.workbook.ods import CONTENT, ods_scans
from pipeline.readers.workbook.ole import SIGNATURE, Ole
from pipeline.readers.workbook.scan import Amended, SheetScan, Shown
from pipeline.readers.workbook.xls import xls_scans
from pipeline.readers.workbook.xlsx import WORKBOOK, xlsx_scans
from pipeline.readers.workbook.xml import Parts, damaged

ZIP_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = ("EncryptedPackage", "EncryptionInfo")
_Result = TypeVar("_Result")


class Book:
    """The workbook at `path`. Raises Unreadable: not_a_workbook, workbook_damaged, workbook_too_large, file_encrypted."""

    def __init__(self, path: Path) -> None:
        self.scans = _scans(path)
        self._library = _asked(lambda: python_calamine.CalamineWorkbook.from_path(path))
        names = self._library.sheet_names
        if len(names) != len(self.scans):
            raise damaged("the workbook's parts state different numbers of sheets")
        for scan, name in zip(self.scans, names, strict=True):
            scan.name = name
        self._sheet: tuple[str, python_calamine.CalamineSheet] | None = None

    def scan(self, sheet: str) -> SheetScan:
        found = next((scan for scan in self.scans if scan.name == sheet), None)
        if found is None:
            raise Unreadable("sheet_missing", "the workbook has no sheet of that name")
        return found

    def rows(self, sheet: str) -> Generator[list[Cell], None, None]:
        """Every row of a sheet from the first to the last that holds a value, all of the same length.

        Raises Unreadable (workbook_damaged) behind the last row when the library found other rows than the scan.
        """
        scan = self.scan(sheet)
        width, last = scan.columns, 0
        source: Iterator[list[Cell]] = iter(())
        if scan.rows and (start := self._opened(sheet).start) is not None:
            # `iter_rows` pads a sheet's rows from the top, but not its columns from the left
            margin: list[Cell] = [""] * start[1]
            source = ([*margin, *cells] for cells in self._opened(sheet).iter_rows())
        row = 0
        while (cells := _asked(lambda: next(source, None))) is not None or row < scan.rows:
            row += 1
            found = list[Cell](cells or ())
            found += [""] * (width - len(found))
            if row in scan.amended:
                _amend(found, scan.amended[row])
            last = row if any(cell != "" for cell in found) else last
            if any(cell != "" for cell in found[width:]):
                raise damaged(f"row {row} has more cells as it was read than by its own bytes")
            if row <= scan.rows:
                yield found[:width]
        if last != scan.rows:
            raise damaged(f"sheet with {scan.rows} rows by its own bytes and {last} as it was read")

    def _opened(self, sheet: str) -> python_calamine.CalamineSheet:
        """The sheet as the library holds it; the last one asked for is kept."""
        if self._sheet is None or self._sheet[0] != sheet:
            self._sheet = None
            self._sheet = sheet, _asked(lambda: self._library.get_sheet_by_name(sheet))
        return self._sheet[1]


def _amend(cells: list[Cell], amended: Mapping[int, Amended]) -> None:
    for column, value in amended.items():
        read = cells[column - 1]
        if not isinstance(value, Shown):
            cells[column - 1] = value
        elif isinstance(read, int | float) and not isinstance(read, bool):
            cells[column - 1] = value, float(read)


_kept: dict[tuple[str, int, int], Book] = {}


def open_book(path: Path) -> Book:
    """The workbook at `path`, opened once and kept until another one is opened or `forget_books` is called."""
    about = path.stat()
    key = str(path.resolve()), about.st_size, about.st_mtime_ns
    if key not in _kept:
        _kept.clear()
        _kept[key] = Book(path)
    return _kept[key]


def forget_books() -> None:
    """Give back the memory of the workbook that is kept."""
    _kept.clear()


def _scans(path: Path) -> list[SheetScan]:
    with path.open("rb") as file:
        start = file.read(len(SIGNATURE))
    if start == SIGNATURE:
        return _scans_of_ole(Ole(path))
    if not start.startswith(ZIP_SIGNATURE):
        raise Unreadable("not_a_workbook", "the bytes are neither .xlsx nor .xls nor .ods")
    with contextlib.closing(Parts(path)) as parts:
        if WORKBOOK in parts:
            return xlsx_scans(parts)
        if CONTENT in parts:
            return ods_scans(parts)
        if "xl/workbook.bin" in parts:
            raise Unreadable("not_a_workbook", "a binary workbook (.xlsb); save it as .xlsx")
    raise Unreadable("not_a_workbook", "the file is a zip, but holds neither an .xlsx nor an .ods workbook")


def _scans_of_ole(container: Ole) -> list[SheetScan]:
    if any(name in container.names for name in _ENCRYPTED):
        raise Unreadable("file_encrypted", "the workbook has a password")
    name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in container.names), None)
    if name is None:
        raise Unreadable("not_a_workbook", "the file is an older Office file, but no .xls workbook")
    return xls_scans(container.stream(name))


def _asked(question: Callable[[], _Result]) -> _Result:
    """The library's answer; what it raises may quote a cell, so that none of it is passed on."""
    try:
        return question()
    except python_calamine.PasswordError:
        raise Unreadable("file_encrypted", "the workbook has a password") from None
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError):
        raise damaged("the library cannot read the workbook") from None
    except BaseException as error:
        # a panic of the library's Rust code is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise damaged("the library cannot read the workbook") from None
