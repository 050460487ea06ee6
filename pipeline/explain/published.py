"""The published warehouse, opened read-only, and its rows by name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from pipeline.errors import UsageError
from pipeline.home import Home

Row = dict[str, Any]


@contextmanager
def published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse; UsageError when there is none yet."""
    if not home.warehouse_file.is_file():
        raise UsageError(f"{home.warehouse_file}: nothing was published yet; run `gm1 run` first")
    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, named: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows of a query, each by column name; `named` are the values of its $parameters."""
    found = connection.execute(query, dict(named)) if named else connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
