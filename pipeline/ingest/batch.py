"""One batch: every row of its exports as a record or a row entry, in a temporary DuckDB, each row counted.

Tables: `part_<n>` (parsed rows of files of one format and header order), views `titre`, `ncs_site`, `ncs_study` over
them, `row_entry` (rows that hold no record) and `check_failure`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.ingest.expressions import literal
from pipeline.ingest.member import Member
from pipeline.ingest.parse import PLACE_COLUMNS, parse_select
from pipeline.labs import LabFormat
from pipeline.readers import Loaded, load
from pipeline.records import LANDED, RECORDS


@dataclass(frozen=True, slots=True)
class Part:
    """A table of parsed rows of `members` (in the order of its column `file`); `row_number` is SQL for the row number."""

    table: str
    format: LabFormat
    members: tuple[Member, ...]
    row_number: str

    @property
    def arrival_id(self) -> str:
        """SQL of the arrival a row belongs to."""
        return _by_file([literal(member.arrival.arrival_id) for member in self.members])

    @property
    def is_landed(self) -> str:
        """SQL that leaves out the rows of files that are held whole or lost a row."""
        left_out = [str(at) for at, member in enumerate(self.members) if not member.is_readable]
        return f"file NOT IN ({', '.join(left_out)})" if left_out else "true"


@dataclass(slots=True)
class Batch:
    """The state of one batch; `entries` are rows that hold no record: (arrival, row number, disposition, reason)."""

    connection: duckdb.DuckDBPyConnection
    parameters: Mapping[str, object]
    members: list[Member]
    parts: list[Part] = field(default_factory=list)
    entries: list[tuple[str, int, str, str]] = field(default_factory=list)


def load_batch(batch: Batch) -> None:
    """Read and parse every readable export, then put the tables and views of the batch together."""
    groups: dict[tuple[str, tuple[str, ...], bool], list[Member]] = defaultdict(list)
    for member in batch.members:
        if member.is_readable and member.format is not None:
            groups[member.format.id, member.header, member.prepared.has_head_line].append(member)
    for group in groups.values():
        _load_group(batch, group)
    _write_entries(batch)
    for record in RECORDS:
        _create_view(batch, record)


def _load_group(batch: Batch, group: list[Member]) -> None:
    """Load files of one header order at once; if that fails, one by one, so that a bad file holds nobody but itself."""
    form = group[0].format
    assert form is not None
    table = f"part_{len(batch.parts)}"
    files = [member.prepared for member in group]
    try:
        loaded = load(batch.connection, table, parse_select(form, group[0].header), files, len(group[0].header), form.shape, batch.parameters)
    except duckdb.Error as error:
        if len(group) > 1:
            for member in group:
                _load_group(batch, [member])
        else:
            group[0].problem = ("unreadable_file", f"reading it as {form.id} failed ({type(error).__name__})")
        return
    batch.parts.append(_placed(batch, table, form, group, loaded))


def _placed(batch: Batch, table: str, form: LabFormat, group: list[Member], loaded: Loaded) -> Part:
    """The part with the row number of each of its rows, after proving that every row of every file is there."""
    spans = {file: (first, last, count) for file, first, last, count in batch.connection.execute(
        f"SELECT file, min(rowid), max(rowid), count(*) FROM {table} GROUP BY file").fetchall()}  # fmt: skip
    firsts, is_even = [], True
    for at, member in enumerate(group):
        numbers = loaded.row_numbers[at]
        first, last, count = spans.get(at, (0, -1, 0))
        if count != len(numbers) or last - first + 1 != count:
            _report_loss(member, len(member.prepared.layout) + len(loaded.rejects.get(at, ())) + count)
        firsts.append(f"{int(numbers[0]) if len(numbers) else 0} - {first}")
        is_even = is_even and (len(numbers) == 0 or int(numbers[-1]) - int(numbers[0]) + 1 == len(numbers))
    row_number = f"(rowid + {_by_file(firsts)})"
    if not is_even:
        _number_rows(batch.connection, table, [loaded.row_numbers[at] for at in sorted(spans, key=lambda at: spans[at][0]) if not group[at].lost])
        row_number = "number"
    part = Part(table, form, tuple(group), row_number)
    _settle(batch, part, loaded)
    return part


def _report_loss(member: Member, accounted: int) -> None:
    """A file whose rows do not add up: held when its quotes are damaged (readers may differ there), else our fault."""
    if member.prepared.has_stray_quotes:
        member.problem = ("damaged_quotes", "quotes stand where CSV has none; rows cannot be told apart for certain")
    else:
        member.lost = f"{member.prepared.rows} rows by its bytes, {accounted} rows accounted for"


def _number_rows(connection: duckdb.DuckDBPyConnection, table: str, numbers: Sequence[NDArray[np.int32]]) -> None:
    """Give a table with blank or rejected rows between its records the column `number`, in its own order."""
    frame = pd.DataFrame({"number": np.concatenate(numbers)})
    connection.register("numbers", frame)
    connection.execute(f"CREATE TABLE {table}_n AS SELECT n.number, p.* FROM {table} p POSITIONAL JOIN numbers n")
    connection.unregister("numbers")
    connection.execute(f"DROP TABLE {table}; ALTER TABLE {table}_n RENAME TO {table}")


def _settle(batch: Batch, part: Part, loaded: Loaded) -> None:
    """Row entries of the rows that hold no record, and the footer's total held against the rows that are there."""
    query = f"SELECT file, {part.row_number}, layout, stated_rows FROM {part.table} WHERE layout IS NOT NULL"
    found: dict[int, list[tuple[int, str, str | None]]] = defaultdict(list)
    for at, row, reason, stated in batch.connection.execute(query).fetchall():
        found[at].append((row, reason, stated))
    counts = dict(batch.connection.execute(f"SELECT file, count(*) FROM {part.table} WHERE layout IS NULL GROUP BY file").fetchall())
    for at, member in enumerate(part.members):
        arrival = member.arrival.arrival_id
        layout = found[at] + [(one.row_number, "footer", one.stated_rows) for one in loaded.rejects.get(at, ()) if one.is_footer]
        layout += [(one.row_number, one.reason, None) for one in loaded.rejects.get(at, ()) if one.reason == "blank" and not one.is_footer]
        torn = [one for one in loaded.rejects.get(at, ()) if not one.is_footer and one.reason != "blank"]
        _check_footer(member, [stated for _, reason, stated in layout if reason == "footer"], counts.get(at, 0) + len(torn))
        if member.is_readable:
            batch.entries += [(arrival, row, "layout", reason) for row, reason, _ in layout]
            batch.entries += [(arrival, one.row_number, "rejected", one.reason) for one in torn]


