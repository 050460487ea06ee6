"""How many lines a file has, by any line break, when nothing more is known of it."""

from pathlib import Path

_CHUNK = 1 << 22


def count_lines(path: Path) -> int:
    """Lines that end in LF, CR or CR LF; a last one without a line break counts as well."""
    lines, last = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            # a CR LF that falls on two chunks is one line break
            lines += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
            lines -= last == b"\r" and chunk.startswith(b"\n")
            last = chunk[-1:]
    return lines + (last not in (b"", b"\n", b"\r"))
