"""The one file inside a gzip or zip archive, unpacked within limits; any other file as it is.

An archive is told by its first bytes, never by its name, and a member's name is never used as a path. A workbook is a
zip too, but one that its own reader opens.
"""

import contextlib
import copy
import gzip
import os
import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path

from pipeline.readers.text_table import Unreadable

# Real exports stay far below both; deflate can reach a ratio of 1000, text of results rarely more than 30.
MOST_BYTES = 4 << 30
MOST_RATIO = 200
# Below this much text, a ratio says nothing: a short file of blanks packs as well as a bomb.
RATIO_COUNTS_FROM = 64 << 20

_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_WORKBOOK_STARTS = ("[Content_Types].xml", "mimetype", "_rels/", "xl/", "docProps/")
# bzip2 and LZMA members unpack in steps that nothing bounds.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGES = (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, RuntimeError, ValueError)

Chunks = Generator[bytes, None, None]


def unpacked(path: Path, folder: Path) -> Path:
    """`path` itself unless it is a gzip or a zip; else the file inside, below `folder`, readable by its owner only.

    Raises Unreadable: archive_damaged, archive_too_large, archive_not_one_file, archive_in_archive, file_encrypted.
    """
    start = _start(path)
    if start.startswith(_GZIP):
        return _written(_gzip_chunks(path), path, folder)
    if not start.startswith(_ZIPS) or _is_workbook(path):
        return path
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGES:
        raise _damaged() from None
    with archive:
        return _written(member_chunks(archive, _only_member(archive)), path, folder)


def member_chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Chunks:
    """The content of a member in pieces, proven to be of the size and checksum that the archive states.

    Python's reader stops at the stated size, so an understated one would cut the content off without a word; it is
    therefore read as if it were larger. Raises one of `DAMAGES`.
    """
    if member.compress_type not in _METHODS:
        raise NotImplementedError("compressed by another method than deflate")
    asked = copy.copy(member)
    asked.file_size = MOST_BYTES + 1
    size = 0
    with archive.open(asked) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            yield chunk
    if size != member.file_size:
        raise zipfile.BadZipFile("a member is not of the stated size")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_workbook(path: Path) -> bool:
    """Whether a zip is a workbook; one that is cut off is judged by its first member, which its reader then refuses."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return "[Content_Types].xml" in names or names[:1] == ["mimetype"]
    except DAMAGES:
        with path.open("rb") as file:
            head = file.read(100)
        return head[30:].startswith(tuple(name.encode() for name in _WORKBOOK_STARTS))


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The file in a zip; what macOS adds beside each file (`__MACOSX/._name`) holds nothing of it."""
    files = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not (member.filename.startswith("__MACOSX/") and "/._" in member.filename)
    ]
    if len(files) != 1:
        raise Unreadable("archive_not_one_file", f"expected one file in the archive, found {len(files)}")
    if stat.S_ISLNK(files[0].external_attr >> 16):
        raise Unreadable("archive_not_one_file", "the archive holds a link in place of a file")
    if files[0].flag_bits & 1:
        raise Unreadable("file_encrypted", "the file in the archive has a password")
    return files[0]


def _gzip_chunks(path: Path) -> Chunks:
    with gzip.open(path) as content:
        while chunk := content.read(_CHUNK):
            yield chunk


def _written(chunks: Chunks, archive: Path, folder: Path) -> Path:
    target = folder / "unpacked"
    target.unlink(missing_ok=True)
    try:
        opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with contextlib.closing(chunks), os.fdopen(opened, "wb") as file:
            file.writelines(_limited(chunks, archive.stat().st_size))
        if _start(target).startswith((_GZIP, *_ZIPS)) and not _is_workbook(target):
            raise Unreadable("archive_in_archive", "the file in the archive is an archive itself")
    except Unreadable:
        target.unlink(missing_ok=True)
        raise
    return target


def _limited(chunks: Iterator[bytes], packed_size: int) -> Iterator[bytes]:
    size = 0
    while (chunk := _next(chunks)) is not None:
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unreadable("archive_too_large", f"more than {MOST_BYTES >> 30} GiB when unpacked")
        if size > RATIO_COUNTS_FROM and size > MOST_RATIO * packed_size:
            raise Unreadable("archive_too_large", f"unpacks to more than {MOST_RATIO} times its size")
        yield chunk


def _next(source: Iterator[bytes]) -> bytes | None:
    """The next piece; only what goes wrong in unpacking is the archive's fault, not what goes wrong in writing."""
    try:
        return next(source, None)
    except DAMAGES:
        raise _damaged() from None


def _damaged() -> Unreadable:
    return Unreadable("archive_damaged", "the archive is cut off, damaged, or packed by another method than deflate")
