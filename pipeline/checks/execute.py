"""Run checks on a table or view of an open DuckDB connection."""

import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from pipeline.checks import catalogue, suite
from pipeline.checks.model import ROW_KEYS, Check, CheckOutcome, Condition

_WINDOW = re.compile(r"\bOVER\b", re.IGNORECASE)
_SIGNS = {"equals": "=", "not_equals": "<>", "above": ">", "at_least": ">=", "below": "<", "at_most": "<="}


def run_checks(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    checks: Sequence[Check],
    failures_table: str | None = None,
    keys: Sequence[str] | None = None,
    record: str | None = None,
) -> list[CheckOutcome]:
    """One outcome a check, in the order of `checks`, after one Great Expectations run on `relation`.

    Every failing row is appended to `failures_table` (arrival_id, row_number, slot, record, check_id, severity), where
    one is given. `keys` name a row and default to those of the checks; `record` defaults to the checks' table. Nothing
    to evaluate is `not_applicable`; an expectation that raised, or whose failing rows cannot be listed completely, is
    `error`. Messages name columns and kinds of error, never values. Nothing of the run's own is left in `con`.
    """
    if not checks:
        return []
    row_keys = tuple(keys or checks[0].keys)
    if failures_table and row_keys != ROW_KEYS:
        raise ValueError(f"failing rows are named by {', '.join(ROW_KEYS)}, not by {', '.join(row_keys)}")
    if con.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is None:
        return [CheckOutcome(check, "not_applicable", 0, 0) for check in checks]
    with checked_view(con, relation, checks, row_keys) as view:
        run = _Run(con, view, relation, row_keys, failures_table, record or checks[0].table)
        return run.outcomes(checks)


@contextmanager
def checked_view(
    con: duckdb.DuckDBPyConnection, relation: str, checks: Sequence[Check], keys: Sequence[str]
) -> Iterator[str]:
    """The columns of `relation` that the checks read, and the derived ones, those that cannot be made there left out.

    A temporary view, or a temporary table when a derived column looks at other rows: each check is a query of its own,
    and a window over a million rows is to be computed once.
    """
    derived = {name: sql for check in checks for name, sql in check.derived.items()}
    made = [f"({sql}) AS {name}" for name, sql in derived.items() if _can_be_made(con, relation, sql)]
    wanted = dict.fromkeys([*keys, *(column for check in checks for column in check.columns)])
    read = [column for column in wanted if column not in derived and _can_be_made(con, relation, column)]
    kind = "TABLE" if any(_WINDOW.search(sql) for sql in made) else "VIEW"
    name = f"checked_{uuid.uuid4().hex[:12]}"
    con.execute(f"CREATE TEMP {kind} {name} AS SELECT {', '.join([*read, *made]) or '1'} FROM {relation}")
    try:
        yield name
    finally:
        con.execute(f"DROP TABLE IF EXISTS {name}_failing")
        con.execute(f"DROP {kind} IF EXISTS {name}")


def _can_be_made(con: duckdb.DuckDBPyConnection, relation: str, sql: str) -> bool:
    try:
        con.execute(f"SELECT ({sql}) FROM {relation} LIMIT 0")
    except duckdb.Error:
        return False
    return True


