"""Two generations of one export held against each other: how many rows and records differ, and in which columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.home import Home
from pipeline.ingest.generations import Landed
from pipeline.records import LANDED, RECORDS

# What a record is found by, and what is told by the dispositions.
_DISPOSITIONS = ("accepted", "held", "rejected", "excluded", "layout")
_APART = {"arrival_id", "row_number", "slot", "intake_disposition", "intake_reason"}


@dataclass(frozen=True, slots=True)
class Side:
    """Where generations are landed, and which one of each arrival is meant."""

    home: Home
    known: Mapping[str, Landed]

    def rows(self, table: str, arrival_id: str) -> str:
        """SQL of the landed rows of one arrival, in today's columns; NULL for those its generation does not have."""
        path = self.home.landed / table / f"{self.known[arrival_id].batch}.parquet"
        if not path.is_file():
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in LANDED[table].items())
            return f"(SELECT {empty} WHERE false)"
        there = _columns(path)
        listed = ", ".join(
            f"CAST({name if name in there else 'NULL'} AS {kind}) AS {name}" for name, kind in LANDED[table].items()
        )
        return f"(SELECT {listed} FROM read_parquet({_quoted(path)}) WHERE arrival_id = '{arrival_id}')"


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows by intake disposition (before, after), records that are gone or new, and changed records by column."""

    dispositions: Mapping[str, tuple[int, int]]
    records_gone: int
    records_new: int
    columns: Mapping[str, int]

    @property
    def is_any(self) -> bool:
        """Whether anything differs."""
        moved = any(before != after for before, after in self.dispositions.values())
        return moved or bool(self.records_gone or self.records_new or self.columns)


def compared(before: Side, after: Side, arrival_id: str) -> Changes:
    """What differs between two generations of one arrival."""
    with duckdb.connect() as connection:
        earlier, later = (_dispositions(connection, side, arrival_id) for side in (before, after))
        counts = {
            name: (earlier.get(name, 0), later.get(name, 0))
            for name in _DISPOSITIONS
            if name in earlier or name in later
        }
        gone = new = 0
        columns: dict[str, int] = {}
        for record in RECORDS:
            gone_here, new_here, changed = _records(connection, record, before, after, arrival_id)
            gone, new = gone + gone_here, new + new_here
            for name, records in changed.items():
                columns[name] = columns.get(name, 0) + records
    return Changes(counts, gone, new, columns)


def _dispositions(connection: duckdb.DuckDBPyConnection, side: Side, arrival_id: str) -> dict[str, int]:
    listed = " UNION ALL ".join(
        f"SELECT intake_disposition FROM {side.rows(table, arrival_id)}" for table in (*RECORDS, "row")
    )
    query = f"SELECT coalesce(intake_disposition, 'accepted'), count(*) FROM ({listed}) GROUP BY 1"
    return dict(connection.execute(query).fetchall())


def _records(
    connection: duckdb.DuckDBPyConnection, record: str, before: Side, after: Side, arrival_id: str
) -> tuple[int, int, dict[str, int]]:
    """(records only before, records only after, changed records by column) of one kind of record."""
    names = [name for name in LANDED[record] if name not in _APART]
    is_both = "b.row_number IS NOT NULL AND a.row_number IS NOT NULL"
    differing = ", ".join(f"count(*) FILTER ({is_both} AND b.{name} IS DISTINCT FROM a.{name})" for name in names)
    query = f"""
        SELECT count(*) FILTER (a.row_number IS NULL), count(*) FILTER (b.row_number IS NULL), {differing}
        FROM {before.rows(record, arrival_id)} b
        FULL JOIN {after.rows(record, arrival_id)} a ON a.row_number = b.row_number AND a.slot = b.slot"""
    gone, new, *changed = connection.execute(query).fetchall()[0]
    return gone, new, {name: records for name, records in zip(names, changed, strict=True) if records}


def _columns(path: Path) -> set[str]:
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({_quoted(path)})").fetchall()
    return {name for name, *_ in described}


def _quoted(path: Path) -> str:
    literal = "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
    return "'" + literal.replace("'", "''") + "'"
