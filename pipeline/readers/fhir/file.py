"""The rows of a FHIR file: the lines of an NDJSON file, or the entries of one document, by their numbers."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pipeline.readers.encoding import Undecodable, check_utf8
from pipeline.readers.fhir.document import Document
from pipeline.readers.fhir.json import Json, NotJson, check_depth, parsed
from pipeline.readers.text_table import Unreadable

# A document is held in memory as text; larger ones are sent as NDJSON, which is read line by line.
MAX_DOCUMENT = 256 << 20
MAX_LINE = 16 << 20
_LINES_TRIED = 100
_CHUNK = 1 << 20
_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file. `problem` says why there is no `resource`; `full_url` is what its Bundle calls it."""

    number: int
    text: str
    resource: dict[str, Json] | None = None
    problem: str | None = None
    full_url: str | None = None


class FhirFile:
    """A FHIR file that can be gone through several times. Raises Unreadable when it is none."""

    def __init__(self, path: Path) -> None:
        _check_bytes(path)
        self._path = path
        self._document = _document(path) if _is_document(path) else None

    @property
    def has_more_pages(self) -> bool:
        """Whether a Bundle says that further entries are on pages which are not in this file."""
        return self._document is not None and self._document.has_more_pages

    def count(self) -> int:
        """How many rows the file has, counted without the code that reads them."""
        return self._document.count() if self._document else _count_lines(self._path)

    def rows(self) -> Iterator[Row]:
        """Every row, in order; a blank line is a row with neither resource nor problem."""
        if self._document is None:
            yield from _lines(self._path)
            return
        text, is_bundle = self._document.text, self._document.kind == "Bundle"
        for number, (start, end, value) in enumerate(self._document.elements(), 1):
            try:
                check_depth(text, start, end)
            except NotJson:
                yield Row(number, text[start:end], problem="not_json")
                continue
            entry = value if is_bundle and isinstance(value, dict) else {}
            url = entry.get("fullUrl")
            resource = entry.get("resource") if is_bundle else value
            yield _row(number, text[start:end], resource, url if isinstance(url, str) else None)


def _row(number: int, text: str, value: Json, full_url: str | None = None) -> Row:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or type(kind) is not str:
        return Row(number, text, problem="not_fhir")
    if kind == "Bundle":
        return Row(number, text, problem="nested_bundle")
    return Row(number, text, value, full_url=full_url)


def _lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        file.seek(len(_MARK) if file.read(3) == _MARK else 0)
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                _skip_line(file)
                yield Row(number, "", problem="line_too_long")
                continue
            text = line.decode().strip(_BLANK.decode())
            if not text:
                yield Row(number, "")
                continue
            try:
                yield _row(number, text, parsed(text))
            except NotJson:
                yield Row(number, text, problem="not_json")


def _skip_line(file: BinaryIO) -> None:
    while (part := file.readline(_CHUNK)) and not part.endswith(b"\n"):
        pass


def _count_lines(path: Path) -> int:
    ends, last = 0, b"\n"
    with path.open("rb") as file:
        file.seek(len(_MARK) if file.read(3) == _MARK else 0)
        while chunk := file.read(_CHUNK):
            ends, last = ends + chunk.count(b"\n"), chunk[-1:]
    return ends + (last != b"\n")


def _check_bytes(path: Path) -> None:
    if path.stat().st_size == 0:
        raise Unreadable("file_empty", "the file has no bytes; send it again")
    try:
        check_utf8(path)
    except Undecodable as error:
        raise Unreadable("undecodable_bytes", str(error)) from None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"\0") >= 0:
            raise Unreadable("nul_bytes", "the file holds NUL bytes: it is damaged or in another encoding")


def _document(path: Path) -> Document:
    if path.stat().st_size > MAX_DOCUMENT:
        limit = f"{MAX_DOCUMENT >> 20} MiB"
        raise Unreadable(
            "document_too_large", f"one JSON document of more than {limit}; send NDJSON, a resource a line"
        )
    return Document(path.read_bytes().removeprefix(_MARK).decode())


def _is_document(path: Path) -> bool:
    """Whether the file is one JSON value, not a value a line; Unreadable when it can be neither."""
    with path.open("rb") as file:
        file.seek(len(_MARK) if file.read(3) == _MARK else 0)
        filled = filter(None, _starts(file))
        first = next(filled, b"")
        following = list(islice((_is_object(line) for line in filled), _LINES_TRIED))
    if first.startswith(b"[") or (first.startswith(b"{") and (not following or first[-1:] in b",[{:")):
        return True
    if _is_object(first) or any(following):
        return False
    if first.startswith(b"{"):
        return True
    raise Unreadable("not_fhir", "the file begins with no JSON; expected NDJSON, a Bundle or an array of resources")


def _starts(file: BinaryIO) -> Iterator[bytes]:
    """Every line without the space around it; of one that is too long its beginning."""
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            _skip_line(file)
        yield line.strip(_BLANK)


def _is_object(line: bytes) -> bool:
    try:
        return line.endswith(b"}") and isinstance(parsed(line.decode()), dict)
    except (NotJson, UnicodeDecodeError):
        return False
