"""What the SQL models read: landed Parquet, arrivals, checks and rules as tables of the build."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.home import Home
from pipeline.records import LANDED
from pipeline.rulebook import Rulebook
from pipeline.warehouse.generations import Counted

ARRIVAL_TYPES = {
    "arrival_position": "BIGINT", "arrival_id": "VARCHAR", "sending_lab": "VARCHAR", "file_name": "VARCHAR",
    "sha256": "VARCHAR", "bytes": "BIGINT", "received_at": "TIMESTAMP", "batch": "VARCHAR", "generation_at": "TIMESTAMP",
    "format_id": "VARCHAR", "held_reason": "VARCHAR", "rows_counted": "BIGINT",
    "slots_counted": "BIGINT", "row_unit": "VARCHAR",
}  # fmt: skip
SHEET_TYPES = {"arrival_id": "VARCHAR", "sheet": "VARCHAR", "above": "BIGINT", "rows": "BIGINT"}
DECISION_TYPES = {
    "arrival_id": "VARCHAR", "row_number": "INTEGER", "slot": "INTEGER", "reason_code": "VARCHAR", "decision": "VARCHAR",
    "decided_by": "VARCHAR", "decided_at": "TIMESTAMP", "why": "VARCHAR", "fingerprint": "VARCHAR",
}  # fmt: skip
CROSSWALK_TYPES = {"person_key": "VARCHAR", "namespace": "VARCHAR", "patient_key": "VARCHAR"}
AS_OF_TYPES = {"as_of": "TIMESTAMP"}
CHECK_TYPES = {
    "check_id": "VARCHAR", "table_name": "VARCHAR", "severity": "VARCHAR", "category": "VARCHAR", "expect": "VARCHAR",
    "why": "VARCHAR", "if_failed": "VARCHAR", "n_checked": "BIGINT", "n_failed": "BIGINT", "outcome": "VARCHAR",
    "error": "VARCHAR",
}  # fmt: skip


def names(rulebook: Rulebook) -> list[str]:
    """The tables that `create` makes."""
    return [
        "input_arrival",
        "input_sheet",
        "input_decision",
        "input_crosswalk",
        "input_check",
        "input_build",
        *(f"input_{table}" for table in LANDED),
        *rulebook.tables,
    ]


def create(con: duckdb.DuckDBPyConnection, home: Home, counted: Counted, rulebook: Rulebook) -> None:
    """Makes the input tables in `con`: landed data and arrivals temporary, rules as tables that are published."""
    create_landed(con, [home.landed], counted)
    table_from_rows(con, "input_check", CHECK_TYPES, aggregated_checks(counted), temporary=True)
    table_from_rows(con, "input_build", AS_OF_TYPES, [{"as_of": utc(counted.as_of)}], temporary=True)
    con.execute(_ROWS_AFTER_REVIEW)
    for name, frame in rulebook.tables.items():
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        table_from_rows(con, name, rulebook.types[name], [{str(k): v for k, v in r.items()} for r in records])


def create_landed(con: duckdb.DuckDBPyConnection, folders: Sequence[Path], counted: Counted) -> None:
    """Makes what is landed, in any of these folders, what was decided about it, and who is whom: the inputs that are data."""
    rows = [{"arrival_position": n, **asdict(a)} for n, a in enumerate(counted.arrivals)]
    table_from_rows(con, "input_arrival", ARRIVAL_TYPES, rows, temporary=True)
    sheets = [{"arrival_id": a.arrival_id, **asdict(sheet)} for a in counted.arrivals for sheet in a.sheets]
    table_from_rows(con, "input_sheet", SHEET_TYPES, sheets, temporary=True)
    table_from_rows(con, "input_decision", DECISION_TYPES, [asdict(d) for d in counted.decisions], temporary=True)
    links = counted.crosswalk.as_rows() if counted.crosswalk else []
    table_from_rows(con, "input_crosswalk", CROSSWALK_TYPES, links, temporary=True)
    for table, columns in LANDED.items():
        _landed_view(con, folders, table, columns, {a.batch for a in counted.arrivals})


# A whole export that a named person decided to leave out: its rows wait for nobody.
_ROWS_AFTER_REVIEW = """
    CREATE TEMP VIEW input_row AS
    SELECT l.* REPLACE (
        CASE WHEN d.arrival_id IS NULL THEN l.intake_disposition ELSE 'rejected' END AS intake_disposition,
        CASE WHEN d.arrival_id IS NULL THEN l.intake_reason ELSE 'rejected_on_review' END AS intake_reason)
    FROM landed_row l
    LEFT JOIN input_decision d
        ON d.row_number IS NULL AND d.decision = 'reject' AND l.intake_disposition = 'held'
        AND d.arrival_id = l.arrival_id AND d.reason_code = l.intake_reason"""


def _landed_view(
    con: duckdb.DuckDBPyConnection,
    folders: Sequence[Path],
    table: str,
    columns: Mapping[str, str],
    batches: Iterable[str],
) -> None:
    files = [folder / table / f"{batch}.parquet" for folder in folders for batch in sorted(batches)]
    present = [str(file) for file in files if file.is_file()]
    listed = ", ".join(f"l.{name}" for name in columns)
    typed = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
    source = f"SELECT {typed}, CAST(NULL AS VARCHAR) AS filename WHERE false"
    if present:
        paths = ", ".join(_quoted(path) for path in present)
        # a file that was landed before a column existed lacks it: nobody stated that value
        source += f" UNION ALL BY NAME SELECT * FROM read_parquet([{paths}], filename = true, union_by_name = true)"
    # The place of a row among all rows: arrival, row, slot. It breaks every tie the same way on every machine.
    con.execute(f"""
        CREATE TEMP VIEW {"landed_row" if table == "row" else f"input_{table}"} AS
        SELECT (a.arrival_position << 44) + (CAST(l.row_number AS BIGINT) << 12) + l.slot AS row_id, {listed}
        FROM ({source}) l
        JOIN input_arrival a ON a.arrival_id = l.arrival_id AND a.batch = parse_filename(l.filename, true)
    """)


def utc(as_of: str | None) -> str | None:
    """An instant of a receipt as the databases read it."""
    return as_of and as_of.replace("Z", "").split("+")[0]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def table_from_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    types: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    temporary: bool = False,
) -> None:
    """A table of small, known rows; also when there are none."""
    declared = ", ".join(f"{column} {kind}" for column, kind in types.items())
    con.execute(f"CREATE {'TEMP ' if temporary else ''}TABLE {name} ({declared})")
    if not rows:
        return
    frame = pd.DataFrame([{column: row.get(column) for column in types} for row in rows], dtype=object)
    con.register("rows_to_insert", frame.map(lambda cell: None if cell is None else str(cell)).astype(object))
    typed = ", ".join(f"CAST({column} AS {kind})" for column, kind in types.items())
    con.execute(f"INSERT INTO {name} SELECT {typed} FROM rows_to_insert")
    con.unregister("rows_to_insert")


def aggregated_checks(counted: Counted) -> list[dict[str, Any]]:
    """One row a check over all arrivals that count: counts add up; one error is an error, one failure a failure.

    A check that found nothing to evaluate in every batch stays not applicable. An arrival that was taken in again later
    has left its batch, and its rows the counts. What a check means is what the newest batch says.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    batches = {one.arrival_id: one.batch for one in counted.arrivals}
    for manifest in sorted(counted.manifests, key=lambda one: (one["generation_at"], one["batch"]), reverse=True):
        present = [one for one in manifest["arrivals"] if batches.get(one["arrival_id"]) == manifest["batch"]]
        for check in manifest["checks"]:
            row = {**check, "table_name": check["table"], **_of_arrivals(check, present)}
            known = found.setdefault((row["table_name"], row["check_id"]), {**row, "n_checked": 0, "n_failed": 0,
                                                                            "outcome": "not_applicable"})  # fmt: skip
            known["n_checked"] += row["n_checked"]
            known["n_failed"] += row["n_failed"]
            known["outcome"] = max(known["outcome"], row["outcome"], key=_WORST.index)
            known["error"] = known["error"] or row["error"]
    return [found[key] for key in sorted(found)]


def _of_arrivals(check: Mapping[str, Any], arrivals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts and outcome of a check over some arrivals of its batch; of the whole batch where nobody counted them apart."""
    if check["outcome"] == "error" or any("checks" not in one for one in arrivals):
        return {}
    pairs = [one["checks"].get(check["check_id"], (0, 0)) for one in arrivals]
    n_checked, n_failed = (sum(pair[place] for pair in pairs) for place in (0, 1))
    outcome = "failed" if n_failed else "passed" if n_checked else "not_applicable"
    return {"n_checked": n_checked, "n_failed": n_failed, "outcome": outcome}


_WORST = ("not_applicable", "passed", "failed", "error")


def manifest_hash(manifests: Iterable[Mapping[str, Any]], key: str) -> str:
    """The one hash all batches share, or all of them in order when batches were landed under different ones."""
    return "+".join(sorted({json.dumps(m[key]).strip('"') for m in manifests})) or "none"


def parquet_files(home: Home) -> list[Path]:
    """Every landed file, for those who want to look."""
    return sorted(home.landed.rglob("*.parquet"))
