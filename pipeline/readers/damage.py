"""Signs in a decodable text that it was converted wrongly on its way: characters nobody types.

A decoder cannot tell: the text is valid, and says something else than what was measured (a lost "less than", an unknown
unit). So these are looked for in the bytes.
"""

import mmap
import re
from pathlib import Path

from pipeline.readers.encoding import Undecodable, check_utf8

_SIGNS = (
    ("the replacement character, put where another program could not decode", re.compile(b"\xef\xbf\xbd")),
    ("letters of a text that was taken for another encoding and encoded once more",
     re.compile(b"\xc3[\x82\x83]\xc2[\x80-\xbf]|\xc3\xa2\xe2\x80")),
    ("control characters that belong to no text", re.compile(b"\xc2[\x80-\x9f]")),
)  # fmt: skip


def damage_in(path: Path) -> str | None:
    """Which sign of a wrong conversion a UTF-8 file shows; None when it shows none."""
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if all(content.find(lead) < 0 for lead in (b"\xc2", b"\xc3", b"\xef")):
            return None
        return next((sign for sign, pattern in _SIGNS if pattern.search(content)), None)


def is_really_utf8(path: Path) -> bool:
    """Whether a file declared to be in a code page of single bytes is UTF-8: such a text never is by accident."""
    with path.open("rb") as file:
        is_ascii = all(chunk.isascii() for chunk in iter(lambda: file.read(1 << 20), b""))
    if is_ascii:
        return False
    try:
        check_utf8(path)
    except Undecodable:
        return False
    return True
