"""Tiny tables of invented rows, made from `rows/<table>.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipeline.records import LANDED

ROWS_DIR = Path(__file__).with_name("rows")
PLACE = {"arrival_id": "VARCHAR", "row_number": "INTEGER", "slot": "INTEGER"}


@dataclass(frozen=True)
class Rows:
    """The rows of one table: those that break no check, and for each check those that break it."""

    table: str
    columns: Mapping[str, str]
    clean: Mapping[str, Mapping[str, Any]]
    trips: Mapping[str, Sequence[Mapping[str, Any]]]

    def clean_rows(self) -> list[dict[str, Any]]:
        """Every clean row, at a place of its own."""
        return [self._placed(row, number) for number, row in enumerate(self.clean.values(), start=1)]

    def tripping_rows(self) -> dict[str, list[dict[str, Any]]]:
        """check id -> its rows, each at a place of its own."""
        numbers = iter(range(1001, 1_000_000))
        return {
            check_id: [self._placed(self._faulty(fault), next(numbers)) for fault in faults]
            for check_id, faults in self.trips.items()
        }

    def _faulty(self, fault: Mapping[str, Any]) -> dict[str, Any]:
        like = fault.get("like", next(iter(self.clean)))
        return {**self.clean[like], **{key: value for key, value in fault.items() if key != "like"}}

    def _placed(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        return {"arrival_id": "a" if self.table != "mart_reconciliation" else f"a{number}", "row_number": number,
                "slot": 1, **row}  # fmt: skip

    def connect(self, rows: Sequence[Mapping[str, Any]]) -> duckdb.DuckDBPyConnection:
        """A connection in memory that holds the table with `rows`, and an empty table of failures."""
        con = duckdb.connect()
        columns = {**PLACE, **self.columns}
        con.execute(f"CREATE TABLE {self.table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            con.execute(f"INSERT INTO {self.table} ({names}) VALUES ({marks})", list(row.values()))
        make_failures(con)
        con.execute("CREATE TABLE rule_published_range AS SELECT 'MMN' AS population, 14 AS minimum_n")
        if self.table != "mart_positive_rate":
            con.execute("""CREATE TABLE mart_positive_rate AS
                SELECT 'primary' AS analysis, 'MMN' AS population, 'all' AS stratum, 20 AS n_tested""")
        if self.table == "mart_join_audit":
            con.execute("CREATE TABLE mart_patient AS SELECT concat('p', range) AS patient_key FROM range(20)")
        return con


def make_failures(con: duckdb.DuckDBPyConnection) -> None:
    """An empty table `check_failure`, as it is landed."""
    columns = ", ".join(f"{name} {kind}" for name, kind in LANDED["check_failure"].items())
    con.execute(f"CREATE TABLE check_failure ({columns})")


def read_rows(table: str) -> Rows:
    """The rows of `rows/<table>.yaml`."""
    document = yaml.safe_load((ROWS_DIR / f"{table}.yaml").read_text(encoding="utf-8"))
    trips = {key: value if isinstance(value, list) else [value] for key, value in document["trips"].items()}
    return Rows(table, document.get("columns") or LANDED[table], document["clean"], trips)
