"""The sheets of an .xlsx file as its own XML describes them."""

import posixpath
from collections.abc import Mapping, Sequence

from pipeline.readers.workbook.scan import GRID_COLUMNS, NO_STORED_VALUE, Merge, SheetScan, Shown, shown_by
from pipeline.readers.workbook.xml import Parts, damaged

WORKBOOK = "xl/workbook.xml"
_BUILT_IN_PERCENT = ("9", "10")
_MOST_TEXTS = 1 << 24


def xlsx_scans(parts: Parts) -> list[SheetScan]:
    """One scan a sheet, in workbook order; chart sheets are empty ones."""
    sheets, shown, lengths = _sheets(parts), _shown_styles(parts), _text_lengths(parts)
    return [_scan(parts, name, is_hidden, part, shown, lengths) for name, is_hidden, part in sheets]


def _sheets(parts: Parts) -> list[tuple[str, bool, str | None]]:
    targets: dict[str, str | None] = {}
    found: list[tuple[str, bool, str]] = []

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship":
            is_sheet = attributes.get("Type", "").endswith("/worksheet")
            targets[attributes.get("Id", "")] = _part(attributes.get("Target", "")) if is_sheet else None

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            key = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            found.append((attributes.get("name", ""), attributes.get("state", "visible") != "visible", key))

    parts.read("xl/_rels/workbook.xml.rels", relation)
    parts.read(WORKBOOK, sheet)
    if any(key not in targets for _, _, key in found) or len({name for name, _, _ in found}) != len(found):
        raise damaged("the list of sheets is not whole")
    return [(name, is_hidden, targets[key]) for name, is_hidden, key in found]


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _shown_styles(parts: Parts) -> dict[str, Shown]:
    """By style number: how the numbers of cells of that style look, where their format adds something."""
    formats: dict[str, Shown | None] = dict.fromkeys(_BUILT_IN_PERCENT, Shown.PERCENT)
    styles: list[str] = []
    inside: list[str] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt":
            formats[attributes.get("numFmtId", "")] = shown_by(attributes.get("formatCode", ""))
        elif tag == "xf" and inside[-1:] == ["cellXfs"]:
            styles.append(attributes.get("numFmtId", "0"))
        inside.append(tag)

    def end(_: str) -> None:
        inside.pop()

    if "xl/styles.xml" in parts:
        parts.read("xl/styles.xml", start, end)
    looks = ((str(style), formats.get(number)) for style, number in enumerate(styles))
    return {style: shown for style, shown in looks if shown is not None}


def _text_lengths(parts: Parts) -> list[int]:
    """How long each shared text is; phonetic hints are no part of it."""
    lengths: list[int] = []
    inside = {"t": 0, "rPh": 0}

    def start(tag: str, _: Mapping[str, str]) -> None:
        if tag == "si":
            lengths.append(0)
            if len(lengths) > _MOST_TEXTS:
                raise damaged("more shared texts than a workbook can have")
        elif tag in inside:
            inside[tag] += 1

    def end(tag: str) -> None:
        if tag in inside:
            inside[tag] -= 1

    def text(characters: str) -> None:
        if inside["t"] and not inside["rPh"] and lengths:
            lengths[-1] += len(characters)

    if "xl/sharedStrings.xml" in parts:
        parts.read("xl/sharedStrings.xml", start, end, text)
    return lengths


def _scan(
    parts: Parts, name: str, is_hidden: bool, part: str | None, shown: Mapping[str, Shown], lengths: Sequence[int]
) -> SheetScan:
    scan = SheetScan(name, is_hidden)
    if part is not None:
        reader = _SheetReader(scan, shown, lengths)
        parts.read(part, reader.start, reader.end, reader.text)
    return scan


class _SheetReader:
    """Follows the XML of one sheet: where cells stand, which hold a value, which are shown otherwise."""

    def __init__(self, scan: SheetScan, shown: Mapping[str, Shown], lengths: Sequence[int]) -> None:
        self._scan, self._shown, self._lengths = scan, shown, lengths
        self._row, self._column, self._place = 0, 0, (0, 0)
        self._kind, self._style = "n", ""
        self._text: list[str] = []
        self._is_text = self._has_value = self._has_formula = self._is_phonetic = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t"):
            self._is_text, self._has_value = not self._is_phonetic, True
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._row = _number(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            if attributes.get("hidden") in ("1", "true"):
                self._scan.note("hidden_rows")
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "mergeCell":
            self._scan.merge(_range(attributes.get("ref", "")))

    def _cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        # a cell's own reference wins over the row it is written in, as in the library
        self._place = _place(reference) if reference else (self._row, self._column + 1)
        self._column = self._place[1]
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._text.clear()
        self._has_value = self._has_formula = False

    def text(self, characters: str) -> None:
        if self._is_text:
            self._text.append(characters)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._is_text = False
        elif tag == "rPh":
            self._is_phonetic = False
        elif tag == "c":
            self._finish("".join(self._text))

    def _finish(self, text: str) -> None:
        row, column = self._place
        if text:
            self._scan.reaches(row, column)
            size = len(text)
            if self._kind == "s":
                size = self._length(text)
            elif self._kind == "e":
                self._scan.amend(row, column, text)
            elif self._kind == "n":
                self._number(row, column, text)
            if size:
                self._scan.holds(row, column, size)
        elif self._has_formula and self._kind != "str":
            self._scan.reaches(row, column)
            self._scan.amend(row, column, NO_STORED_VALUE)
            self._scan.holds(row, column, 1)
            self._scan.note("formula_without_value")
        elif self._has_value or self._kind != "n":
            # empty text is a cell to the library
            self._scan.reaches(row, column)

    def _length(self, text: str) -> int:
        try:
            return self._lengths[int(text)]
        except (ValueError, IndexError):
            raise damaged("a cell refers to a text that the workbook does not hold") from None

    def _number(self, row: int, column: int, text: str) -> None:
        if self._style in self._shown:
            self._scan.amend(row, column, self._shown[self._style])
            self._scan.note(self._shown[self._style].value)
        elif text.startswith("-") and not text[1:2].isspace():
            # in a date's or time's style the library makes midnight of a negative number
            self._scan.amend(row, column, _float(text))


def _float(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


_COLUMNS: dict[str, int] = {}


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as `AB12`, both from 1."""
    letters = reference.rstrip("0123456789")
    column = _COLUMNS.get(letters)
    if column is None:
        column = _column(letters)
        _COLUMNS[letters] = column
    return _number(reference[len(letters) :]), column


def _column(letters: str) -> int:
    plain = letters.replace("$", "").upper()
    if not (plain.isascii() and plain.isalpha()) or len(plain) > 3:
        raise damaged("a cell has no readable place")
    column = 0
    for letter in plain:
        column = 26 * column + ord(letter) - 64
    if column > GRID_COLUMNS:
        raise damaged("a cell stands outside of the largest grid a spreadsheet has")
    return column


def _number(digits: str) -> int:
    if not digits.isascii() or not digits.isdigit() or len(digits) > 7 or int(digits) == 0:
        raise damaged("a row has no readable number")
    return int(digits)


def _range(reference: str) -> Merge:
    first, _, last = reference.partition(":")
    return (*_place(first), *_place(last or first))
