"""HL7 v2 files (ORU^R01: single messages, batches, streams saved with their frames) as a table of results.

A row is a segment. Every OBX that can hold a result becomes one line with the cells a format asks for; every other
segment is layout, or a reject when it cannot be read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.labs.model import FileShape
from pipeline.labs.places import address_of
from pipeline.readers.hl7v2.batches import Batches
from pipeline.readers.hl7v2.message import Separators
from pipeline.readers.hl7v2.places import TORN, Places, Result
from pipeline.readers.hl7v2.rows import count_rows, segments
from pipeline.readers.hl7v2.values import DOCUMENTS
from pipeline.readers.message_table import MessageTable
from pipeline.readers.text_table import TextTable, Unreadable, Wanted

_HEADERS = ("MSH", "FHS", "BHS")
_LAYOUT = {
    **dict.fromkeys(("MSH", "FHS", "BHS", "BTS", "FTS"), "message_header"),
    **dict.fromkeys(("PID", "PD1", "NK1", "PV1", "PV2", "ARV", "GT1"), "patient"),
    **dict.fromkeys(("ORC", "OBR", "TQ1", "TQ2"), "order"),
    **dict.fromkeys(("SPM", "SAC"), "specimen"),
    "NTE": "note",
}
_START = re.compile(rb"\s*(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")
_NAME = re.compile("[A-Z][A-Z0-9]{2}")
_STATUS = address_of("OBX-11")
_TYPE = re.compile(r"[A-Z]{3}\^[A-Z][0-9]{2}")


def looks_like_hl7(head: bytes) -> bool:
    """Whether the first bytes of a file are those of an HL7 v2 message or batch."""
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = plain.decode("utf-16", errors="ignore").encode()
    return _START.match(plain.replace(b"\x0b", b"")) is not None


def raw_hl7_rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Every row of the file as it was sent: its number and the text of its segment. Raises Unreadable."""
    for row, text in segments(path, encoding):
        yield row, [text]


def read_hl7v2(path: Path, shape: FileShape, wanted: Sequence[Wanted], target: Path) -> TextTable:
    """The results of the file with the cells at the `wanted` addresses, written to `target`. Raises Unreadable."""
    if path.stat().st_size == 0:
        raise Unreadable("file_empty", "the file has no bytes; send it again")
    rows = count_rows(path, shape.encoding, target.with_suffix(".utf8"))
    with MessageTable(target, [one.address for one in wanted]) as table:
        file = _File(table, Places(wanted, shape), shape.encoding)
        file.read(segments(path, shape.encoding))
        return table.finished(rows, doubt=file.doubt)


class _File:
    """Where in its messages and batches a file is read."""

    def __init__(self, table: MessageTable, places: Places, encoding: str) -> None:
        self._table, self._places, self._encoding = table, places, encoding
        self._separators: Separators | None = None
        self._kind = ""
        self._last_name = ""
        self._batches = Batches()

    @property
    def doubt(self) -> tuple[str, str] | None:
        """What a person has to judge before the file is used."""
        return self._batches.doubt

    def read(self, rows: Iterable[tuple[int, str]]) -> None:
        for row, text in rows:
            self._row(row, text)
        self._write(self._places.complete())
        if self._last_name == "":
            raise Unreadable("not_hl7", "the file holds no segment")
        self._batches.end()

    def _row(self, row: int, text: str) -> None:
        if not text.strip():
            self._table.layout(row, "blank")
        elif text[:3] in _HEADERS:
            self._header(row, text)
        elif text[:3] in ("BTS", "FTS") and self._last_name:
            self._trailer(row, text)
        elif self._separators is None:
            raise Unreadable("not_hl7", f"row {row}: no message header (MSH) stands above")
        elif _NAME.fullmatch(text[:3]) and text[:3] != "ADD" and text[3:4] in ("", self._separators.field):
            self._segment(row, text, self._separators)
        else:
            # the rest of the segment above (which ADD would be as well), so neither is whole
            self._table.reject(row, TORN)
            self._places.torn(self._last_name)

    def _header(self, row: int, text: str) -> None:
        name = text[:3]
        separators = Separators.of(text, row, self._encoding)
        _check_alone(row, text, separators)
        self._table.layout(row, "message_header")
        if name == "MSH":
            self._message(row, text, separators)
        else:
            self._batches.opened(name, row)
            self._leave_message(name)

    def _message(self, row: int, text: str, separators: Separators) -> None:
        parsed = separators.parsed(text)
        if parsed is None or len(parsed) <= 9:
            raise Unreadable("not_hl7", f"row {row}: the message header (MSH) is cut short before its type (MSH-9)")
        self._batches.message()
        self._write(self._places.message(separators))
        self._separators, self._last_name = separators, "MSH"
        kind = [separators.text(parsed[9][0], component).strip() for component in (1, 2)]
        self._kind = "^".join(kind)
        if "MSH" in self._places.segments:
            self._write(self._places.segment("MSH", parsed))

    def _trailer(self, row: int, text: str) -> None:
        self._batches.closed(row, text)
        self._table.layout(row, "message_header")
        self._leave_message(text[:3])

    def _leave_message(self, name: str) -> None:
        """Between envelopes no segment belongs to the message above."""
        self._write(self._places.complete())
        self._separators, self._last_name = None, name

    def _segment(self, row: int, text: str, separators: Separators) -> None:
        name = text[:3]
        self._last_name = name
        _check_alone(row, text, separators)
        if name == "OBX":
            self._observation(row, text, separators)
            return
        parsed = separators.parsed(text) if name in self._places.segments else None
        self._write(self._places.segment(name, parsed))
        if name in self._places.segments and parsed is None:
            self._table.reject(row, TORN)
            self._places.torn(name)
        else:
            self._table.layout(row, _LAYOUT.get(name, "other_segment"))

    def _observation(self, row: int, text: str, separators: Separators) -> None:
        if self._kind != "ORU^R01":
            kind = self._kind if _TYPE.fullmatch(self._kind) else "of another type"
            raise Unreadable("message_type_undeclared", f"row {row}: results in a message {kind}; expected ORU^R01")
        start = text.split(separators.field, 3)
        if len(start) > 2 and start[2].strip() in DOCUMENTS:
            self._no_result(row, "document")
            return
        parsed = separators.parsed(text)
        if parsed is None:
            self._write(self._places.complete())
            self._table.reject(row, TORN)
        elif separators.cell(parsed, _STATUS).strip() in ("N", "O"):
            self._no_result(row, "order_detail")
        else:
            self._write(self._places.result(row, parsed))

    def _no_result(self, row: int, reason: str) -> None:
        self._write(self._places.segment("OBX", None))
        self._table.layout(row, reason)

    def _write(self, results: Iterable[Result]) -> None:
        for result in results:
            if result.is_torn:
                self._table.reject(result.row, TORN)
            else:
                self._table.records(result.row, [result.cells])


def _check_alone(row: int, text: str, separators: Separators) -> None:
    """Raise when a line end is missing before the next message, whose results would go to the wrong patient."""
    if f"MSH{separators.field}" in text[3:]:
        raise Unreadable("not_hl7", f"row {row}: a message header (MSH) begins inside another segment")
