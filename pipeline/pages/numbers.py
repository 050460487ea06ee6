"""How numbers are written on a page: percentages with their sign, thousands with commas, a dash for what is missing."""

from datetime import datetime

MISSING = "–"
# Keeps a number and its sign on one line.
HARD_SPACE = "\u00a0"


def percent(fraction: float | None, digits: int = 1) -> str:
    """`43.2 %` for 0.432; a dash for None, because a rate that does not exist is not 0 %."""
    return MISSING if fraction is None else f"{100 * fraction:.{digits}f}{HARD_SPACE}%"


def interval_text(low: float | None, high: float | None, digits: int = 1) -> str:
    """`33.3–53.6 %` for two fractions; a dash where one is missing."""
    if low is None or high is None:
        return MISSING
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}{HARD_SPACE}%"


def count(number: int | None) -> str:
    """`1,234`; a dash for None."""
    return MISSING if number is None else f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `2 rows`; `many` for words that do not take an s."""
    return f"{number:,}{HARD_SPACE}{one if number == 1 else many or one + 's'}"


def instant(moment: datetime | None) -> str:
    """`2026-03-31 23:59:59 UTC`; a dash for None."""
    return MISSING if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
