"""The XML parts of a zipped workbook, read as streams that no trick in them can blow up.

`expat` by itself expands entities that a document declares; here a document type declaration, which no spreadsheet
program writes, is refused, so there is nothing to expand and nothing external to fetch.
"""

import contextlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from pipeline.readers.packed import DAMAGES, member_chunks
from pipeline.readers.text_table import Unreadable

# One result export is some tens of MiB of XML; what is larger belongs in delimited text.
MOST_BYTES = 1 << 30
MOST_RATIO = 200
RATIO_COUNTS_FROM = 64 << 20
_MOST_NAMES = 1000

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def damaged(detail: str) -> Unreadable:
    """What is raised of a workbook that cannot be read as what it says it is."""
    return Unreadable("workbook_damaged", detail)


class Parts:
    """The parts of a zipped workbook by name, within limits; names are compared as spreadsheet programs do."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except DAMAGES:
            raise damaged("the file is cut off or is no readable zip") from None
        members = self._archive.infolist()
        self._members = {_plain(member.filename): member for member in members}
        try:
            _check(members, self._members, path.stat().st_size)
        except Unreadable:
            self.close()
            raise

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._members

    def close(self) -> None:
        self._archive.close()

    def read(self, name: str, start: Start, end: End | None = None, text: Text | None = None) -> None:
        """Walk through a part; the functions get names without their namespace prefix (`c`, not `x:c`)."""
        if name not in self:
            raise damaged(f"the part {name} is missing")
        parser, plain = expat.ParserCreate(), _PlainNames()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_declaration
        parser.StartElementHandler = lambda tag, attributes: start(plain[tag], attributes)
        if end is not None:
            parser.EndElementHandler = lambda tag: end(plain[tag])
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            with contextlib.closing(member_chunks(self._archive, self._members[_plain(name)])) as chunks:
                for chunk in chunks:
                    parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, *DAMAGES):
            # LookupError: an encoding that does not exist
            raise damaged("a part of the workbook is cut off or damaged") from None


class _PlainNames(dict[str, str]):
    """Element names without their prefix, each worked out once."""

    def __missing__(self, tag: str) -> str:
        if len(self) > _MOST_NAMES:
            self.clear()
        self[tag] = tag.rpartition(":")[2]
        return self[tag]


def _refuse_declaration(*_: object) -> None:
    raise damaged("a part has a document type declaration, which no spreadsheet program writes")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _check(members: list[zipfile.ZipInfo], by_name: Mapping[str, zipfile.ZipInfo], size: int) -> None:
    if len(members) != len(by_name):
        raise damaged("two parts have the same name")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("file_encrypted", "the workbook has a password")
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        raise Unreadable("workbook_too_large", f"more than {MOST_BYTES >> 30} GiB when unpacked")
    if total > RATIO_COUNTS_FROM and total > MOST_RATIO * size:
        raise Unreadable("workbook_too_large", f"unpacks to more than {MOST_RATIO} times its size")
