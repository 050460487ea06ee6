"""The streams of an OLE compound file, the container of .xls and of every encrypted Office file."""

import struct
from collections.abc import Iterator
from pathlib import Path

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.xml import damaged

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
# An .xls sheet ends at row 65,536; even many full ones stay below this. The file is held in memory.
MOST_BYTES = 256 << 20
_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_SMALL_STREAM = 4096


class Ole:
    """A compound file: `names` of its streams, and the bytes of one of them."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable("workbook_too_large", f"an .xls file of more than {MOST_BYTES >> 20} MiB")
        self._bytes = path.read_bytes()
        try:
            self._read_directory()
        except (struct.error, IndexError, ValueError):
            raise _cut_off() from None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._streams)

    def stream(self, name: str) -> bytes:
        start, size = self._streams[name]
        try:
            if size >= _SMALL_STREAM:
                return self._joined(start, size)
            small = b"".join(
                self._small[at << self._small_shift : (at + 1) << self._small_shift]
                for at in self._chain(start, self._small_table)
            )
        except (struct.error, IndexError):
            raise _cut_off() from None
        if len(small) < size:
            raise _cut_off()
        return small[:size]

    def _read_directory(self) -> None:
        self._shift, self._small_shift = struct.unpack_from("<2H", self._bytes, 30)
        if self._shift not in (9, 12) or self._small_shift != 6:
            raise ValueError("sector sizes that no program writes")
        first, small_table = struct.unpack_from("<I", self._bytes, 48)[0], struct.unpack_from("<I", self._bytes, 60)[0]
        self._table = self._numbers(self._table_sectors())
        directory = b"".join(self._sector(at) for at in self._chain(first, self._table))
        self._small_table = self._numbers(self._chain(small_table, self._table))
        self._streams: dict[str, tuple[int, int]] = {}
        self._small = b""
        for at in range(0, len(directory), 128):
            name_size, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<2I", directory, at + 116)
            if kind == 5:
                self._small = self._joined(start, size)
            elif kind == 2:
                self._streams[directory[at : at + max(name_size - 2, 0)].decode("utf-16-le", "replace")] = start, size

    def _table_sectors(self) -> Iterator[int]:
        """Sectors of the allocation table: 109 named in the head, further ones in sectors of their own."""
        yield from (at for at in struct.unpack_from("<109I", self._bytes, 76) if at < _END)
        following, n_left = struct.unpack_from("<2I", self._bytes, 68)
        while following < _END and n_left:
            *listed, following = struct.unpack(f"<{1 << self._shift - 2}I", self._sector(following))
            n_left -= 1
            yield from (at for at in listed if at < _END)

    def _sector(self, at: int) -> bytes:
        content = self._bytes[(at + 1) << self._shift : (at + 2) << self._shift]
        if len(content) < 1 << self._shift:
            raise IndexError("a sector behind the end of the file")
        return content

    def _numbers(self, sectors: Iterator[int]) -> tuple[int, ...]:
        content = b"".join(self._sector(at) for at in sectors)
        return struct.unpack(f"<{len(content) // 4}I", content)

    def _chain(self, start: int, table: tuple[int, ...]) -> Iterator[int]:
        at, n_left = start, len(table)
        while at < _END:
            if n_left == 0:
                raise IndexError("a chain that never ends")
            yield at
            at, n_left = table[at], n_left - 1

    def _joined(self, start: int, size: int) -> bytes:
        content = bytearray()
        for at in self._chain(start, self._table):
            # the last sector of a file may be cut short
            content += self._bytes[(at + 1) << self._shift : (at + 2) << self._shift]
        if len(content) < size:
            raise IndexError("a stream that is shorter than it says")
        return bytes(content[:size])


def _cut_off() -> Unreadable:
    return damaged("the file is cut off or is no readable compound file")
