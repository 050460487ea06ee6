"""One row of an export: where it stands, what it broke, where it ended, what it means and which rule decided."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.errors import UsageError
from pipeline.explain import cutoffs
from pipeline.explain.counted import counted_as
from pipeline.explain.cutoffs import Considered
from pipeline.explain.needed import needed
from pipeline.explain.published import Row, published, rows
from pipeline.home import Home
from pipeline.ingest.arrivals import find
from pipeline.messages import explained
from pipeline.settings import Settings

_ROWS = """
SELECT d.*, e.sha256, e.format_id, e.received_at
FROM mart_row_disposition d
JOIN mart_reconciliation e ON e.arrival_id = d.arrival_id
WHERE d.arrival_id = $arrival_id AND d.row_number = $row_number AND ($slot IS NULL OR d.slot = $slot)
ORDER BY d.slot"""
_RESULT = "SELECT * FROM mart_result WHERE arrival_id = $arrival_id AND row_number = $row_number AND slot = $slot"
_BROKEN = """
SELECT check_id, severity, expected FROM mart_check_failure
WHERE arrival_id = $arrival_id AND row_number = $row_number AND slot = $slot
ORDER BY severity, check_id"""
_CHECKS = "SELECT check_id, why, if_failed FROM mart_check_result"
_BY_ACCESSION = """
SELECT arrival_id, row_number, slot FROM mart_result WHERE accession = $accession ORDER BY row_id"""
_PARTNERS = """
SELECT d.sending_lab, d.file_name, d.place, r.panel_role, r.disposition, r.interpretation, r.reason_code
FROM mart_result r
JOIN mart_row_disposition d
  ON d.arrival_id = r.arrival_id AND d.row_number = r.row_number AND d.slot = r.slot AND d.record = 'titre'
WHERE r.panel = $panel AND r.accession = $accession AND r.patient_key = $patient_key
  AND r.performing_lab = $performing_lab AND r.row_id <> $row_id
ORDER BY r.row_id"""
# What is said of a result: as the warehouse holds it, so nothing of a rejected cell.
RESULT_COLUMNS = (
    "performing_lab", "test_code", "assay", "antigen", "isotype", "specimen", "unit", "collected_on", "status",
    "result_text", "result_kind", "comparator", "value", "lab_interpretation", "agrees_with_lab", "panel", "panel_role",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A reason code with what it means and what to do."""

    code: str
    meaning: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything the warehouse knows of one record slot of one row."""

    export: str
    arrival_id: str
    sha256: str
    received_at: str
    format_id: str | None
    place: str
    row_number: int
    slot: int
    record: str
    disposition: str
    reasons: tuple[Said, ...]
    original: str | None
    checks_broken: tuple[Row, ...]
    result: Row | None
    interpretation: str | None
    reason_code: str | None
    rule_id: str | None
    interpretation_by_current_rule: str | None
    current_rule_id: str | None
    rules_considered: tuple[Considered, ...]
    panel_partners: tuple[Row, ...]
    needed: str | None
    counts: str | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def explain_row(settings: Settings, export: str, row_number: int, slot: int | None = None) -> tuple[Explanation, ...]:
    """One explanation a record slot of the row; UsageError for a row the published warehouse does not hold."""
    home = Home.open(settings)
    arrival = find(home, export)
    with published(home) as connection:
        found = _explain(connection, arrival.arrival_id, row_number, slot)
    if not found:
        raise UsageError(f"{export}: no row {row_number}{f', record {slot}' if slot else ''} in the published warehouse; "
                         "rows count as a spreadsheet does, and `gm1 build` takes in what has landed since")  # fmt: skip
    return found


def explain_accession(settings: Settings, accession: str) -> tuple[Explanation, ...]:
    """One explanation a result that carries this accession number, in the order the rows arrived."""
    with published(Home.open(settings)) as connection:
        places = connection.execute(_BY_ACCESSION, {"accession": accession}).fetchall()
        found = tuple(one for place in places for one in _explain(connection, *place))
    if not found:
        raise UsageError("--accession: no result with this number in the published warehouse")
    return found


def _explain(
    connection: duckdb.DuckDBPyConnection, arrival_id: str, row_number: int, slot: int | None
) -> tuple[Explanation, ...]:
    named = {"arrival_id": arrival_id, "row_number": row_number, "slot": slot}
    checks = {row["check_id"]: (row["why"], row["if_failed"]) for row in rows(connection, _CHECKS)}
    return tuple(_one(connection, row, checks) for row in rows(connection, _ROWS, named))


def _one(connection: duckdb.DuckDBPyConnection, row: Row, checks: dict[str, tuple[str, str]]) -> Explanation:
    place = {name: row[name] for name in ("arrival_id", "row_number", "slot")}
    found = rows(connection, _RESULT, place) if row["record"] == "titre" else []
    result = found[0] if found else None
    considered = _considered(connection, result)
    return Explanation(
        export=f"{row['sending_lab']}/{row['file_name']}", **place, sha256=row["sha256"],
        received_at=f"{row['received_at']:%Y-%m-%dT%H:%M:%SZ}", format_id=row["format_id"], place=row["place"],
        record=row["record"], disposition=row["disposition"], reasons=_said(row["reasons"], checks), original=_original(row),
        checks_broken=tuple(rows(connection, _BROKEN, place)), result=None if result is None else _shown(result),
        interpretation=(result or {}).get("interpretation"), reason_code=(result or {}).get("reason_code"),
        rule_id=(result or {}).get("rule_id"), rules_considered=considered,
        interpretation_by_current_rule=(result or {}).get("interpretation_by_current_rule"),
        current_rule_id=(result or {}).get("current_rule_id"),
        panel_partners=_partners(connection, result), needed=needed(result, considered) if result else None,
        counts=counted_as(connection, result) if result else None,
    )  # fmt: skip


def _said(reasons: str | None, checks: dict[str, tuple[str, str]]) -> tuple[Said, ...]:
    said = []
    for code in (reasons or "").split("; ") if reasons else ():
        try:
            said.append(Said(code, *explained(code, checks)))
        except KeyError:  # a reason that a laboratory's own format gives
            said.append(Said(code, "As the laboratory's format declares.", ""))
    return tuple(said)


def _original(row: Row) -> str | None:
    if row["original_arrival_id"] is None:
        return None
    return f"{row['original_arrival_id']}, row {row['original_row_number']}, record {row['original_slot']}"


def _shown(result: Row) -> Row:
    return {
        name: value.isoformat() if hasattr(value := result[name], "isoformat") else value for name in RESULT_COLUMNS
    }


def _considered(connection: duckdb.DuckDBPyConnection, result: Row | None) -> tuple[Considered, ...]:
    """The cut-off rows of a used result; the others were never interpreted."""
    if result is None or result["disposition"] != "used":
        return ()
    named = {name: result[name] for name in ("performing_lab", "antigen", "isotype")}
    return tuple(cutoffs.considered(rule, result) for rule in rows(connection, cutoffs.QUERY, named))


def _partners(connection: duckdb.DuckDBPyConnection, result: Row | None) -> tuple[Row, ...]:
    if result is None or result["panel"] is None:
        return ()
    names: Sequence[str] = ("panel", "accession", "patient_key", "performing_lab", "row_id")
    return tuple(rows(connection, _PARTNERS, {name: result[name] for name in names}))
