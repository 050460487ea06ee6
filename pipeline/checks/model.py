"""A check and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.records import RECORDS

Severity = Literal["critical", "warning", "info"]
Outcome = Literal["passed", "failed", "not_applicable", "error"]
ROW_KEYS = ("arrival_id", "row_number", "slot")


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows a check looks at: `column` compared by `operator` with `operand` (None for the two null tests)."""

    column: str
    operator: str
    operand: Any = None


@dataclass(frozen=True, slots=True)
class Check:
    """One reviewed expectation: what must hold, why, and what to do where it does not.

    `arguments` holds numbers already looked up in the rules; `where` narrows the rows (all conditions together);
    `derived` maps the columns the check needs beyond the table's own to the SQL they are made by; `keys` name a row.
    `category` follows Kahn et al. 2016: conformance, completeness or plausibility.
    """

    id: str
    table: str
    expect: str
    arguments: Mapping[str, Any]
    severity: Severity
    category: str
    why: str
    if_failed: str
    where: tuple[Condition, ...] = ()
    keys: tuple[str, ...] = ROW_KEYS
    derived: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the check reads, in no particular order, each once."""
        named = [self.arguments[key] for key in ("column", "column_A", "column_B") if key in self.arguments]
        listed = self.arguments.get("column_list", ())
        return tuple(dict.fromkeys([*named, *listed, *(condition.column for condition in self.where)]))

    @property
    def rejects(self) -> bool:
        """True when a row that breaks the check is rejected."""
        return self.severity == "critical" and self.table in RECORDS


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What came of one check: `n_checked` rows had something to evaluate; where none had, it is `not_applicable`."""

    check: Check
    outcome: Outcome
    n_checked: int
    n_failed: int
    error: str | None = None


def stops_publication(outcomes: Iterable[CheckOutcome]) -> list[CheckOutcome]:
    """The outcomes for which nothing may be published: every error, and each critical failure of a table we built.

    A critical failure of a record is not among them: its row has been rejected, and the rest stands.
    """
    return [
        outcome
        for outcome in outcomes
        if outcome.outcome == "error"
        or (outcome.outcome == "failed" and outcome.check.severity == "critical" and not outcome.check.rejects)
    ]
