"""The sheets of an .ods file as its own XML describes them."""

import re
from collections.abc import Mapping

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.scan import GRID_COLUMNS, GRID_ROWS, NO_STORED_VALUE, Amended, SheetScan, Shown
from pipeline.readers.workbook.xml import Parts, damaged

MANIFEST, CONTENT = "META-INF/manifest.xml", "content.xml"
_VALUES = ("value", "date-value", "time-value", "boolean-value", "string-value")
_CELLS = ("table-cell", "covered-table-cell")
_DURATION = re.compile(r"P(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,][0-9]*)?S)?")
# What stands in a cell but is not its value.
_ASIDE = ("annotation", "shapes", "tracked-changes")
_BREAKS = {"tab": "\t", "line-break": "\n"}


def ods_scans(parts: Parts) -> list[SheetScan]:
    """One scan a sheet, in workbook order."""
    _check_is_open(parts)
    reader = _ContentReader()
    parts.read(CONTENT, reader.start, reader.end, reader.text)
    return reader.scans


def _check_is_open(parts: Parts) -> None:
    def start(tag: str, _: Mapping[str, str]) -> None:
        if tag == "encryption-data":
            raise Unreadable("file_encrypted", "the workbook has a password")

    if MANIFEST in parts:
        parts.read(MANIFEST, start)


class _ContentReader:
    """Follows the XML of all sheets; a row or cell that is repeated is written once with a count."""

    def __init__(self) -> None:
        self.scans: list[SheetScan] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = self._rows = self._columns = 0
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._n_paragraphs = self._n_aside = 0
        self._is_in_table = self._is_in_cell = self._is_in_text = self._has_break = False
        self._is_hidden_row = self._is_error = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _ASIDE or self._n_aside:
            self._n_aside += 1
        elif tag in _CELLS and self._is_in_table:
            self._start_cell(attributes)
        elif tag == "p" and self._is_in_cell:
            self._text += ["\n"] if self._n_paragraphs else []
            self._n_paragraphs += 1
            self._is_in_text = True
        elif self._is_in_text:
            self._start_in_text(tag, attributes)
        elif tag == "table-row" and self._is_in_table:
            self._row, self._column = self._row + self._rows, 0
            self._rows = _count(attributes, "number-rows-repeated", GRID_ROWS)
            self._is_hidden_row = _get(attributes, "visibility") in ("collapse", "filter")
        elif tag == "table":
            self._start_table(attributes)
        elif tag == "style":
            self._style = _get(attributes, "name")
        elif tag == "table-properties" and _get(attributes, "display") == "false":
            self._hidden_styles.add(self._style)

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        if self._is_in_table:
            raise damaged("a table stands inside a cell of another")
        self._is_in_table = True
        name = _get(attributes, "name")
        if any(scan.name == name for scan in self.scans):
            raise damaged("two sheets have the same name")
        self.scans.append(SheetScan(name, _get(attributes, "style-name") in self._hidden_styles))
        self._row, self._rows = 0, 0

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._is_in_cell = True
        # LibreOffice says twice what a value is (`office:` and `calcext:`); only its own word knows errors
        own = {name: value for name, value in attributes.items() if not name.startswith("calcext:")}
        self._cell = {name.rpartition(":")[2]: value for name, value in own.items()}
        self._is_error = attributes.get("calcext:value-type") == "error"
        self._columns = _count(attributes, "number-columns-repeated", GRID_COLUMNS)
        self._text.clear()
        self._n_paragraphs, self._has_break = 0, False

    def _start_in_text(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "s":
            self._text.append(" " * _count(attributes, "c", 1 << 16))
        elif tag in _BREAKS:
            self._text.append(_BREAKS[tag])
            self._has_break = True

    def text(self, characters: str) -> None:
        if self._is_in_text and not self._n_aside:
            self._text.append(characters)

    def end(self, tag: str) -> None:
        if self._n_aside:
            self._n_aside -= 1
        elif tag == "p":
            self._is_in_text = False
        elif tag in _CELLS and self._is_in_cell:
            self._is_in_cell = False
            self._finish("".join(self._text))
            self._column += self._columns
        elif tag == "table":
            self._is_in_table = False

    def _finish(self, text: str) -> None:
        scan, first = self.scans[-1], self._column + 1
        value = next((self._cell[name] for name in _VALUES if name in self._cell), text)
        amended = (text or "#ERR") if self._is_error else _amended(self._cell, text, self._has_break)
        last_row, last_column = self._row + self._rows, self._column + self._columns
        if value or amended is not None or "value-type" in self._cell:
            # empty text is a cell to the library
            scan.reaches(last_row, last_column)
        if not value and amended is None:
            return
        size = (len(value) or 1) * self._rows
        for column in range(first, last_column + 1):
            scan.holds(last_row, column, size)
            if amended is not None:
                for row in range(self._row + 1, last_row + 1):
                    scan.amend(row, column, amended)
        self._note(scan, amended)
        down, right = _count(self._cell, "number-rows-spanned"), _count(self._cell, "number-columns-spanned")
        if down > 1 or right > 1:
            scan.merge((self._row + 1, first, self._row + down, self._column + right))

    def _note(self, scan: SheetScan, amended: Amended | None) -> None:
        count = self._rows * self._columns
        if amended == NO_STORED_VALUE:
            scan.note("formula_without_value", count)
        elif isinstance(amended, Shown):
            scan.note(amended.value, count)
        if self._is_hidden_row:
            scan.note("hidden_rows", self._rows)
            self._is_hidden_row = False


def _amended(cell: Mapping[str, str], text: str, has_break: bool) -> Amended | None:
    """What to read in place of what the library gives; None where it is right.

    It reads an error as 0 or as nothing, longer times than a day as their raw text, and leaves out tabs and line breaks
    in text as well as text in a cell that states no type.
    """
    kind = cell.get("value-type", "")
    if kind in ("float", "") and text.startswith("#") and "formula" in cell:
        return text
    if kind == "time":
        return _clock(cell.get("time-value", ""))
    if kind in ("float", "currency") and any(mark in text for mark in "<>≤≥＜＞⩽⩾"):
        return Shown.COMPARATOR
    if kind == "percentage":
        return Shown.PERCENT
    if kind == "" and not text and "formula" in cell:
        return NO_STORED_VALUE
    return text if (kind == "" and text) or (has_break and kind == "string" and "string-value" not in cell) else None


def _clock(duration: str) -> str:
    """HH:MM:SS of an ISO 8601 duration; as written where it is none."""
    match = _DURATION.fullmatch(duration)
    if not match:
        return duration
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"


def _get(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its name without the namespace prefix."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def _count(attributes: Mapping[str, str], name: str, most: int = GRID_ROWS) -> int:
    digits = _get(attributes, name) or "1"
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9 or int(digits) > most:
        raise damaged("a count of repeated or merged cells is not credible")
    return int(digits)
