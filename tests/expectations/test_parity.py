"""Great Expectations on DuckDB counts what SQL written by hand counts, for every expectation a check may use."""

from typing import Any

import duckdb
import pytest

from pipeline.checks import Check, Condition, run_checks
from pipeline.checks.catalogue import ALL, ROWS, TOTALS

# n is not a multiple of any of the cycles below, so that every combination of values and gaps occurs
N = 30_011
TABLE = f"""
CREATE TABLE numbers AS SELECT
  'a' AS arrival_id, i AS row_number, 1 AS slot,
  CASE WHEN i % 7 > 0 THEN i % 50 END AS small,
  CASE WHEN i % 5 > 0 THEN i % 49 END AS other,
  CASE WHEN i % 3 > 0 THEN CAST(i % 200 AS DECIMAL(18, 6)) / 2 END AS measured,
  CASE i % 4 WHEN 0 THEN 'L' WHEN 1 THEN 'R' WHEN 2 THEN 'it''s [arb''U] 100%' END AS word,
  CASE WHEN i % 11 > 0 THEN i % 2 = 0 END AS flag,
  CASE WHEN i % 13 > 0 THEN DATE '2024-01-01' + CAST(i % 400 AS INTEGER) END AS day,
  CASE WHEN i % 17 > 0 THEN i // 2 END AS paired
FROM range({N}) AS r(i)
"""
PAIR = {"ignore_row_if": "either_value_is_missing"}
# expectation, arguments, the rows it judges, those of them that fail: the last two by hand
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("ExpectColumnValuesToNotBeNull", {"column": "word"}, "true", "word IS NULL"),
    ("ExpectColumnValuesToBeNull", {"column": "word"}, "true", "word IS NOT NULL"),
    ("ExpectColumnValuesToBeInSet", {"column": "word", "value_set": ["L", "it's [arb'U] 100%"]}, "word IS NOT NULL",
     "word = 'R'"),
    ("ExpectColumnValuesToBeInSet", {"column": "flag", "value_set": [True]}, "flag IS NOT NULL", "NOT flag"),
    ("ExpectColumnValuesToBeInSet", {"column": "small", "value_set": [0, 1]}, "small IS NOT NULL", "small > 1"),
    ("ExpectColumnValuesToNotBeInSet", {"column": "word", "value_set": ["L"]}, "word IS NOT NULL", "word = 'L'"),
    ("ExpectColumnValuesToBeBetween", {"column": "measured", "min_value": 0.5, "max_value": 40.0},
     "measured IS NOT NULL", "measured < 0.5 OR measured > 40"),
    ("ExpectColumnValuesToBeBetween", {"column": "measured", "min_value": 0, "strict_min": True},
     "measured IS NOT NULL", "measured <= 0"),
    ("ExpectColumnValueLengthsToBeBetween", {"column": "word", "max_value": 1}, "word IS NOT NULL", "length(word) > 1"),
    ("ExpectColumnValuesToMatchRegex", {"column": "word", "regex": "^(L|it's .*[0-9]+%)$"}, "word IS NOT NULL",
     "word = 'R'"),
    ("ExpectColumnValuesToNotMatchRegex", {"column": "word", "regex": "[0-9]%"}, "word IS NOT NULL", "word LIKE 'it%'"),
    ("ExpectColumnValuesToBeUnique", {"column": "paired"}, "paired IS NOT NULL",
     "paired IN (SELECT paired FROM numbers WHERE {narrowed} GROUP BY paired HAVING count(*) > 1)"),
    ("ExpectColumnPairValuesToBeEqual", {"column_A": "small", "column_B": "other", **PAIR},
     "small IS NOT NULL AND other IS NOT NULL", "small <> other"),
    ("ExpectColumnPairValuesAToBeGreaterThanB", {"column_A": "small", "column_B": "other", "or_equal": True, **PAIR},
     "small IS NOT NULL AND other IS NOT NULL", "small < other"),
    ("ExpectColumnPairValuesAToBeGreaterThanB", {"column_A": "small", "column_B": "other", "or_equal": False, **PAIR},
     "small IS NOT NULL AND other IS NOT NULL", "small <= other"),
    ("ExpectSelectColumnValuesToBeUniqueWithinRecord",
     {"column_list": ["small", "other"], "ignore_row_if": "any_value_is_missing"},
     "small IS NOT NULL AND other IS NOT NULL", "small = other"),
]  # fmt: skip
TOTAL_CASES: list[tuple[str, dict[str, Any], str, bool]] = [
    ("ExpectTableRowCountToBeBetween", {"min_value": 1}, "count(*)", True),
    ("ExpectColumnUniqueValueCountToBeBetween", {"column": "word", "max_value": 1}, "count(word)", False),
    ("ExpectColumnMaxToBeBetween", {"column": "measured", "max_value": 100}, "count(measured)", True),
    ("ExpectColumnMinToBeBetween", {"column": "measured", "min_value": 1}, "count(measured)", False),
    ("ExpectColumnMeanToBeBetween", {"column": "measured", "max_value": 1}, "count(measured)", False),
    ("ExpectColumnSumToBeBetween", {"column": "small", "min_value": 0}, "count(small)", True),
    ("ExpectColumnProportionOfNonNullValuesToBeBetween", {"column": "word", "min_value": 1}, "count(word)", False),
]
# where, and the same by hand
NARROWED: list[tuple[tuple[Condition, ...], str]] = [
    ((), "true"),
    ((Condition("word", "equals", "it's [arb'U] 100%"),), "word LIKE 'it%'"),
    ((Condition("measured", "above", 3.0), Condition("small", "not_null")), "measured > 3 AND small IS NOT NULL"),
    (
        (Condition("word", "not_in", ["L", "R"]), Condition("other", "at_most", 40)),
        "word NOT IN ('L', 'R') AND other <= 40",
    ),
    ((Condition("flag", "equals", True), Condition("word", "in", ["L"])), "flag AND word = 'L'"),
    ((Condition("other", "null"), Condition("small", "below", 9)), "other IS NULL AND small < 9"),
    ((Condition("word", "not_equals", "L"), Condition("small", "at_least", 9)), "word <> 'L' AND small >= 9"),
]


