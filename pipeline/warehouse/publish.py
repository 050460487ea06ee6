"""What makes a built file one that an analyst can open: its meaning inside it, and a swap that nobody notices."""

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipeline.errors import SettingsError
from pipeline.warehouse.models import Meaning

# Any DuckDB 1.5 client reads this; the file is derived, so nothing is lost by not using the newest format.
STORAGE_VERSION = "v1.5.0"


def create_file(path: Path) -> None:
    """An empty database file that older clients can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(
            f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS built (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        con.execute("DETACH built")


def comment(con: duckdb.DuckDBPyConnection, meanings: Mapping[str, Meaning]) -> None:
    """A COMMENT on every table and column of the file; SettingsError for one that nobody has described."""
    columns = con.execute("""
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE database_name = current_database() AND NOT internal ORDER BY table_name, column_index""").fetchall()
    for table in dict.fromkeys(name for name, _ in columns):
        if table not in meanings:
            raise SettingsError(f"sql/tables.yaml: table {table} is published and not described")
        con.execute(f"COMMENT ON TABLE {table} IS {_quoted(meanings[table].title)}")
    for table, column in columns:
        if column not in meanings[table].columns:
            raise SettingsError(f"sql/columns.yaml: column {column} of {table} is published and not described")
        con.execute(f'COMMENT ON COLUMN {table}."{column}" IS {_quoted(meanings[table].columns[column])}')


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


def swap(built: Path, published: Path) -> None:
    """Puts the built file in the place of the published one; whoever has the old one open keeps it."""
    os.replace(built, published)
