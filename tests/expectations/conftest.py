"""A connection for tests that make their own tables."""

from collections.abc import Iterator

import duckdb
import pytest
from expectation_rows import make_failures


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty connection in memory with an empty table of failures."""
    con = duckdb.connect()
    make_failures(con)
    yield con
    con.close()
