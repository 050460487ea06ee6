"""The readable exports of a batch read and parsed, with proof that every row of every file arrived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.ingest.batch import Batch, Origin, Part, by_file
from pipeline.ingest.doubts import hold_doubtful
from pipeline.ingest.entries import settle, settle_unread, write_entries
from pipeline.ingest.oddities import note_oddities
from pipeline.ingest.parse import parse_select
from pipeline.ingest.views import create_views
from pipeline.labs import LabFormat
from pipeline.readers import UNREADABLE, Loaded, load


def load_batch(batch: Batch) -> None:
    """Read and parse every readable export, then put the tables and views of the batch together."""
    groups: dict[tuple[Any, ...], list[Origin]] = defaultdict(list)
    for member in batch.members:
        for table in member.tables if member.is_readable else ():
            if table.prepared.path is not None:
                key = (table.readings[0].id, table.readings[0].sheet, table.header, table.texts,
                       table.prepared.has_head_line)  # fmt: skip
                groups[key].append(Origin(member, table))
    for group in groups.values():
        _load_group(batch, group)
    for member in batch.members:
        for table in member.tables:
            if table.prepared.path is None:
                settle_unread(batch, member, table)
    note_oddities(batch)
    write_entries(batch)
    create_views(batch)


def _load_group(batch: Batch, group: list[Origin]) -> None:
    """Load tables of one header at once; if that fails, one by one, so that a bad file holds nobody but itself."""
    group = [origin for origin in group if origin.member.is_readable]
    if not group:
        return
    try:
        parts, loaded = _read(batch, group)
    except UNREADABLE as error:
        if len(group) > 1:
            for origin in group:
                _load_group(batch, [origin])
        else:
            name = group[0].table.readings[0].id
            group[0].member.problem = ("unreadable_file", f"reading it as {name} failed ({type(error).__name__})")
        return
    if any(not origin.member.is_readable for origin in group):
        _load_group(batch, group)
        return
    hold_doubtful(batch, parts)
    settle(batch, parts, loaded)
    batch.parts += parts


def _read(batch: Batch, group: list[Origin]) -> tuple[list[Part], Loaded]:
    """One part a reading, and what the reader says of the rows, which is the same for each of them."""
    first = group[0].table
    files = [origin.table.prepared for origin in group]
    parts: list[Part] = []
    for number, reading in enumerate(first.readings):
        table = f"part_{len(batch.parts)}_{number}"
        select = parse_select(reading, first.header, first.texts, first.prepared.is_numbered)
        loaded = load(batch.connection, table, select, files, len(first.header), reading.shape, batch.parameters)
        spans = _spans(batch.connection, table)
        for at, origin in enumerate(group):
            _check_all_loaded(origin, loaded, at, spans.get(at, (0, -1, 0)))
        if any(not origin.member.is_readable for origin in group):
            break
        parts.append(_numbered(batch, table, reading, group, loaded, spans))
    return parts, loaded


def _spans(connection: duckdb.DuckDBPyConnection, table: str) -> dict[int, tuple[int, int, int]]:
    """For each file of a loaded table: first and last rowid, and how many rows."""
    query = f"SELECT file, min(rowid), max(rowid), count(*) FROM {table} GROUP BY file"
    return {file: (first, last, count) for file, first, last, count in connection.execute(query).fetchall()}


def _check_all_loaded(origin: Origin, loaded: Loaded, at: int, span: tuple[int, int, int]) -> None:
    """Whether every row of a file is there once, and in one piece; if not, it is its quotes' fault (held) or ours."""
    first, last, count = span
    prepared, member = origin.table.prepared, origin.member
    if prepared.is_numbered:
        if count != prepared.units:
            member.lost = f"{prepared.units} records by its reader, {count} accounted for"
        return
    rejected = [one.row_number for one in loaded.rejects.get(at, ())]
    others = [*rejected, *(row for row, _ in prepared.layout)]
    is_whole = count == len(loaded.row_numbers[at]) == last - first + 1
    if is_whole and len(others) == len(set(others)) == prepared.rows - count:
        return
    if prepared.has_stray_quotes:
        member.problem = ("damaged_quotes", "quotes stand where CSV has none; rows cannot be told apart for certain")
    else:
        member.lost = f"{prepared.rows} rows by its bytes, {len(others) + count} rows accounted for"


def _numbered(
    batch: Batch,
    table: str,
    reading: LabFormat,
    group: list[Origin],
    loaded: Loaded,
    spans: Mapping[int, tuple[int, int, int]],
) -> Part:
    """The part with the row number of each of its rows: given, an offset where files have no gaps, else a column."""
    above = by_file([str(origin.table.above) for origin in group])
    if group[0].table.prepared.is_numbered:
        readings = len(group[0].table.readings)
        slot = "given_slot" if readings == 1 else f"((given_slot - 1) * {readings} + {reading.slot})"
        return Part(table, reading, tuple(group), f"(number + {above})", slot)
    numbers = [loaded.row_numbers[at] for at in range(len(group))]
    slot = str(reading.slot)
    if all(len(some) == 0 or int(some[-1]) - int(some[0]) + 1 == len(some) for some in numbers):
        firsts = [f"{some[0]} - {spans[at][0]}" if len(some) else "0" for at, some in enumerate(numbers)]
        return Part(table, reading, tuple(group), f"(rowid + {by_file(firsts)})", slot)
    _number_rows(batch.connection, table, [numbers[at] for at in sorted(spans, key=lambda at: spans[at][0])])
    return Part(table, reading, tuple(group), "number", slot)


def _number_rows(connection: duckdb.DuckDBPyConnection, table: str, numbers: Sequence[NDArray[np.int32]]) -> None:
    """Give a table with blank or rejected rows between its records the column `number`, in its own order."""
    frame = pd.DataFrame({"number": np.concatenate(numbers)})
    connection.register("numbers", frame)
    connection.execute(f"CREATE TABLE {table}_n AS SELECT n.number, p.* FROM {table} p POSITIONAL JOIN numbers n")
    connection.unregister("numbers")
    connection.execute(f"DROP TABLE {table}; ALTER TABLE {table}_n RENAME TO {table}")
