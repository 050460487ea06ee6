"""How many rows of each arrival a check judged, counted beside Great Expectations, which knows only the whole batch.

An arrival may be taken in again by itself, and leave its batch: then its rows must leave the batch's counts with it.
"""

from collections.abc import Mapping, Sequence

import duckdb

from pipeline.checks.execute import checked_view, judged_rows
from pipeline.checks.model import Check

# They judge the rows without a value as well.
_OF_ALL_ROWS = ("ExpectColumnValuesToNotBeNull", "ExpectColumnValuesToBeNull")


def judged_by_arrival(
    con: duckdb.DuckDBPyConnection, relation: str, checks: Sequence[Check]
) -> Mapping[str, Mapping[str, int]]:
    """arrival_id -> check id -> rows judged; checks that judged none of an arrival's rows are left out."""
    if not checks:
        return {}
    with checked_view(con, relation, checks, checks[0].keys) as view:
        there = {column[0] for column in con.execute(f"SELECT * FROM {view} LIMIT 0").description or ()}
        possible = [check for check in checks if set(check.columns) <= there]
        counts = ", ".join(f"count(*) FILTER ({_judged(check)})" for check in possible)
        if not counts:
            return {}
        rows = con.execute(f"SELECT arrival_id, {counts} FROM {view} GROUP BY arrival_id").fetchall()
    ids = [check.id for check in possible]
    return {arrival: {name: n for name, n in zip(ids, numbers, strict=True) if n} for arrival, *numbers in rows}


def _judged(check: Check) -> str:
    column = check.arguments.get("column")
    has_value = f" AND {column} IS NOT NULL" if column and check.expect not in _OF_ALL_ROWS else ""
    return judged_rows(check) + has_value
