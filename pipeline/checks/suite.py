"""Checks as a Great Expectations suite, run once on a view.

Great Expectations is imported inside functions: its import costs about four CPU-seconds, which `warm` lets a caller
spend in a thread while DuckDB is reading.
"""

import functools
import logging
import operator
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from pipeline.checks.model import Check, Condition

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "equals": operator.eq,
    "not_equals": operator.ne,
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}


def warm() -> None:
    """Import Great Expectations and open its context, so that the first run need not wait for them."""
    _context()


def validate(
    con: duckdb.DuckDBPyConnection, view: str, checks: Sequence[Check], columns: Sequence[str]
) -> dict[str, dict[str, Any] | None]:
    """check id -> Great Expectations' result, or None where the expectation raised.

    One run for all checks, without stores and without actions: counts only, and a query that lists the failing rows by
    `columns`. Every check must come back, else AssertionError: a rule that is dropped on the way would pass unseen.
    """
    _context()
    import great_expectations as gx

    suite = gx.ExpectationSuite(name=view, expectations=[_expectation(check) for check in checks])
    assert len(suite.expectations) == len(checks), "Great Expectations dropped a check while loading the suite"
    with _batch(con, view) as batch:
        validated = batch.validate(suite, result_format=_result_format(columns))
    results = {result.expectation_config.meta["check_id"]: _result(result) for result in validated.results}
    assert set(results) == {check.id for check in checks}, "Great Expectations returned no result for a check"
    return results


def _result(result: Any) -> dict[str, Any] | None:
    # an expectation that raised has an empty result; a passed total has one with success alone
    if not result.result and not result.success:
        return None
    return {**result.result, "success": bool(result.success)}


def _result_format(columns: Sequence[str]) -> dict[str, Any]:
    # the lists in the result are silently cut at 20 and 200 entries: ask for none, and run the query instead
    return {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": list(columns),
        "partial_unexpected_count": 0,
    }


def _expectation(check: Check) -> Any:
    import great_expectations.expectations as gxe

    conditions = [_row_condition(condition) for condition in check.where]
    narrowed = {"row_condition": functools.reduce(operator.and_, conditions)} if conditions else {}
    make = getattr(gxe, check.expect)
    return make(**check.arguments, **narrowed, severity=check.severity, meta={"check_id": check.id})


def _row_condition(condition: Condition) -> Any:
    from great_expectations.expectations.row_conditions import Column

    column = Column(condition.column)
    match condition.operator:
        case "null":
            return column.is_null()
        case "not_null":
            return column.is_not_null()
        case "in":
            return column.is_in(condition.operand)
        case "not_in":
            return column.is_not_in(condition.operand)
        case _:
            return _COMPARE[condition.operator](column, condition.operand)


@functools.lru_cache(maxsize=1)
def _context() -> Any:
    # first the module that switches Great Expectations' telemetry off and registers the datasource
    from pipeline.checks import duckdb_engine  # noqa: F401, I001
    import great_expectations as gx
    import tqdm

    # a progress bar, even one that is switched off, would start a thread that lives as long as the process
    tqdm.tqdm.monitor_interval = 0
    _silence()
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@contextmanager
def _batch(con: duckdb.DuckDBPyConnection, view: str) -> Iterator[Any]:
    from pipeline.checks.duckdb_engine import engine_arguments

    sources = _context().data_sources
    name = f"checks_{uuid.uuid4().hex}"
    source = sources.add_duckdb_connection(
        name=name, connection_string="duckdb:///:memory:", kwargs=engine_arguments(con)
    )
    try:
        asset = source.add_table_asset(name=view, table_name=view)
        yield asset.add_batch_definition_whole_table(view).get_batch()
    finally:
        sources.delete(name)


def _silence() -> None:
    """Great Expectations logs tracebacks that may quote a value; what raised is reported as an outcome instead."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("great_expectations.") and isinstance(logger, logging.Logger):
            logger.setLevel(logging.NOTSET)
