"""What the report reads out of the warehouse: rows of the marts and counts of them, in an order that always repeats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.report.queries import QUERIES

Row = dict[str, Any]

# The order in which a row's disposition is decided; the last one is what is left in use.
DISPOSITIONS = ("layout", "excluded", "rejected", "duplicate", "withdrawn", "superseded", "held", "used")


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows as they were read; every list is complete and in the order in which it is shown.

    `columns` names the columns of each list, so that an empty one still has its headings.
    """

    columns: Mapping[str, tuple[str, ...]]
    build: list[Row]
    rates: list[Row]
    labels: list[Row]
    published: list[Row]
    patient_flow: list[Row]
    crosswalk: list[Row]
    join_audit: list[Row]
    exports: list[Row]
    reasons: list[Row]
    checks: list[Row]
    changes: list[Row]
    cutoffs: list[Row]
    cutoff_states: list[Row]
    not_evaluable: list[Row]
    agreement: list[Row]
    rule_now: list[Row]
    repeats: list[Row]
    timing: list[Row]
    ivig_timing: list[Row]
    analytes: list[Row]
    block_segments: list[Row]
    block_patients: list[Row]
    reference_facts: list[Row]
    statements: list[Row]
    data_support: list[Row]
    electrodiagnosis: list[Row]
    diagnosis_findings: list[Row]
    incorporation: list[Row]
    published_cohorts: list[Row]

    @property
    def run_id(self) -> str:
        """The run that built the warehouse, and so the run of the report."""
        return str(self.build[0]["run_id"])

    @property
    def headline(self) -> Row:
        """The primary analysis of MMN, undivided."""
        return self.analysis("primary")

    def analysis(self, name: str) -> Row:
        """The undivided MMN row of one analysis."""
        wanted = ("MMN", "all", name)
        return next(r for r in self.rates if (r["population"], r["stratum"], r["analysis"]) == wanted)

    def label(self, kind: str, name: str) -> str:
        """The words for an analysis or a population; its name where nobody gave it words."""
        return next((r["label"] for r in self.labels if (r["kind"], r["name"]) == (kind, name)), name)

    def rows_by_disposition(self) -> dict[str, int]:
        """Rows of all exports for each disposition, in the order in which it is decided."""
        return {name: sum(int(e[name]) for e in self.exports) for name in DISPOSITIONS}

    def rows_counted(self) -> int:
        """Rows of all exports as counted from their bytes."""
        return sum(int(e["rows_counted"]) for e in self.exports)

    def outcomes(self) -> dict[str, int]:
        """Checks for each outcome."""
        names = ("passed", "failed", "not_applicable", "error")
        return {name: sum(c["outcome"] == name for c in self.checks) for name in names}


def read(con: duckdb.DuckDBPyConnection) -> Findings:
    """Everything the report shows, from an open warehouse."""
    tables = {name: _table(con, query) for name, query in QUERIES.items()}
    rows = {name: [dict(zip(columns, row, strict=True)) for row in found] for name, (columns, found) in tables.items()}
    return Findings(columns={name: columns for name, (columns, _) in tables.items()}, **rows)


def _table(con: duckdb.DuckDBPyConnection, query: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    found = con.execute(query)
    return tuple(column[0] for column in found.description or []), found.fetchall()
