"""The encoding of a text file: a byte order mark and strict UTF-8 are proof, a single-byte code page is a guess."""

import codecs
from pathlib import Path

from pipeline.drafting.findings import Guess

# Enough to meet the letters of a language many times; a file that is larger is not read for its encoding any further.
SAMPLE_BYTES = 64 << 20
_LETTERS = frozenset("äöüÄÖÜßéèêëàâáçîïíôóûùúñæøåÆØÅÉÈÀÇœ")
_SIGNS = frozenset("µ°±≤≥²³§€–—‘’“”„…·½\u00a0")
_CODE_PAGES = ("cp1252", "cp850", "latin-1")


def encoding_of(path: Path) -> tuple[str, Guess]:
    """The text of a file (its first 64 MiB) without a byte order mark, and the name of its encoding."""
    with path.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            codec = "utf-8" if name == "utf-8" else ("utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be")
            return _text(data[len(mark) :], codec), Guess(name, "the file begins with a byte order mark")
    if _is_utf16_without_mark(data):
        return _text(data, "utf-16-le"), Guess("utf-16", "every other byte is NUL")
    try:
        text = data.decode("utf-8") if len(data) < SAMPLE_BYTES else _text(data, "utf-8", "strict")
    except UnicodeDecodeError:
        return _single_byte(data)
    return text, Guess(
        "utf-8",
        "all bytes are ASCII, which every encoding here shares"
        if data.isascii()
        else "strict UTF-8, as no other encoding is",
    )


def _text(data: bytes, codec: str, errors: str = "replace") -> str:
    """The text of bytes that may end within a character."""
    return codecs.getincrementaldecoder(codec)(errors).decode(data, False)


def _is_utf16_without_mark(data: bytes) -> bool:
    start = data[:1000]
    return len(start) >= 8 and start[1::2].count(0) > 0.9 * len(start[1::2]) and start[::2].count(0) == 0


def _single_byte(data: bytes) -> tuple[str, Guess]:
    """The code page that turns the most bytes into letters and signs laboratories write; nothing proves one."""
    scores = {codec: _plausibility(data, codec) for codec in _CODE_PAGES}
    best = max(_CODE_PAGES, key=lambda codec: scores[codec])
    why = f"not UTF-8; {best} gives letters that make sense, but no code page can be proven: look at the headers"
    return data.decode(best, errors="replace"), Guess(best, why)


def _plausibility(data: bytes, codec: str) -> int:
    text = data.decode(codec, errors="replace")
    odd = [sign for sign in text if sign > "\x7f"]
    good = sum(2 * (sign in _LETTERS) + (sign in _SIGNS) for sign in odd)
    bad = sum(sign == "\ufffd" or "\x80" <= sign <= "\x9f" or "\u2500" <= sign <= "\u25ff" for sign in odd)
    return good - 4 * bad
