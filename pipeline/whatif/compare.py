"""Two builds of the same data under two rulebooks, held against each other."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline import rulebook
from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.rulebook.tables import TABLES
from pipeline.settings import Settings
from pipeline.warehouse import combine
from pipeline.whatif import beside, queries
from pipeline.whatif.basis import basis

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would change.

    `rules` are the cut-off rows that the other rulebook adds, replaces or no longer applies; `results` every result whose
    interpretation, reason or rule would differ, with its place; `by_current_rule` counts of those that the rule in force at
    the as-of date would read otherwise than it does now; `figures` the rates; `facts` what the cohort shows of the
    statements of the documents; `patients` counts by what they count as; `other_tables` how many rows of each further table
    would differ.
    """

    rules_dir: str
    rules: tuple[Row, ...]
    interpretations: tuple[Row, ...]
    results: tuple[Row, ...]
    by_current_rule: tuple[Row, ...]
    figures: tuple[Row, ...]
    facts: tuple[Row, ...]
    patients: tuple[Row, ...]
    other_tables: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def what_if(settings: Settings, rules_dir: Path) -> WhatIf:
    """What would change if the rules of this folder were added to those in force, replacing rows of the same id.

    Nothing is published and nothing is written below the home. Raises RulebookUnsound for rules that contradict each other, and
    UsageError for a folder without rules or a warehouse that is out of date.
    """
    home = Home.open(settings)
    if not any((rules_dir / table.file).is_file() for table in TABLES):
        raise UsageError(f"{rules_dir}: holds no rule file; expected one such as assay_cutoffs.csv")
    other = rulebook.load([*settings.rules_dirs, rules_dir])
    counted = basis(settings, home, rulebook.load(settings.rules_dirs))
    with beside.place(home) as folder:
        file = folder / "whatif.duckdb"
        combine(settings, home, other, counted, file)
        return _compared(home.warehouse_file, file, rules_dir)


def _compared(published: Path, other: Path, rules_dir: Path) -> WhatIf:
    with duckdb.connect() as con:
        for name, path in (("before", published), ("after", other)):
            con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
        return WhatIf(
            rules_dir=str(rules_dir), rules=_rows(con, queries.RULES), interpretations=_rows(con, queries.INTERPRETATIONS),
            results=_rows(con, queries.RESULTS), by_current_rule=_rows(con, queries.BY_CURRENT_RULE),
            figures=_rows(con, queries.FIGURES), facts=_rows(con, queries.FACTS),
            patients=_rows(con, queries.PATIENTS), other_tables=tuple(_other_tables(con)),
        )  # fmt: skip


def _other_tables(con: duckdb.DuckDBPyConnection) -> list[Row]:
    found = []
    for (table,) in con.execute(queries.TABLES).fetchall():
        (rows,) = con.execute(queries.DIFFERENCE.format(table=table)).fetchall()[0]
        if rows:
            found.append({"table": table, "rows_that_differ": rows})
    return found


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Row, ...]:
    found = con.execute(query)
    names = [column[0] for column in found.description or []]
    return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())
