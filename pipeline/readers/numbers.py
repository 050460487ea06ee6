"""Numbers as messages write them."""

import re

_EMPTY_FRACTION = re.compile(r"([+-]?[0-9]+)\.0+")


def without_empty_fraction(text: str) -> str:
    """800 for 800.000: three zeros behind a point would look like a group of digits to whoever reads text."""
    found = _EMPTY_FRACTION.fullmatch(text)
    return found[1] if found else text
