"""What a validation page shows, read from the tables of a build: checks, failing rows, rows by disposition."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import duckdb

from pipeline.records import RECORDS

Row = dict[str, Any]
# Which failing rows belong together: a check of a record, or a disposition with its reason.
Key = tuple[str, str]
# Ranges of row numbers listed for one check or reason; beyond it a CSV beside the page holds every row.
MOST_RANGES = 2000

_CHECKS = """
SELECT * FROM mart_check_result
ORDER BY
  list_position(['error', 'failed', 'not_applicable', 'passed'], outcome),
  list_position(['critical', 'warning', 'info'], severity), table_name, check_id
"""

_EXPORTS = "SELECT * FROM mart_reconciliation ORDER BY sending_lab, file_name, received_at, arrival_id"

# Rows are numbered through all sheets of a workbook; a person looks for a row on its sheet.
_ON_ITS_SHEET = {
    "file": "concat(f.file_name, ', sheet ' || s.sheet) AS file_name",
    "row": "f.row_number - coalesce(s.rows_above, 0) AS row_number",
    "sheet": "LEFT JOIN mart_sheet s ON s.arrival_id = f.arrival_id "
             "AND f.row_number > s.rows_above AND f.row_number <= s.rows_above + s.n_rows",
}  # fmt: skip

_FAILURES = """
SELECT f.record AS first_key, f.check_id AS second_key, f.sending_lab, {file}, f.arrival_id, {row}, f.slot
FROM mart_check_failure f
{sheet}
""".format(**_ON_ITS_SHEET)

_UNUSED = """
SELECT f.disposition AS first_key, coalesce(f.reasons, 'not stated') AS second_key, f.sending_lab, {file}, f.arrival_id,
  {row}, f.slot
FROM mart_row_disposition f
{sheet}
WHERE f.disposition IN ('rejected', 'held')
""".format(**_ON_ITS_SHEET)

# Neighbouring rows of one export and slot become one range; the first MOST_RANGES of each key are kept.
_RANGES = """
WITH place AS ({source}),
numbered AS (
  SELECT *, row_number - row_number() OVER (
    PARTITION BY first_key, second_key, arrival_id, file_name, slot ORDER BY row_number) AS island
  FROM place
),
range_of AS (
  SELECT first_key, second_key, sending_lab, file_name, arrival_id, slot, min(row_number) AS first_row,
    max(row_number) AS last_row, count(*) AS n_rows
  FROM numbered
  GROUP BY first_key, second_key, sending_lab, file_name, arrival_id, slot, island
)
SELECT * FROM range_of
QUALIFY row_number() OVER (
  PARTITION BY first_key, second_key ORDER BY sending_lab, file_name, arrival_id, first_row, slot) <= ?
ORDER BY first_key, second_key, sending_lab, file_name, arrival_id, first_row, slot
"""

_TOTALS = "SELECT first_key, second_key, count(*) AS n_rows FROM ({source}) GROUP BY ALL ORDER BY ALL"

_EVERY_ROW = """
SELECT sending_lab, file_name, arrival_id, row_number, slot FROM ({source})
WHERE first_key = ? AND second_key = ?
ORDER BY ALL
"""
SOURCES: Mapping[str, str] = MappingProxyType({"check": _FAILURES, "reason": _UNUSED})


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows that belong together: how many there are, and the ranges that are listed on the page."""

    key: Key
    n_rows: int
    ranges: list[Row]

    @property
    def n_listed(self) -> int:
        """Rows inside the listed ranges; fewer than n_rows when there are too many for a page."""
        return sum(int(r["n_rows"]) for r in self.ranges)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the page of one run shows."""

    build: Row
    checks: list[Row]
    exports: list[Row]
    failures: dict[Key, Listing]
    unused: dict[Key, Listing]

    @property
    def stopping(self) -> list[Row]:
        """The checks for which nothing may be published: errors, and critical failures of a table of ours."""
        return [
            c
            for c in self.checks
            if c["outcome"] == "error"
            or (c["outcome"] == "failed" and c["severity"] == "critical" and c["table_name"] not in RECORDS)
        ]

    @property
    def n_unaccounted(self) -> int:
        """Rows by which the exports' counts and dispositions differ; anything but 0 is a fault of ours."""
        return sum(abs(int(e["difference"])) for e in self.exports)

    def with_outcome(self, *outcomes: str) -> list[Row]:
        """Checks of these outcomes, critical ones first."""
        return [c for c in self.checks if c["outcome"] in outcomes]


def gather(con: duckdb.DuckDBPyConnection) -> Evidence:
    """The evidence of the build that `con` holds."""
    return Evidence(
        build=_rows(con, "SELECT * FROM _build")[0],
        checks=_rows(con, _CHECKS),
        exports=_rows(con, _EXPORTS),
        failures=_listings(con, _FAILURES),
        unused=_listings(con, _UNUSED),
    )


def every_row(con: duckdb.DuckDBPyConnection, source: str, key: Key) -> list[Row]:
    """The place of every row of one listing, for the CSV beside the page; `source` is a name in SOURCES."""
    return _rows(con, _EVERY_ROW.format(source=SOURCES[source]), key)


def _listings(con: duckdb.DuckDBPyConnection, source: str) -> dict[Key, Listing]:
    ranges: dict[Key, list[Row]] = {}
    for row in _rows(con, _RANGES.format(source=source), (MOST_RANGES,)):
        ranges.setdefault((row["first_key"], row["second_key"]), []).append(row)
    totals = _rows(con, _TOTALS.format(source=source))
    keys = [((row["first_key"], row["second_key"]), row["n_rows"]) for row in totals]
    return {key: Listing(key, n_rows, ranges[key]) for key, n_rows in keys}


def _rows(con: duckdb.DuckDBPyConnection, query: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
    found = con.execute(query, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
