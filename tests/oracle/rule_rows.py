"""The rules as text: every CSV of the rule folders, rows of a site's folder in place of ours of the same name."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

RuleRow = Mapping[str, str]
Rules = Mapping[str, Sequence[RuleRow]]


def read(folders: Sequence[Path]) -> Rules:
    """Rows by file name without ending; within a file the first column is the name of a row."""
    tables: dict[str, dict[str, RuleRow]] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.csv")):
            tables.setdefault(file.stem, {}).update(_named(file))
    return {name: [row for row in rows.values() if row.get("state", "") != "draft"] for name, rows in tables.items()}


def _named(file: Path) -> dict[str, RuleRow]:
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    # segments have no name of their own: the nerve and its two sites name one
    named_by = 3 if file.stem == "nerve_segments" else 1
    return {"/".join(list(row.values())[:named_by]): row for row in rows}


def number(text: str | None) -> Fraction | None:
    """A cell as an exact number; empty is none."""
    return Fraction(text) if text else None


def day(text: str | None, otherwise: date) -> date:
    """A cell as a day; an open end is `otherwise`."""
    return date.fromisoformat(text) if text else otherwise
