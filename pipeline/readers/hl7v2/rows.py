"""The segments of an HL7 v2 file, one by one with their row numbers, never the whole file in memory.

Segments end in CR by the standard, in LF or CRLF in many files; each end closes a row, as an editor numbers lines.
Frames of the transport (VT before a message, FS CR behind it) are taken off: an FS CR behind a closed segment is no row.
"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.readers.encoding import Undecodable, actual_encoding, decoded, write_utf8
from pipeline.readers.rows import count_lines
from pipeline.readers.text_table import Unreadable

# A scanned document of tens of megabytes may stand in a segment; more is a file without line ends.
MAX_SEGMENT = 64 << 20
_END = re.compile("\x1c?\r\n|\x1c?\r|\x1c?\n|\x1c|\x0b")
_MAYBE_CUT = re.compile("(?:\x1c\r|\x1c|\r)\\Z")
_FRAME_END = re.compile(rb"(?:\A|(?<=[\r\n\x0b\x1c])|(?<=\xef\xbb\xbf))\x1c\r(?!\n)")


def segments(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Row number (from 1) and text of every segment, blank ones as well. Raises Unreadable."""
    with path.open("rb") as file:
        actual, skip = actual_encoding(file.read(4), encoding)
    cutter, rest = _Cutter(), ""
    try:
        for chunk in decoded(path, actual, skip):
            text = rest + chunk
            # an end of two or three characters may be cut by the end of the chunk
            cut_at = found.start() if (found := _MAYBE_CUT.search(text)) else len(text)
            rest = text[cut_at:]
            yield from cutter.closed(text[:cut_at])
    except Undecodable as error:
        raise Unreadable("undecodable_bytes", str(error)) from None
    yield from cutter.closed("" if rest == "\x1c" else rest)
    yield from cutter.left_open()


class _Cutter:
    """Text goes in piece by piece, closed rows come out."""

    def __init__(self) -> None:
        self._row, self._parts, self._size = 1, list[str](), 0

    def closed(self, text: str) -> Iterator[tuple[int, str]]:
        at = 0
        for found in _END.finditer(text):
            self._add(text[at : found.start()])
            at = found.end()
            if self._is_row_end(found[0]):
                yield self._taken()
        self._add(text[at:])

    def left_open(self) -> Iterator[tuple[int, str]]:
        if self._size:
            yield self._taken()

    def _add(self, piece: str) -> None:
        self._parts.append(piece)
        self._size += len(piece)
        if self._size > MAX_SEGMENT:
            raise Unreadable("line_too_long", f"row {self._row} has more than {MAX_SEGMENT:,} characters")

    def _is_row_end(self, end: str) -> bool:
        if end not in ("\x1c", "\x0b"):
            return end != "\x1c\r" or self._size > 0
        if self._size:
            # else the next message would pass for a part of this segment
            raise Unreadable("not_hl7", f"row {self._row}: a frame begins or ends inside a segment")
        return False

    def _taken(self) -> tuple[int, str]:
        taken = self._row, "".join(self._parts)
        self._row, self._parts, self._size = self._row + 1, [], 0
        return taken


def count_rows(path: Path, encoding: str, scratch: Path) -> int:
    """How many rows the file has by its bytes, without the code that cuts it. `scratch` is for a UTF-16 file."""
    with path.open("rb") as file:
        actual, skip = actual_encoding(file.read(4), encoding)
    if actual.startswith("utf-16"):
        try:
            write_utf8(path, scratch, actual, skip, is_unified=False)
            return _count(scratch, 0)
        except Undecodable as error:
            raise Unreadable("undecodable_bytes", str(error)) from None
        finally:
            scratch.unlink(missing_ok=True)
    return _count(path, skip)


def _count(path: Path, skip: int) -> int:
    if path.stat().st_size == 0:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"\0") >= 0:
            raise Unreadable("nul_bytes", "the file holds NUL bytes: it is damaged or in another encoding")
        has_frames = content.find(b"\x1c") >= 0
        frames = sum(1 for _ in _FRAME_END.finditer(content, skip)) if has_frames else 0
        last = max(content.rfind(b"\n"), content.rfind(b"\r"), skip - 1) + 1
        # behind the last line end the marks of a frame, or of the byte order, are no row
        is_no_row = not content[last : last + MAX_SEGMENT].strip(b"\x0b\x1c")
        has_open_line = content[-1:] not in (b"\n", b"\r")
    return count_lines(path) - frames - (is_no_row and has_open_line)
