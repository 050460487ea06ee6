"""A checked batch put into the home: Parquet first, counted once more, quarantine, and the manifest last."""

import csv
import io
import json
import os
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import PublicationStopped
from pipeline.home import Home, write_atomically, write_json
from pipeline.ingest.batch import Batch
from pipeline.ingest.checking import Checked
from pipeline.ingest.member import Member
from pipeline.ingest.places import place
from pipeline.messages import explained
from pipeline.records import KEPT_TEXT, LANDED, RECORDS

SOURCES = {**{record: record for record in RECORDS}, "row": "row_entry", "check_failure": "check_failure"}
COUNTED = (*RECORDS, "row")
MANIFEST_VERSION = 1


def land_batch(home: Home, batch: Batch, checked: Checked, batch_id: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Land the batch and give its manifest. Raises PublicationStopped, before the manifest, when rows do not add up.

    Every file is written beside and renamed, and everything follows from the arrivals and the declarations alone; so a
    run that was cut off anywhere is simply run again.
    """
    written = {table: _write_table(home, batch, table, batch_id) for table in SOURCES}
    counts = _counts(batch, written)
    conserved = _conserved(batch, written)
    for member in batch.members:
        _check_conserved(batch, member, conserved.get(member.arrival.arrival_id, (0, 0, 0)))
    _write_kept(home, batch, batch_id)
    for member in batch.members:
        write_quarantine(home, batch, checked, member, batch_id)
    manifest |= {
        "schema_version": MANIFEST_VERSION,
        "batch": batch_id,
        "code_version": __version__,
        "checks": list(checked.outcomes),
        "arrivals": [entry | _account(member, counts[member.arrival.arrival_id],
                                      batch.units.get(member.arrival.arrival_id, 0))
                     for entry, member in zip(manifest["arrivals"], batch.members, strict=True)],
    }  # fmt: skip
    write_json(home.landed / f"{batch_id}.manifest.json", manifest)
    return manifest


def _write_table(home: Home, batch: Batch, table: str, batch_id: str) -> Path | None:
    """The Parquet file of one table; None (and no file) when the batch has no row of it."""
    source = SOURCES[table]
    target = home.landed / table / f"{batch_id}.parquet"
    if batch.connection.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchone() is None:
        target.unlink(missing_ok=True)
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".writing-{uuid.uuid4().hex}")
    order = " ORDER BY ALL" if table == "check_failure" else ""
    # A column that no row fills has no type of its own in DuckDB; every landed file must have those of records.py.
    columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in LANDED[table].items())
    try:
        batch.connection.execute(
            f"COPY (SELECT {columns} FROM {source}{order}) TO $target (FORMAT parquet, COMPRESSION zstd)",
            {"target": str(temporary)},
        )
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _write_kept(home: Home, batch: Batch, batch_id: str) -> None:
    """The free texts that a YAML asks to keep, readable by their owner only; no file when there are none."""
    target = home.restricted / f"{batch_id}.parquet"
    if batch.connection.execute("SELECT 1 FROM kept_text LIMIT 1").fetchone() is None:
        target.unlink(missing_ok=True)
        return
    home.restricted.mkdir(mode=0o700, exist_ok=True)
    temporary = target.with_name(f".writing-{uuid.uuid4().hex}")
    try:
        # made before anything is in it, so that no moment exists in which others could read it
        temporary.touch(mode=0o600)
        batch.connection.execute(
            f"COPY (SELECT {', '.join(KEPT_TEXT)} FROM kept_text ORDER BY ALL) TO $target (FORMAT parquet)",
            {"target": str(temporary)},
        )
        temporary.chmod(0o600)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _counts(batch: Batch, written: dict[str, Path | None]) -> dict[str, dict[str, int]]:
    """For each arrival and table: record slots, read back from the landed files."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for table in COUNTED:
        path = written[table]
        query = "SELECT arrival_id, count(*) FROM read_parquet($path) GROUP BY arrival_id"
        for arrival_id, rows in batch.connection.execute(query, {"path": _literal(path)}).fetchall() if path else ():
            counts[arrival_id][table] = rows
    return counts


def _conserved(batch: Batch, written: dict[str, Path | None]) -> dict[str, tuple[int, int, int]]:
    """For each arrival, read back from the landed files: record slots, rows, and the sum of the row numbers.

    The two are told apart only where a row can have several slots: telling them apart costs a sort of all rows.
    """
    paths = [_literal(path) for table in COUNTED if (path := written[table])]
    if not paths:
        return {}
    listed = "SELECT arrival_id, row_number, slot FROM read_parquet($paths, union_by_name = true)"
    if any(part.slot != "1" for part in batch.parts):
        query = f"""SELECT arrival_id, sum(slots), count(*), sum(row_number) FROM (
                        SELECT arrival_id, row_number, if(count(*) = count(DISTINCT slot), count(*), 0) AS slots
                        FROM ({listed}) GROUP BY arrival_id, row_number)
                    GROUP BY arrival_id"""
    else:
        query = f"SELECT arrival_id, count(*), count(*), sum(row_number) FROM ({listed}) GROUP BY arrival_id"
    found = batch.connection.execute(query, {"paths": paths}).fetchall()
    return {arrival_id: (int(slots), int(rows), int(numbers)) for arrival_id, slots, rows, numbers in found}


def _literal(path: Path) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))