class _Run:
    """One run over one view: what every check of it needs to know."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        view: str,
        relation: str,
        keys: tuple[str, ...],
        failures_table: str | None,
        record: str,
    ) -> None:
        self.con, self.view, self.relation, self.keys = con, view, relation, keys
        self.failures_table, self.record = failures_table, record
        self.columns = {column[0] for column in con.execute(f"SELECT * FROM {view} LIMIT 0").description or ()}

    def outcomes(self, checks: Sequence[Check]) -> list[CheckOutcome]:
        """One outcome a check, in order."""
        possible = [check for check in checks if not self._missing(check)]
        results = self._results(possible)
        return [self._outcome(check, results.get(check.id)) for check in checks]

    def _missing(self, check: Check) -> list[str]:
        return [column for column in (*check.columns, *self.keys) if column not in self.columns]

    def _results(self, checks: Sequence[Check]) -> dict[str, dict[str, Any] | None]:
        if not checks:
            return {}
        wheres = [condition.column for check in checks for condition in check.where]
        columns = list(dict.fromkeys([*self.keys, *wheres]))
        results = suite.validate(self.con, self.view, checks, columns)
        raised = [check for check in checks if results[check.id] is None]
        # checks share a scan, so one that raises can take others with it: ask each of them again alone
        for check in raised if len(checks) > 1 else []:
            results |= suite.validate(self.con, self.view, [check], columns)
        return results

    def _outcome(self, check: Check, result: dict[str, Any] | None) -> CheckOutcome:
        missing = self._missing(check)
        if missing:
            return CheckOutcome(check, "error", 0, 0, f"{self.relation} has no column {', '.join(missing)}")
        if result is None:
            return CheckOutcome(check, "error", 0, 0, f"{check.expect} could not be evaluated on {self.relation}")
        if check.expect in catalogue.TOTALS:
            return self._total(check, result)
        n_checked = int(result["element_count"]) - int(result.get("missing_count") or 0)
        n_failed = int(result["unexpected_count"] or 0)
        if n_checked <= 0:
            return CheckOutcome(check, "not_applicable", 0, 0)
        if n_failed:
            return self._failed(check, result, n_checked, n_failed)
        if not result["success"]:
            return CheckOutcome(check, "error", n_checked, 0, f"{check.expect} failed without naming a row")
        return CheckOutcome(check, "passed", n_checked, 0)

    def _total(self, check: Check, result: dict[str, Any]) -> CheckOutcome:
        """A total has no rows of its own: it counts the values it looked at, and fails as a whole.

        A count of rows looks at the table, and finding none of those asked for is an answer.
        """
        column = check.arguments.get("column")
        looked_at = (
            f"count({column}) FROM {self.view} WHERE {_where(check.where)}" if column else f"count(*) FROM {self.view}"
        )
        (n_checked,) = self._one(f"SELECT {looked_at}")
        if not n_checked:
            return CheckOutcome(check, "not_applicable", 0, 0)
        if result["success"]:
            return CheckOutcome(check, "passed", n_checked, 0)
        return CheckOutcome(check, "failed", n_checked, 1)

    def _failed(self, check: Check, result: dict[str, Any], n_checked: int, n_failed: int) -> CheckOutcome:
        listed = self._list_failing(check, str(result.get("unexpected_index_query") or ""))
        if listed != n_failed:
            message = f"{n_failed} rows fail, but {'none' if listed is None else listed} could be listed"
            return CheckOutcome(check, "error", n_checked, n_failed, message)
        if self.failures_table:
            self.con.execute(
                f"INSERT INTO {self.failures_table} (arrival_id, row_number, slot, record, check_id, severity) "
                f"SELECT arrival_id, row_number, slot, ?, ?, ? FROM {self.view}_failing",
                [self.record, check.id, check.severity],
            )
        return CheckOutcome(check, "failed", n_checked, n_failed)

    def _list_failing(self, check: Check, query: str) -> int | None:
        """How many rows the query of Great Expectations lists, left in a temporary table; None when it does not run.

        The query holds the condition of the expectation and neither that of the check nor, for pairs, that both values
        are there; both are added here.
        """
        names = ", ".join(self.keys)
        inner = query.strip().rstrip(";")
        try:
            self.con.execute(
                f"CREATE OR REPLACE TEMP TABLE {self.view}_failing AS "
                f"SELECT {names} FROM ({inner}) AS listed WHERE {judged_rows(check)}"
            )
        except duckdb.Error:
            return None
        return int(self._one(f"SELECT count(*) FROM {self.view}_failing")[0])

    def _one(self, sql: str) -> tuple[Any, ...]:
        row = self.con.execute(sql).fetchone()
        assert row is not None
        return tuple(row)


def judged_rows(check: Check) -> str:
    """The rows a check judges, as SQL: those it asks for, and of several columns those with a value in each."""
    several = (*(check.arguments.get(key) for key in ("column_A", "column_B")), *check.arguments.get("column_list", ()))
    return " AND ".join([_where(check.where), *(f"{column} IS NOT NULL" for column in several if column)])


def _where(conditions: Sequence[Condition]) -> str:
    """The conditions as SQL, `true` when there are none."""
    return " AND ".join(_condition(condition) for condition in conditions) or "true"


def _condition(condition: Condition) -> str:
    match condition.operator:
        case "null":
            return f"{condition.column} IS NULL"
        case "not_null":
            return f"{condition.column} IS NOT NULL"
        case "in" | "not_in":
            negation = "NOT " if condition.operator == "not_in" else ""
            return f"{condition.column} {negation}IN ({', '.join(map(_literal, condition.operand))})"
        case _:
            return f"{condition.column} {_SIGNS[condition.operator]} {_literal(condition.operand)}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).lower() if isinstance(value, bool) else repr(value)