def _check_footer(member: Member, stated: Sequence[str | None], rows: int) -> None:
    footer = member.format.shape.footer if member.format else None
    if footer is None or footer.stated_rows is None or member.problem or member.lost:
        return
    totals = [int("".join(filter(str.isdecimal, text))) for text in stated if text and any(map(str.isdecimal, text))]
    if not totals:
        member.problem = ("footer_missing", "no closing line with the number of rows; the file may be cut short")
    elif sum(totals) != rows:
        member.problem = ("footer_total_differs", f"the closing line states {sum(totals)} rows, the file holds {rows}")


def _write_entries(batch: Batch) -> None:
    """The table row_entry: layout by place, rows found above, and every row of a file that is held whole."""
    connection = batch.connection
    connection.execute("CREATE TABLE row_entry (arrival_id VARCHAR, row_number INTEGER, slot INTEGER, intake_disposition VARCHAR, intake_reason VARCHAR)")
    entries = list(batch.entries)
    for member in batch.members:
        if member.problem is None and member.lost is None:
            entries += [(member.arrival.arrival_id, row, "layout", reason) for row, reason in member.prepared.layout]
    if entries:
        connection.register("entries", pd.DataFrame(entries, columns=["arrival_id", "row_number", "disposition", "reason"]))
        connection.execute("INSERT INTO row_entry SELECT arrival_id, row_number, 1, disposition, reason FROM entries ORDER BY arrival_id, row_number")
        connection.unregister("entries")
    for member in batch.members:
        if member.problem is not None and member.lost is None:
            connection.execute("INSERT INTO row_entry SELECT ?, unnest(range(1, ? + 1)), 1, 'held', ?",
                               [member.arrival.arrival_id, member.prepared.rows, member.problem[0]])  # fmt: skip


def _create_view(batch: Batch, record: str) -> None:
    """The view of one record over its parts, with the columns in landed order; empty but typed when there is no part."""
    selects = [_record_select(part) for part in batch.parts if part.format.record == record]
    if not selects:
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in LANDED[record].items())
        selects = [f"SELECT {columns} WHERE false"]
    batch.connection.execute(f"CREATE VIEW {record} AS {' UNION ALL '.join(selects)}")


def _record_select(part: Part) -> str:
    days = _by_file([f"DATE {literal(member.arrival.received_at[:10])}" for member in part.members])
    place = {"arrival_id": part.arrival_id, "row_number": f"CAST({part.row_number} AS INTEGER)", "slot": "1",
             "format_id": literal(part.format.id), "sending_lab": literal(part.format.lab), "arrived_on": days}  # fmt: skip
    columns = ", ".join(f"{place[name]} AS {name}" if name in PLACE_COLUMNS else name for name in LANDED[part.format.record])
    return f"SELECT {columns} FROM {part.table} WHERE layout IS NULL AND {part.is_landed}"


def _by_file(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}][file + 1]"
