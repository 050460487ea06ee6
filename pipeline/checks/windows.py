"""Plausibility windows: the widest range in which a quantity can be a real measurement, read from the rules."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.errors import RulebookUnsound

FILE_NAME = "plausibility.csv"
COLUMNS = ("rule_id", "quantity", "unit", "low", "high", "source_id", "source_locator", "note")

Windows = Mapping[str, tuple[float | None, float | None]]


def windows(rules_dirs: Iterable[Path]) -> Windows:
    """rule_id -> (low, high), both in the rule's unit, None where a side is open.

    A later directory's row replaces an earlier one of the same rule_id. Raises RulebookUnsound naming file and line.
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for path in window_files(rules_dirs):
        found |= _read(path)
    return found


def window_files(rules_dirs: Iterable[Path]) -> list[Path]:
    """The files the windows come from, in the order in which they count."""
    return [path for folder in rules_dirs if (path := folder / FILE_NAME).is_file()]


def _read(path: Path) -> dict[str, tuple[float | None, float | None]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise RulebookUnsound(f"{path}: expected the columns {', '.join(COLUMNS)}")
        read: dict[str, tuple[float | None, float | None]] = {}
        for row in rows:
            place = f"{path}, line {rows.line_num}, rule {row['rule_id']}"
            if row["rule_id"] in read:
                raise RulebookUnsound(f"{place}: the rule_id stands twice in this file; keep one row")
            read[row["rule_id"]] = _window(row, place)
    return read


def _window(row: Mapping[str, str], place: str) -> tuple[float | None, float | None]:
    low, high = _number(row["low"], place, "low"), _number(row["high"], place, "high")
    if low is None and high is None:
        raise RulebookUnsound(f"{place}: expected a low, a high or both")
    if low is not None and high is not None and low > high:
        raise RulebookUnsound(f"{place}: low is above high")
    return low, high


def _number(text: str, place: str, side: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise RulebookUnsound(f"{place}: expected a number in {side}") from None