def _check_conserved(batch: Batch, member: Member, found: tuple[int, int, int]) -> None:
    """As many rows as the bytes hold, each number from 1 to the last once; and as many record slots as were read."""
    slots, rows, numbers = found
    expected, units = member.rows, batch.units.get(member.arrival.arrival_id, 0)
    if rows != expected or numbers != expected * (expected + 1) // 2 or slots != units:
        name = f"{member.arrival.lab}/{member.arrival.file_name}"
        raise PublicationStopped(
            f"{name}: {expected} rows by its bytes, {rows} rows accounted for ({units} record slots read, {slots} landed)"
        )


def _account(member: Member, counts: dict[str, int], units: int) -> dict[str, Any]:
    reason, detail = member.problem or (None, None)
    return {
        "format_id": member.format.id if member.format else None,
        "held_reason": reason,
        "held_detail": detail,
        "notes": dict(sorted(member.notes.items())),
        "row_unit": member.row_unit,
        "sheets": [{"sheet": name, "above": above, "rows": rows} for name, above, rows in member.sheets],
        "rows_counted": member.rows,
        "slots_counted": units,
        "rows": {table: counts.get(table, 0) for table in COUNTED},
    }


def quarantine_rows(batch: Batch, member: Member) -> Iterable[tuple[int | None, int | None, str, str, str | None]]:
    """(row number, slot, disposition, check or reason, severity) of every row of an export that is held or rejected."""
    if member.problem is not None:
        return [(None, None, "held", member.problem[0], None)]
    records = " UNION ALL ".join(
        f"SELECT row_number, slot, intake_disposition, intake_reason, '{record}' AS record "
        f"FROM {record} WHERE arrival_id = $arrival"
        for record in RECORDS
    )
    query = f"""
        WITH record AS ({records}),
        found AS (
            SELECT row_number, slot, intake_disposition, intake_reason, NULL AS severity
            FROM record WHERE intake_disposition = 'held'
            UNION ALL
            SELECT row_number, slot, intake_disposition, intake_reason, 'critical' FROM row_entry
            WHERE arrival_id = $arrival AND intake_disposition = 'rejected'
            UNION ALL
            SELECT f.row_number, f.slot, 'rejected', f.check_id, f.severity
            FROM check_failure f
            JOIN record r ON r.row_number = f.row_number AND r.slot = f.slot AND r.record = f.record
            WHERE f.arrival_id = $arrival AND r.intake_disposition = 'rejected' AND f.severity <> 'info')
        SELECT * FROM found ORDER BY row_number, slot, severity, intake_reason"""
    return batch.connection.execute(query, {"arrival": member.arrival.arrival_id}).fetchall()


def write_quarantine(home: Home, batch: Batch, checked: Checked, member: Member, batch_id: str) -> None:
    """reasons.csv and manifest.json of an export with held or rejected rows in quarantine/<sha256>/; else nothing."""
    folder = _quarantine_folder(home, member)
    rows = list(quarantine_rows(batch, member))
    if not rows:
        shutil.rmtree(folder, ignore_errors=True)
        return

    def where(row_number: int | None) -> str:
        return "file" if row_number is None else place(row_number, member.row_unit, member.sheets)

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row_number", "slot", "place", "disposition", "check_or_reason", "severity", "why", "what_to_do"))
    for row_number, slot, disposition, reason, severity in rows:
        said = explained(reason, checked.meanings)
        writer.writerow((row_number, slot, where(row_number), disposition, reason, severity, *said))
    write_atomically(folder / "reasons.csv", text.getvalue())
    write_json(folder / "manifest.json", {
        "schema_version": MANIFEST_VERSION, "batch": batch_id, "arrival_id": member.arrival.arrival_id,
        "lab": member.arrival.lab, "file_name": member.arrival.file_name, "reasons": len(rows),
        "held_reason": member.problem[0] if member.problem else None,
        "held_detail": member.problem[1] if member.problem else None,
    })  # fmt: skip


def _quarantine_folder(home: Home, member: Member) -> Path:
    """The folder named by the bytes; one of its own for the same bytes of another laboratory, which may fare better."""
    folder = home.quarantine / member.arrival.sha256
    try:
        owner = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("arrival_id")
    except (OSError, ValueError):
        owner = None
    if owner in (None, member.arrival.arrival_id):
        return folder
    return folder.with_name(f"{member.arrival.sha256}.{member.arrival.arrival_id}")
