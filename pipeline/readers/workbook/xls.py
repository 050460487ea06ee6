"""The sheets of an .xls file as its own records (BIFF5 and BIFF8) describe them."""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.scan import SheetScan, Shown, shown_by
from pipeline.readers.workbook.xml import damaged

_BOF, _EOF, _CONTINUE, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x003C, 0x002F, 0x0085
_FORMAT, _XF, _SST, _ROW, _MERGED = 0x041E, 0x00E0, 0x00FC, 0x0208, 0x00E5
_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _MULRK = 0x00FD, 0x0204, 0x00D6, 0x0203, 0x027E, 0x00BD
_BOOLERR, _FORMULA, _STRING = 0x0205, 0x0006, 0x0207
_FORMULAS = (_FORMULA, 0x0206, 0x0406)
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BUILT_IN_PERCENT = (9, 10)
_BIFF8, _HIDDEN_ROW = 0x0600, 0x0020

Record = tuple[int, bytes]


def xls_scans(stream: bytes) -> list[SheetScan]:
    """One scan a sheet, in workbook order and without its name, which the library has; others than worksheets empty."""
    try:
        return _scans(stream)
    except (struct.error, IndexError):
        raise damaged("a record of the workbook is cut off") from None


def _scans(stream: bytes) -> list[SheetScan]:
    scans: list[SheetScan] = []
    offsets: list[int] = []
    formats: dict[int, Shown | None] = dict.fromkeys(_BUILT_IN_PERCENT, Shown.PERCENT)
    styles: list[int] = []
    texts: list[bytes] = []
    version, is_in_texts = 0, False
    for kind, body in _records(stream, 0):
        if kind == _BOF:
            version = struct.unpack_from("<H", body)[0]
        elif kind == _FILEPASS:
            raise Unreadable("file_encrypted", "the workbook has a password")
        elif kind == _BOUNDSHEET:
            offset, is_hidden, sheet_kind = struct.unpack_from("<I2B", body)
            offsets.append(offset if sheet_kind == 0 else -1)
            scans.append(SheetScan("", is_hidden & 3 != 0))
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = shown_by(_format_code(body, version))
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        is_in_texts = kind == _SST or (kind == _CONTINUE and is_in_texts)
        if is_in_texts:
            texts.append(body)
    shown = {style: look for style, number in enumerate(styles) if (look := formats.get(number)) is not None}
    lengths = _text_lengths(texts)
    for scan, offset in zip(scans, offsets, strict=True):
        if offset >= 0:
            _SheetReader(scan, shown, lengths).read(_records(stream, offset))
    return scans


def _records(stream: bytes, offset: int) -> Iterator[Record]:
    """The records of one substream; those of charts drawn inside a sheet are left out."""
    depth = 0
    while True:
        kind, size = struct.unpack_from("<2H", stream, offset)
        body = stream[offset + 4 : offset + 4 + size]
        if len(body) < size:
            raise damaged("a record of the workbook is cut off")
        depth += kind == _BOF
        if kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body
        offset += 4 + size


def _format_code(body: bytes, version: int) -> str:
    if version < _BIFF8:
        return body[3:].decode("latin-1")
    return body[5:].decode("utf-16-le" if body[4] & 1 else "latin-1", "replace")


def _text_lengths(bodies: Sequence[bytes]) -> list[int]:
    """How many characters each shared text has; where one goes on in the next record, a byte says its width anew."""
    if not bodies:
        return []
    reader = _Pieces(bodies)
    _, n_texts = struct.unpack("<2I", reader.take(8))
    if n_texts > sum(len(body) for body in bodies) // 3:
        raise damaged("more shared texts than the file has room for")
    lengths = []
    for _ in range(n_texts):
        length, flags = struct.unpack("<HB", reader.take(3))
        n_runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
        n_extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
        reader.skip_characters(length, 2 if flags & 1 else 1)
        reader.skip(4 * n_runs + n_extra)
        lengths.append(length)
    return lengths