def _check(number: int, expect: str, arguments: dict[str, Any], where: tuple[Condition, ...] = ()) -> Check:
    return Check(f"c{number}", "mart_x", expect, arguments, "warning", "conformance", "why", "what to do", where)


@pytest.fixture
def numbers(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(TABLE)
    return connection


def _by_hand(con: duckdb.DuckDBPyConnection, condition: str) -> list[int]:
    return [n for (n,) in con.execute(f"SELECT row_number FROM numbers WHERE {condition} ORDER BY 1").fetchall()]


def test_every_expectation_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(ROWS)
    assert {case[0] for case in TOTAL_CASES} == set(TOTALS)
    assert set(ALL) == set(ROWS) | set(TOTALS)


def test_counts_and_failing_rows_equal_sql_by_hand(numbers: duckdb.DuckDBPyConnection) -> None:
    cases = [(*case, *narrowed) for case in CASES for narrowed in NARROWED]
    checks = [_check(i, expect, arguments, where) for i, (expect, arguments, _, _, where, _) in enumerate(cases)]
    outcomes = run_checks(numbers, "numbers", checks, "check_failure")
    for i, ((expect, _, judged, failing, _, narrowed), outcome) in enumerate(zip(cases, outcomes, strict=True)):
        place = f"{expect} where {narrowed}"
        judged_rows = _by_hand(numbers, f"({judged}) AND ({narrowed})")
        failing_rows = _by_hand(numbers, f"({judged}) AND ({failing.format(narrowed=narrowed)}) AND ({narrowed})")
        expected = "not_applicable" if not judged_rows else "failed" if failing_rows else "passed"
        assert (outcome.outcome, outcome.error) == (expected, None), place
        assert (outcome.n_checked, outcome.n_failed) == (len(judged_rows), len(failing_rows)), place
        listed = "SELECT row_number FROM check_failure WHERE check_id = ? ORDER BY 1"
        assert [n for (n,) in numbers.execute(listed, [f"c{i}"]).fetchall()] == failing_rows, place


def test_counts_equal_pandas(numbers: duckdb.DuckDBPyConnection) -> None:
    frame = numbers.execute("SELECT * FROM numbers").df()
    both = frame.dropna(subset=["small", "other"])
    by_pandas = {
        "ExpectColumnValuesToNotBeNull": int(frame["word"].isna().sum()),
        "ExpectColumnValuesToBeUnique": int(frame["paired"].dropna().duplicated(keep=False).sum()),
        "ExpectColumnPairValuesToBeEqual": int((both["small"] != both["other"]).sum()),
    }
    cases = [case for case in CASES if case[0] in by_pandas]
    checks = [_check(i, expect, arguments) for i, (expect, arguments, _, _) in enumerate(cases)]
    for outcome in run_checks(numbers, "numbers", checks):
        assert outcome.n_failed == by_pandas[outcome.check.expect], outcome.check.expect


def test_totals_fail_as_a_whole(numbers: duckdb.DuckDBPyConnection) -> None:
    checks = [_check(i, expect, arguments) for i, (expect, arguments, _, _) in enumerate(TOTAL_CASES)]
    for outcome, (expect, _, counted, passes) in zip(run_checks(numbers, "numbers", checks), TOTAL_CASES, strict=True):
        (n_checked,) = numbers.execute(f"SELECT {counted} FROM numbers").fetchone() or (None,)
        expected = ("passed", n_checked, 0) if passes else ("failed", n_checked, 1)
        assert (outcome.outcome, outcome.n_checked, outcome.n_failed) == expected, expect


def test_totals_look_at_the_rows_asked_for(numbers: duckdb.DuckDBPyConnection) -> None:
    few = (Condition("small", "at_most", 1), Condition("word", "equals", "L"))
    (rows,) = numbers.execute("SELECT count(*) FROM numbers WHERE small <= 1 AND word = 'L'").fetchone() or (0,)
    assert 1 < rows < N
    for expect, arguments in (
        ("ExpectColumnMaxToBeBetween", {"column": "small", "max_value": 1}),
        ("ExpectColumnUniqueValueCountToBeBetween", {"column": "word", "max_value": 1}),
    ):
        (outcome,) = run_checks(numbers, "numbers", [_check(1, expect, arguments, few)])
        assert (outcome.outcome, outcome.n_checked) == ("passed", rows), expect
    counted = _check(1, "ExpectTableRowCountToBeBetween", {"max_value": rows - 1}, few)
    assert run_checks(numbers, "numbers", [counted])[0].outcome == "failed"
    none = (Condition("word", "equals", "nobody"),)
    wanted = _check(1, "ExpectTableRowCountToBeBetween", {"min_value": 1}, none)
    assert run_checks(numbers, "numbers", [wanted])[0].outcome == "failed"
