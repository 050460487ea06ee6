"""Rows judged, counted arrival by arrival, are those Great Expectations counts over the whole."""

from typing import Any

import duckdb
import pytest
from test_parity import CASES, TABLE

from pipeline.checks import Check, Condition, judged_by_arrival, run_checks


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """The numbers of the parity test, of three arrivals."""
    connection = duckdb.connect()
    connection.execute(TABLE.replace("'a' AS arrival_id", "'a' || i % 3 AS arrival_id"))
    return connection


def check_of(number: int, expect: str, arguments: dict[str, Any], *where: Condition) -> Check:
    return Check(f"check_{number}", "titre", expect, arguments, "warning", "conformance", "Why.", "Do.", where)


@pytest.mark.parametrize("where", [(), (Condition("word", "equals", "L"),), (Condition("flag", "null"),)])
def test_the_arrivals_add_up(con: duckdb.DuckDBPyConnection, where: tuple[Condition, ...]) -> None:
    checks = [check_of(number, expect, arguments, *where) for number, (expect, arguments, *_) in enumerate(CASES)]
    counted = judged_by_arrival(con, "numbers", checks)
    assert set(counted) == {"a0", "a1", "a2"}
    for outcome in run_checks(con, "numbers", checks):
        judged = sum(counts.get(outcome.check.id, 0) for counts in counted.values())
        assert judged == outcome.n_checked, outcome.check.expect


def test_a_check_of_a_column_that_is_not_there_judges_nothing(con: duckdb.DuckDBPyConnection) -> None:
    checks = [check_of(0, "ExpectColumnValuesToNotBeNull", {"column": "nowhere"})]
    assert judged_by_arrival(con, "numbers", checks) == {}
    assert judged_by_arrival(con, "numbers", []) == {}