class _Pieces:
    """Bytes that go on from one record to the next."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies = list(bodies)
        self._piece, self._at = 0, 0

    def _step(self) -> int:
        """How many bytes are left in this record, the next one begun when there are none."""
        while self._at >= len(self._bodies[self._piece]):
            self._piece, self._at = self._piece + 1, 0
        return len(self._bodies[self._piece]) - self._at

    def take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            step = min(self._step(), size - len(taken))
            taken += self._bodies[self._piece][self._at : self._at + step]
            self._at += step
        return taken

    def skip(self, size: int) -> None:
        while size:
            step = min(self._step(), size)
            self._at, size = self._at + step, size - step

    def skip_characters(self, length: int, width: int) -> None:
        while length:
            if self._at >= len(self._bodies[self._piece]):
                self._step()
                width = 2 if self.take(1)[0] & 1 else 1
            step = min(self._step() // width, length)
            if step == 0:
                raise damaged("a text of the workbook is cut in the middle of a character")
            self._at, length = self._at + step * width, length - step


class _SheetReader:
    """Follows the records of one sheet: where cells stand, which hold a value, which are shown otherwise."""

    def __init__(self, scan: SheetScan, shown: Mapping[int, Shown], lengths: Sequence[int]) -> None:
        self._scan, self._shown, self._lengths = scan, shown, lengths
        self._text_of: tuple[int, int] | None = None

    def read(self, records: Iterator[Record]) -> None:
        readers: dict[int, Callable[[bytes], None]] = {
            _LABELSST: self._shared, _LABEL: self._label, _RSTRING: self._label, _NUMBER: self._plain_number,
            _RK: self._plain_number, _MULRK: self._numbers, _BOOLERR: self._bool_or_error, _STRING: self._formula_text,
            _MERGED: self._merged, _ROW: self._row, **dict.fromkeys(_FORMULAS, self._formula),
        }  # fmt: skip
        for kind, body in records:
            if kind in readers:
                readers[kind](body)

    def _shared(self, body: bytes) -> None:
        row, column, _, text = struct.unpack_from("<3HI", body)
        self._holds(row, column, self._lengths[text])

    def _label(self, body: bytes) -> None:
        row, column, _, length = struct.unpack_from("<4H", body)
        self._holds(row, column, length)

    def _plain_number(self, body: bytes) -> None:
        row, column, style = struct.unpack_from("<3H", body)
        self._number(row, column, style, body[6:] if len(body) >= 14 else _of_rk(body[6:10]))

    def _bool_or_error(self, body: bytes) -> None:
        row, column, _, value, is_error = struct.unpack_from("<3H2B", body)
        self._holds(row, column, 1)
        if is_error:
            self._scan.amend(row + 1, column + 1, _ERRORS.get(value, "#ERR"))

    def _formula_text(self, body: bytes) -> None:
        if self._text_of:
            self._holds(*self._text_of, struct.unpack_from("<H", body)[0])

    def _row(self, body: bytes) -> None:
        if struct.unpack_from("<H", body, 12)[0] & _HIDDEN_ROW:
            self._scan.note("hidden_rows")

    def _holds(self, row: int, column: int, characters: int) -> None:
        self._scan.reaches(row + 1, column + 1)
        if characters:
            self._scan.holds(row + 1, column + 1, characters)

    def _number(self, row: int, column: int, style: int, number: bytes) -> None:
        self._holds(row, column, 8)
        value = struct.unpack("<d", number[:8])[0]
        if style in self._shown:
            self._scan.amend(row + 1, column + 1, self._shown[style])
            self._scan.note(self._shown[style].value)
        elif value < 0:
            # in a date's or time's style the library makes midnight of a negative number
            self._scan.amend(row + 1, column + 1, value)

    def _numbers(self, body: bytes) -> None:
        row, first = struct.unpack_from("<2H", body)
        for at, place in enumerate(range(4, len(body) - 2, 6)):
            self._number(row, first + at, struct.unpack_from("<H", body, place)[0], _of_rk(body[place + 2 : place + 6]))

    def _formula(self, body: bytes) -> None:
        row, column, style = struct.unpack_from("<3H", body)
        self._text_of = None
        self._scan.reaches(row + 1, column + 1)
        if body[12:14] != b"\xff\xff":
            self._number(row, column, style, body[6:14])
        elif body[6] == 0:
            self._text_of = row, column
        elif body[6] == 1:
            self._holds(row, column, 1)
        elif body[6] == 2:
            self._holds(row, column, 1)
            self._scan.amend(row + 1, column + 1, _ERRORS.get(body[8], "#ERR"))

    def _merged(self, body: bytes) -> None:
        for at in range(struct.unpack_from("<H", body)[0]):
            first_row, last_row, first, last = struct.unpack_from("<4H", body, 2 + 8 * at)
            self._scan.merge((first_row + 1, first + 1, last_row + 1, last + 1))


def _of_rk(packed: bytes) -> bytes:
    """The double that four bytes stand for: an integer or the upper part of a double, perhaps times a hundred."""
    bits = struct.unpack("<i", packed)[0]
    value = float(bits >> 2) if bits & 2 else struct.unpack("<d", bytes(4) + struct.pack("<I", bits & 0xFFFFFFFC))[0]
    return struct.pack("<d", value / 100 if bits & 1 else value)
