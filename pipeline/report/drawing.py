"""What the figures share: how wide a text is, and colours that are told apart without colour vision."""

from typing import NamedTuple

# From the Okabe-Ito palette, darkened where text or a thin line must be read on white.
INK, SOFT, LINE = "#17242f", "#52616e", "#b9c4cc"
BLUE, ORANGE, BAND = "#0072b2", "#c25100", "#dcebf5"

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] 1"), set("mwMW@%—")


class Text(NamedTuple):
    """A text at its place; `full` is what a shortened one stands for, else empty."""

    x: float
    y: float
    text: str
    full: str = ""


def width_of(text: str, size: float) -> float:
    """An upper estimate of the width of a text in a common sans serif, in the unit of `size`."""
    share = sum(0.36 if c in _NARROW else 0.95 if c in _WIDE else 0.72 if c.isupper() else 0.6 for c in text)
    return share * size


def wrapped(x: float, y: float, text: str, width: float, size: float, most: int) -> list[Text]:
    """The text over at most so many lines, the first at `y`; the last one is shortened where words are left over."""
    words = text.split()
    lines: list[str] = []
    while words and len(lines) < most - 1:
        taken = 1
        while taken < len(words) and width_of(" ".join(words[: taken + 1]), size) <= width:
            taken += 1
        lines.append(" ".join(words[:taken]))
        words = words[taken:]
    lines += [" ".join(words)] if words else []
    return [fitted(x, y + number * (size + 2), line, width, size) for number, line in enumerate(lines)]


def fitted(x: float, y: float, text: str, width: float, size: float) -> Text:
    """The text, or where it is wider than `width` its beginning and its end: names often differ at the end."""
    one_line = " ".join(text.split())
    if width_of(one_line, size) <= width:
        return Text(x, y, one_line)
    for kept in range(len(one_line) - 1, 1, -1):
        end = kept // 3
        short = f"{one_line[: kept - end].rstrip()}…{one_line[len(one_line) - end :].lstrip()}"
        if width_of(short, size) <= width:
            return Text(x, y, short, one_line)
    return Text(x, y, "…", one_line)
