"""Date formats: which directives may be declared, and the exact shape of the text each one stands for.

A parser of dates forgives (`2024-1-2` passes as %Y-%m-%d); the regular expression from here does not.
"""

import re

_DIGITS = {"m": 2, "d": 2, "y": 2, "H": 2, "I": 2, "M": 2, "S": 2, "f": 6}
# A year below 1900 is an empty date of some system or two digits behind zeros (0025), never a day anybody meant.
_YEAR = "(?:19|20)[0-9]{2}"
_SHORTER = {"m", "d", "H", "I", "M", "S"}
_WORDS = {"b": "[A-Za-z]{3}", "B": "[A-Za-z]{3,9}", "p": "[AaPp][Mm]"}
_DIRECTIVE = re.compile(r"%(-?)(.)|(.)", re.DOTALL)


def shape_of(date_format: str) -> str:
    """A regular expression (RE2, for a full match) of the texts that are written in `date_format`.

    Directives are those of strptime; `%-d` takes one digit or two. Raises ValueError naming a directive that is not
    supported, and when the format gives no whole date.
    """
    parts: list[str] = []
    for dash, letter, literal in _DIRECTIVE.findall(date_format):
        parts.append(re.escape(literal) if literal else _directive(dash, letter))
    if not (
        re.search("%-?[Yy]", date_format) and re.search("%-?[mbB]", date_format) and re.search("%-?d", date_format)
    ):
        raise ValueError("needs a year, a month and a day")
    return "".join(parts)


def _directive(dash: str, letter: str) -> str:
    if letter in _WORDS and not dash:
        return _WORDS[letter]
    if letter == "Y" and not dash:
        return _YEAR
    if letter not in _DIGITS or (dash and letter not in _SHORTER):
        raise ValueError(f"%{dash}{letter} is not supported")
    return "[0-9]{1,2}" if dash else f"[0-9]{{{_DIGITS[letter]}}}"
