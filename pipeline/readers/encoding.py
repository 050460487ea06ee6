"""Bytes proven to be in a declared encoding, as UTF-8: in place where they are that already, else in a copy."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = re.compile("[\x80-\x9f]")


class Undecodable(Exception):
    """The bytes are not in the encoding; the text says which encoding and at which byte, never what stands there."""


def actual_encoding(start: bytes, declared: str) -> tuple[str, int]:
    """The encoding to decode with and the length of the byte order mark, which wins over the declared encoding."""
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name, len(bom)
    return ("utf-16-le" if declared == "utf-16" else declared), 0


def check_utf8(path: Path) -> None:
    """Nothing when the file is UTF-8 from end to end; else Undecodable."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    offset, is_mid_character = 0, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if is_mid_character or not chunk.isascii():
                _decode(decoder, chunk, offset, "utf-8", False)
                is_mid_character = decoder.getstate()[0] != b""
            offset += len(chunk)
    _decode(decoder, b"", offset, "utf-8", True)


def decoded(path: Path, encoding: str, skip: int) -> Iterator[str]:
    """The text behind byte `skip`, chunk by chunk. Raises Undecodable, also for C1 control characters in Latin-1.

    Latin-1 gives a character for every byte, so it proves nothing by itself; but real text has no C1 controls, while
    text in Windows' code page read as Latin-1 does.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = skip
    with path.open("rb") as file:
        file.seek(skip)
        while chunk := file.read(_CHUNK):
            text = _decode(decoder, chunk, offset, encoding, False)
            if encoding == "latin-1" and (found := _CONTROLS.search(text)):
                raise Undecodable(f"not latin-1: control character at byte {offset + found.start()}, perhaps cp1252")
            offset += len(chunk)
            yield text
    yield _decode(decoder, b"", offset, encoding, True)


def write_utf8(source: Path, target: Path, encoding: str, skip: int, is_unified: bool) -> None:
    """Put the text behind byte `skip` at `target` as UTF-8; `is_unified` makes every line break a line feed.

    Raises Undecodable, also when the bytes left out are not in the encoding.
    """
    with source.open("rb") as head:
        _decode(codecs.getincrementaldecoder(encoding)("strict"), head.read(skip), 0, encoding, True)
    with target.open("w", encoding="utf-8", newline="") as file:
        target.chmod(0o600)
        held_back = ""
        for text in decoded(source, encoding, skip):
            if not is_unified:
                file.write(text)
                continue
            joined = held_back + text
            held_back = "\r" if joined.endswith("\r") else ""
            file.write(joined.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n"))
        file.write("\n" if held_back else "")


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, offset: int, encoding: str, is_last: bool) -> str:
    try:
        return decoder.decode(chunk, is_last)
    except UnicodeDecodeError as error:
        raise Undecodable(f"not {encoding}: undecodable byte near byte {offset + error.start}") from None
