"""The decimal mark and the thousands mark of a file, decided over all its numbers, and what form its results have."""

import re
from collections.abc import Sequence

from pipeline.drafting.findings import Guess, undecided

_COMPARATOR = re.compile(r"^\s*[<>=≤≥＜＞]{0,2}\s*")
_NUMBER = re.compile(r"-?[0-9][0-9.,'’ \u00a0\u2009\u202f]*")
_TITRE = re.compile(r"1 *[:/] *[0-9][0-9.,'’ \u00a0\u202f]*[kK]?")
_MARK = {",": "comma", ".": "point"}


def numbers_in(cells: Sequence[str]) -> list[str]:
    """The cells that are a number, without their comparator; titres are none."""
    bare = [_COMPARATOR.sub("", cell) for cell in cells]
    return [cell for cell in bare if _NUMBER.fullmatch(cell)]


def titres_in(cells: Sequence[str]) -> list[str]:
    """The cells that are a titre written as a ratio, without their comparator."""
    bare = [_COMPARATOR.sub("", cell) for cell in cells]
    return [cell for cell in bare if _TITRE.fullmatch(cell)]


def marks_of(numbers: Sequence[str]) -> tuple[Guess, Guess]:
    """The decimal mark and the thousands mark ("" when none is used)."""
    decimals = {mark: sum(_has_decimals(number, mark) for number in numbers) for mark in ",."}
    groups = {mark: sum(_has_groups(number, mark) for number in numbers) for mark in (",", ".", " ", "'")}
    unclear = [number for number in numbers if re.fullmatch(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", number)]
    if decimals[","] and decimals["."]:
        return undecided("the decimal mark; some numbers can only have a comma, some only a point"), Guess("")
    for mark, other in ((",", "."), (".", ",")):
        if decimals[mark]:
            why = f"numbers that can only be read with a decimal {_MARK[mark]}: {decimals[mark]}"
            return Guess(mark, why), _thousands(groups, mark, other, unclear)
    if unclear:
        mark = "," if "," in unclear[0] else "."
        question = f"the decimal mark; numbers with a {_MARK[mark]} and three digits behind it: {len(unclear)}"
        return undecided(question), Guess("")
    if groups["."] or groups[","]:
        mark = "." if groups["."] else ","
        return Guess(",."[mark == ","], f"the {_MARK[mark]} stands between groups of three digits"), Guess(mark, "")
    return Guess(".", "no number has a decimal mark"), _thousands(groups, ".", ",", [])


def _thousands(groups: dict[str, int], decimal: str, other: str, unclear: Sequence[str]) -> Guess:
    used = [mark for mark in (other, " ", "'") if groups[mark]]
    if used:
        return Guess(used[0], f"numbers with groups of three digits: {groups[used[0]]}")
    if any(other in number for number in unclear):
        return Guess(other, f"a {_MARK[other]} stands before three digits, and it is not the decimal mark")
    return Guess("")


def _has_decimals(number: str, mark: str) -> bool:
    """Whether the mark can be nothing but the decimal one: what follows are not exactly three digits, or 0 precedes."""
    other = "." if mark == "," else ","
    found = re.fullmatch(rf"-?([0-9{re.escape(other)}'’ \u00a0\u202f]*){re.escape(mark)}([0-9]+)", number)
    if found is None:
        return False
    return len(found[2]) != 3 or len(found[1]) > 3 or found[1] in ("", "0") or other in found[1]


def _has_groups(number: str, mark: str) -> bool:
    """Whether the mark can be nothing but the one between thousands: it stands there twice, or before the other mark."""
    sign = {" ": "[ \u00a0\u2009\u202f]", "'": "['’]"}.get(mark, re.escape(mark))
    if mark in (" ", "'"):
        return bool(re.fullmatch(rf"-?[1-9][0-9]{{0,2}}({sign}[0-9]{{3}})+([.,][0-9]+)?", number))
    other = re.escape("." if mark == "," else ",")
    return bool(
        re.fullmatch(rf"-?[1-9][0-9]{{0,2}}(({sign}[0-9]{{3}}){{2,}}|({sign}[0-9]{{3}})+{other}[0-9]+)", number)
    )
