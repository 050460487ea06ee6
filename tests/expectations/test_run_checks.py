"""What a run of checks promises beyond its counts: completeness, honesty about nothing, and a connection left alone."""

import logging
import subprocess
import sys
from typing import Any

import duckdb
import pytest

from pipeline.checks import Check, CheckOutcome, Condition, run_checks, stops_publication

NOT_NULL = "ExpectColumnValuesToNotBeNull"
IN_SET = "ExpectColumnValuesToBeInSet"


def check(check_id: str, expect: str = NOT_NULL, table: str = "titre", **changes: Any) -> Check:
    values: dict[str, Any] = {"arguments": {"column": "accession"}, "severity": "critical", "category": "completeness"}
    return Check(
        **{"id": check_id, "table": table, "expect": expect, "why": "w", "if_failed": "f", **values, **changes}
    )


@pytest.fixture
def con(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("""CREATE TABLE titre AS SELECT 'a' AS arrival_id, CAST(i AS INTEGER) AS row_number, 1 AS slot,
        CASE WHEN i >= 30000 THEN 'A-' || i END AS accession, 'SECRET-' || i AS result_text,
        CAST(NULL AS VARCHAR) AS nothing FROM range(30100) AS r(i)""")
    return connection


def test_all_of_thirty_thousand_failing_rows_are_listed(con: duckdb.DuckDBPyConnection) -> None:
    (outcome,) = run_checks(con, "titre", [check("present")], "check_failure")
    assert (outcome.outcome, outcome.n_checked, outcome.n_failed) == ("failed", 30100, 30000)
    listed = con.execute(
        "SELECT count(DISTINCT row_number), min(record), min(check_id), min(severity) FROM check_failure"
    )
    assert listed.fetchall() == [(30000, "titre", "present", "critical")]


def test_missing_column_is_an_error_and_the_other_checks_go_on(con: duckdb.DuckDBPyConnection) -> None:
    absent = check("absent", arguments={"column": "isotype"})
    absent_where = check("absent_where", where=(Condition("isotype", "not_null"),))
    outcomes = run_checks(con, "titre", [absent, check("present"), absent_where], "check_failure")
    assert [o.outcome for o in outcomes] == ["error", "failed", "error"]
    assert outcomes[0].error == "titre has no column isotype"


def test_check_that_raises_takes_no_other_with_it_and_quotes_no_value(con: duckdb.DuckDBPyConnection) -> None:
    numbers_among_words = check("raises", IN_SET, arguments={"column": "result_text", "value_set": [0, 1]})
    between = check("raises_too", "ExpectColumnValuesToBeBetween", arguments={"column": "result_text", "min_value": 0})
    outcomes = run_checks(con, "titre", [check("before"), numbers_among_words, between, check("after")])
    assert [o.outcome for o in outcomes] == ["failed", "error", "error", "failed"]
    assert "SECRET" not in "".join(str(o.error) for o in outcomes)


def test_derived_column_that_cannot_be_made_is_an_error(con: duckdb.DuckDBPyConnection) -> None:
    derived = check("derived", arguments={"column": "made"}, derived={"made": "upper(isotype)"})
    outcomes = run_checks(con, "titre", [derived, check("present")])
    assert [o.outcome for o in outcomes] == ["error", "failed"]


def test_empty_table_is_not_applicable(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE VIEW empty_titre AS SELECT * FROM titre WHERE false")
    (outcome,) = run_checks(con, "empty_titre", [check("present")])
    assert (outcome.outcome, outcome.n_checked) == ("not_applicable", 0)


def test_nothing_to_evaluate_is_not_applicable(con: duckdb.DuckDBPyConnection) -> None:
    only_nulls = check("only_nulls", IN_SET, arguments={"column": "nothing", "value_set": ["a"]})
    no_such_row = check("no_such_row", where=(Condition("nothing", "not_null"),))
    one_of_a_pair = check("one_of_a_pair", "ExpectColumnPairValuesToBeEqual", arguments={
        "column_A": "accession", "column_B": "nothing", "ignore_row_if": "either_value_is_missing"})  # fmt: skip
    no_value = check(
        "no_value", "ExpectColumnMaxToBeBetween", "mart_x", arguments={"column": "nothing", "max_value": 1}
    )
    outcomes = run_checks(con, "titre", [only_nulls, no_such_row, one_of_a_pair, no_value])
    assert [(o.outcome, o.n_checked, o.n_failed) for o in outcomes] == [("not_applicable", 0, 0)] * 4


def test_no_checks_need_no_run(con: duckdb.DuckDBPyConnection) -> None:
    assert run_checks(con, "no_such_table", []) == []


def test_connection_is_left_as_it_was(con: duckdb.DuckDBPyConnection) -> None:
    """The caller's transaction, temporary tables and views are its own: a run neither ends nor adds to them."""
    con.execute("CREATE TEMP TABLE mine AS SELECT * FROM titre")
    con.execute("BEGIN")
    con.execute("INSERT INTO mine SELECT 'b', 1, 1, NULL, NULL, NULL")
    before = con.execute(
        "SELECT count(*) FROM duckdb_tables() UNION ALL SELECT count(*) FROM duckdb_views()"
    ).fetchall()
    (outcome,) = run_checks(con, "mine", [check("present")], "check_failure")
    assert outcome.n_failed == 30001
    after = con.execute("SELECT count(*) FROM duckdb_tables() UNION ALL SELECT count(*) FROM duckdb_views()").fetchall()
    assert after == before
    con.execute("ROLLBACK")
    assert con.execute("SELECT count(*) FROM mine").fetchone() == (30100,)
    assert con.execute("SELECT count(*) FROM check_failure").fetchone() == (0,)


def test_run_is_silent(
    con: duckdb.DuckDBPyConnection, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        run_checks(con, "titre", [check("raises", IN_SET, arguments={"column": "result_text", "value_set": [1]})])
    assert capfd.readouterr() == ("", "")
    assert "SECRET" not in caplog.text


def test_program_ends_silently_and_an_uncaught_exception_does_not() -> None:
    program = (
        "import duckdb; from pipeline.checks import silence_exit, warm; silence_exit(); warm(); raise SystemExit({})"
    )
    for end, code, words in (("0", 0, ""), ("1 / 0", 1, "ZeroDivisionError")):
        ended = subprocess.run([sys.executable, "-c", program.format(end)], capture_output=True, text=True, check=False)
        assert ended.returncode == code
        assert words in ended.stderr
        assert "leaked" not in ended.stderr


def test_failing_rows_are_named_by_place_only(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="arrival_id, row_number, slot"):
        run_checks(con, "titre", [check("present", keys=("accession",))], "check_failure")


def test_what_stops_publication() -> None:
    def outcome(word: Any, severity: str, table: str) -> CheckOutcome:
        return CheckOutcome(check(f"{table}_{severity}_{word}", table=table, severity=severity), word, 1, 1)

    stopping = [outcome("error", "info", "titre"), outcome("failed", "critical", "mart_result")]
    harmless = [
        outcome("failed", "critical", "titre"), outcome("failed", "warning", "mart_result"),
        outcome("not_applicable", "critical", "mart_result"), outcome("passed", "critical", "mart_result"),
    ]  # fmt: skip
    assert stops_publication([*harmless, *stopping]) == stopping
