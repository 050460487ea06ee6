"""Every row that is held or rejected, of the generations that count, in one table.

What the published warehouse was built from is read there: it alone knows what the versions of a result do to each other.
Exports that have landed (again) since are read as they landed, and the answer says so.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.decisions import Decision
from pipeline.home import Home
from pipeline.ingest import places
from pipeline.records import RECORDS
from pipeline.warehouse import generations

WAITING = """CREATE TABLE waiting (
    arrival_id VARCHAR, row_number INTEGER, slot INTEGER, place VARCHAR, disposition VARCHAR, reasons VARCHAR)"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The table `waiting` in `connection`, and what its rows belong to.

    `newer` are the exports that have landed (again) after the warehouse was built; `is_warehouse_older` says that there are
    such, or that decisions were made.
    """

    connection: duckdb.DuckDBPyConnection
    arrivals: tuple[generations.Arrival, ...]
    checks: Mapping[str, tuple[str, str]]
    decisions: tuple[Decision, ...]
    newer: frozenset[str]
    is_warehouse_older: bool

    @property
    def is_landed_newer(self) -> bool:
        """Whether an export has landed (again) after the warehouse was built."""
        return bool(self.newer)


@contextmanager
def gathered(home: Home, lab: str | None = None, arrival_id: str | None = None) -> Iterator[Gathered]:
    """Everything that waits; of one laboratory or one arrival where one is named."""
    counted = generations.counted(home)
    arrivals = tuple(
        one for one in counted.arrivals if lab in (None, one.sending_lab) and arrival_id in (None, one.arrival_id)
    )
    checks = {
        check["check_id"]: (check["why"], check["if_failed"])
        for manifest in counted.manifests
        for check in manifest["checks"]
    }
    batches, decided = _built_from(home)
    newer = [one for one in arrivals if batches.get(one.arrival_id) != one.batch]
    with duckdb.connect() as connection:
        connection.execute(WAITING)
        _from_warehouse(connection, home, [one for one in arrivals if one not in newer])
        for batch in sorted({one.batch for one in newer}):
            _from_landed(connection, home, batch, [one for one in newer if one.batch == batch])
        is_older = bool(newer) or decided != [asdict(one) for one in counted.decisions]
        landed_since = frozenset(one.arrival_id for one in newer)
        yield Gathered(connection, arrivals, checks, counted.decisions, landed_since, is_older)


def _built_from(home: Home) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The batch of each arrival in the published warehouse, and the decisions it knows; nothing when there is none."""
    if not home.warehouse_file.is_file():
        return {}, []
    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        (run_id,) = connection.execute("SELECT run_id FROM _build").fetchall()[0]
    try:
        record: dict[str, Any] = json.loads((home.runs / run_id / "build.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, []
    return {one["arrival_id"]: one["batch"] for one in record["arrivals"]}, record.get("decisions", [])


def _from_warehouse(connection: duckdb.DuckDBPyConnection, home: Home, arrivals: Sequence[generations.Arrival]) -> None:
    if not arrivals:
        return
    place = str(home.warehouse_file).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS published (READ_ONLY)")
    connection.execute(
        """INSERT INTO waiting SELECT arrival_id, row_number, slot, place, disposition, reasons
           FROM published.mart_row_disposition
           WHERE disposition IN ('held', 'rejected') AND list_contains($arrivals, arrival_id)""",
        {"arrivals": [one.arrival_id for one in arrivals]},
    )
    connection.execute("DETACH published")


def _from_landed(
    connection: duckdb.DuckDBPyConnection, home: Home, batch: str, arrivals: Sequence[generations.Arrival]
) -> None:
    """The rows of a batch that intake itself held or rejected, with every critical check they broke."""
    named = {"arrivals": [one.arrival_id for one in arrivals]}
    failures = home.landed / "check_failure" / f"{batch}.parquet"
    broken = "(SELECT NULL AS arrival_id, NULL AS row_number, NULL AS slot, NULL AS checks WHERE false)"
    if failures.is_file():
        named["failures"] = [_literal(str(failures))]
        broken = """(SELECT arrival_id, row_number, slot, string_agg(check_id, '; ' ORDER BY check_id) AS checks
                     FROM read_parquet($failures) WHERE severity = 'critical' GROUP BY ALL)"""
    for table in (*RECORDS, "row"):
        path = home.landed / table / f"{batch}.parquet"
        if path.is_file():
            connection.execute(
                f"""INSERT INTO waiting
                    SELECT l.arrival_id, l.row_number, l.slot, NULL, l.intake_disposition,
                           CASE WHEN l.intake_disposition = 'rejected' THEN coalesce(b.checks, l.intake_reason)
                                ELSE l.intake_reason END
                    FROM read_parquet($landed) l
                    LEFT JOIN {broken} b
                      ON b.arrival_id = l.arrival_id AND b.row_number = l.row_number AND b.slot = l.slot
                    WHERE l.intake_disposition IN ('held', 'rejected') AND list_contains($arrivals, l.arrival_id)""",
                {**named, "landed": [_literal(str(path))]},
            )


def _literal(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def place(arrival: generations.Arrival, row_number: int) -> str:
    """Where a person finds a row of an export."""
    spans = [(sheet.sheet, sheet.above, sheet.rows) for sheet in arrival.sheets]
    return places.place(row_number, arrival.row_unit, spans)
