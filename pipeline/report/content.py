"""The content of report.json: the same figures as the page, for programs."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.report.findings import Findings, Row

SCHEMA_VERSION = 1


def report_json(findings: Findings, status: str) -> dict[str, Any]:
    """Plain values, rates as fractions. Only run_id and generated_at differ between two builds of the same inputs.

    generated_at is the instant of the build, whose figures these are: writing the report again gives the same bytes.
    """
    build = findings.build[0]
    outcomes = findings.outcomes()
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": findings.run_id,
        "generated_at": _plain(build["built_at"]),
        "as_of": _plain(build["as_of"]),
        "status": status,
        "headline": _plain_row(findings.headline),
        "positive_rates": [_plain_row(row) for row in findings.rates],
        "reconciliation": {
            "exports": len(findings.exports),
            "rows": findings.rows_counted(),
            "by_disposition": findings.rows_by_disposition(),
        },
        "checks": {
            "passed": outcomes["passed"],
            "failed": outcomes["failed"],
            "not_applicable": outcomes["not_applicable"],
            "errored": outcomes["error"],
        },
        "reference_facts": [_plain_row(row) for row in findings.reference_facts],
        "provenance": _provenance(findings, build),
    }


def _provenance(findings: Findings, build: Row) -> dict[str, Any]:
    exports = [
        {"sha256": e["sha256"], "name": e["file_name"], "lab": e["sending_lab"], "rows": e["rows_counted"]}
        for e in findings.exports
    ]
    hashes = ("rulebook_sha256", "expectations_sha256", "sql_sha256", "labs_sha256", "crosswalk_sha256", "code_version")
    return {"exports": exports, **{name: build[name] for name in hashes}, "packages": json.loads(build["packages"])}


def _plain_row(row: Row) -> Row:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """Instants as ISO 8601 in UTC, days as ISO days, exact decimals as numbers."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
