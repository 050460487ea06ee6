"""Great Expectations on a DuckDB connection that somebody else owns.

Great Expectations 1.24 has no DuckDB engine. Its SQLAlchemy engine needs four things to run on one: a single connection
that stays open (it reads results after it has given the connection back), the caller's own connection (temporary tables
and views live in it alone), statements with their values written out (its list of failing rows is SQL text, and `$1` in
such a text has lost its value), and regular expressions. Everything here hangs on Great Expectations' subclass hooks;
nothing is patched. Importing this module costs about four seconds: import it inside functions.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from pipeline.checks.hiding import hidden

# Great Expectations loads all of PySpark where it is installed, and PySpark warns of pandas; no check runs on Spark.
with hidden("pyspark"):
    import great_expectations.compatibility.pyspark  # noqa: F401

import duckdb
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper, DuckDBCompiler
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from sqlalchemy.pool import StaticPool


class BorrowedConnection(ConnectionWrapper):
    """A connection whose transactions and end belong to its owner: SQLAlchemy may neither commit nor close it."""

    def begin(self) -> None:
        """Nothing: the owner decides where a transaction starts."""

    def commit(self) -> None:
        """Nothing: the owner decides what is kept."""

    def rollback(self) -> None:
        """Nothing: the owner decides what is dropped."""

    def close(self) -> None:
        """Nothing: the owner still needs the connection."""


class LiteralCompiler(DuckDBCompiler):
    """SQL with every value written into it. The values come from reviewed expectations, never from an export."""

    def visit_bindparam(self, bindparam: Any, *args: Any, **options: Any) -> str:
        """The value of a bound parameter as SQL text."""
        options["literal_binds"] = True
        return str(super().visit_bindparam(bindparam, *args, **options))  # type: ignore[no-untyped-call]


class DuckDBEngine(SqlAlchemyExecutionEngine):
    """Great Expectations' SQLAlchemy engine, kept on one connection and writing values out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.engine.dialect.statement_compiler = LiteralCompiler
        self._kept: sa.Connection | None = None

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """The one connection, left open on leaving: a DuckDB result does not outlive its connection's return."""
        if self._kept is None:
            self._kept = self.engine.connect()
        yield self._kept


_EngineType = type[SqlAlchemyExecutionEngine]  # inside the class below, `type` is the datasource's own field


class DuckDBDatasource(SQLDatasource):
    """Adds `data_sources.add_duckdb_connection(...)` to a Great Expectations context."""

    type: Literal["duckdb_connection"] = "duckdb_connection"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> _EngineType:
        """The engine that reads tables of this datasource."""
        return DuckDBEngine


class _MatchRegex(ColumnMapMetricProvider):
    """`expect_column_values_to_match_regex`: DuckDB's own function, a match anywhere in the text."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **options: Any) -> Any:  # noqa: N805
        return sa.func.regexp_matches(column, regex)


class _NotMatchRegex(ColumnMapMetricProvider):
    """`expect_column_values_to_not_match_regex`: the opposite of the above."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **options: Any) -> Any:  # noqa: N805
        return sa.not_(sa.func.regexp_matches(column, regex))


def engine_arguments(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What SQLAlchemy needs to use `con` itself, and nothing else.

    No statement cache: it would give one text to two checks that differ in their values alone.
    """
    return {"creator": lambda: BorrowedConnection(con), "poolclass": StaticPool, "query_cache_size": 0}
