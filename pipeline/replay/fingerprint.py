"""What a published warehouse says, in one number a table, whatever the order of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipeline.home import Home

# When and by what a warehouse was built says nothing about what is in it.
PROVENANCE = ("sql_sha256", "rulebook_sha256", "expectations_sha256", "labs_sha256", "code_version", "python_version",
              "duckdb_version", "packages")  # fmt: skip
_STAMP = {"_build": ("run_id", "built_at", *PROVENANCE)}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The columns and types of a table, how many rows it has, and the sum of their hashes."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    hashes: int


def fingerprints(home: Home) -> Mapping[str, Fingerprint]:
    """A fingerprint of every table of the published warehouse; empty when there is none or it cannot be opened."""
    if not home.warehouse_file.is_file():
        return {}
    try:
        with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
            tables = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_name"
            ).fetchall()
            return {name: _fingerprint(connection, name) for (name,) in tables}
    except duckdb.Error:
        # a damaged warehouse is the very reason to rebuild: there is nothing to compare with
        return {}


def provenance(home: Home) -> Mapping[str, str]:
    """What the published warehouse was built by: versions and hashes by name; empty when it cannot be opened."""
    if not home.warehouse_file.is_file():
        return {}
    try:
        with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
            row = connection.execute(f"SELECT {', '.join(PROVENANCE)} FROM _build").fetchall()[0]
            return dict(zip(PROVENANCE, map(str, row), strict=True))
    except (duckdb.Error, IndexError):
        return {}


def _fingerprint(connection: duckdb.DuckDBPyConnection, table: str) -> Fingerprint:
    described = connection.execute(f'DESCRIBE "{table}"').fetchall()
    columns = tuple((name, kind) for name, kind, *_ in described if name not in _STAMP.get(table, ()))
    listed = ", ".join(f'"{name}"' for name, _ in columns)
    query = f'SELECT count(*), coalesce(sum(CAST(hash({listed}) AS HUGEINT)), 0) FROM "{table}"'
    rows, hashes = connection.execute(query).fetchall()[0]
    return Fingerprint(columns, int(rows), int(hashes))
