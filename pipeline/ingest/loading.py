"""The readable exports of a batch read and parsed, with proof that every row of every file arrived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.ingest.batch import Batch, Part, by_file
from pipeline.ingest.entries import check_footer, settle, write_entries
from pipeline.ingest.member import Member
from pipeline.ingest.parse import parse_select
from pipeline.ingest.views import create_views
from pipeline.labs import LabFormat
from pipeline.readers import UNREADABLE, Loaded, load


def load_batch(batch: Batch) -> None:
    """Read and parse every readable export, then put the tables and views of the batch together."""
    groups: dict[tuple[str, tuple[str, ...], bool], list[Member]] = defaultdict(list)
    for member in batch.members:
        if member.is_readable and member.format is not None:
            groups[member.format.id, member.header, member.prepared.has_head_line].append(member)
    for group in groups.values():
        _load_group(batch, group)
    for member in batch.members:
        if member.prepared.path is None:
            check_footer(member, [], 0)
    write_entries(batch)
    create_views(batch)


def _load_group(batch: Batch, group: list[Member]) -> None:
    """Load files of one header order at once; if that fails, one by one, so that a bad file holds nobody but itself."""
    form = group[0].format
    assert form is not None
    table = f"part_{len(batch.parts)}"
    files = [member.prepared for member in group]
    try:
        loaded = load(
            batch.connection,
            table,
            parse_select(form, group[0].header),
            files,
            len(group[0].header),
            form.shape,
            batch.parameters,
        )
    except UNREADABLE as error:
        if len(group) > 1:
            for member in group:
                _load_group(batch, [member])
        else:
            group[0].problem = ("unreadable_file", f"reading it as {form.id} failed ({type(error).__name__})")
        return
    spans = _spans(batch.connection, table)
    for at, member in enumerate(group):
        _check_all_loaded(member, loaded, at, spans.get(at, (0, -1, 0)))
    intact = [member for member in group if member.is_readable]
    if len(intact) == len(group):
        batch.parts.append(_numbered(batch, table, form, group, loaded, spans))
        settle(batch, batch.parts[-1], loaded)
    elif intact:
        _load_group(batch, intact)


def _spans(connection: duckdb.DuckDBPyConnection, table: str) -> dict[int, tuple[int, int, int]]:
    """For each file of a loaded table: first and last rowid, and how many rows."""
    query = f"SELECT file, min(rowid), max(rowid), count(*) FROM {table} GROUP BY file"
    return {file: (first, last, count) for file, first, last, count in connection.execute(query).fetchall()}


def _check_all_loaded(member: Member, loaded: Loaded, at: int, span: tuple[int, int, int]) -> None:
    """Whether every row of a file is there once, and in one piece; if not, it is its quotes' fault (held) or ours."""
    first, last, count = span
    rejected = [one.row_number for one in loaded.rejects.get(at, ())]
    others = [*rejected, *(row for row, _ in member.prepared.layout)]
    is_whole = count == len(loaded.row_numbers[at]) == last - first + 1
    if is_whole and len(others) == len(set(others)) == member.prepared.rows - count:
        return
    if member.prepared.has_stray_quotes:
        member.problem = ("damaged_quotes", "quotes stand where CSV has none; rows cannot be told apart for certain")
    else:
        member.lost = f"{member.prepared.rows} rows by its bytes, {len(others) + count} rows accounted for"


def _numbered(
    batch: Batch,
    table: str,
    form: LabFormat,
    group: list[Member],
    loaded: Loaded,
    spans: Mapping[int, tuple[int, int, int]],
) -> Part:
    """The part with the row number of each of its rows: an offset where files have no gaps, else a column."""
    numbers = [loaded.row_numbers[at] for at in range(len(group))]
    if all(len(some) == 0 or int(some[-1]) - int(some[0]) + 1 == len(some) for some in numbers):
        firsts = [f"{some[0]} - {spans[at][0]}" if len(some) else "0" for at, some in enumerate(numbers)]
        return Part(table, form, tuple(group), f"(rowid + {by_file(firsts)})")
    _number_rows(batch.connection, table, [numbers[at] for at in sorted(spans, key=lambda at: spans[at][0])])
    return Part(table, form, tuple(group), "number")


def _number_rows(connection: duckdb.DuckDBPyConnection, table: str, numbers: Sequence[NDArray[np.int32]]) -> None:
    """Give a table with blank or rejected rows between its records the column `number`, in its own order."""
    frame = pd.DataFrame({"number": np.concatenate(numbers)})
    connection.register("numbers", frame)
    connection.execute(f"CREATE TABLE {table}_n AS SELECT n.number, p.* FROM {table} p POSITIONAL JOIN numbers n")
    connection.unregister("numbers")
    connection.execute(f"DROP TABLE {table}; ALTER TABLE {table}_n RENAME TO {table}")
