"""Delimited text: proven decodable and whole, then read by DuckDB as text, every column explicit and in file order.

DuckDB's reader skips blank lines without a word, fails on mixed line ends and binds explicit columns by position alone;
so the bytes are scanned first (`scan`), odd files are rewritten as plain UTF-8, and row numbers are put back.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipeline.labs.model import FileShape
from pipeline.readers.damage import damage_in, is_really_utf8
from pipeline.readers.encoding import Undecodable, actual_encoding, check_utf8, write_utf8
from pipeline.readers.prepared import Prepared
from pipeline.readers.rejects import Reject, find_rejects, with_long_rows
from pipeline.readers.scan import LongRow, scan_rows

# What DuckDB raises about the text it reads; any other error is about the query and ours to mend.
UNREADABLE = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException)
_CHUNK = 1 << 20
_ORDER_KEEPING = {"CREATE_TABLE_AS", "BATCH_CREATE_TABLE_AS", "PROJECTION", "READ_CSV"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What `load` did: rejected rows by file, and the row number of each loaded row, in table order, by file."""

    rejects: Mapping[int, tuple[Reject, ...]]
    row_numbers: Mapping[int, NDArray[np.int32]]


def prepare(source: Path, shape: FileShape, copy: Path) -> Prepared:
    """What the bytes of `source` say; `copy` is where a file that DuckDB cannot read as it is gets rewritten."""
    if source.stat().st_size == 0:
        return Prepared(0, problem=("file_empty", "the file has no bytes; send it again"))
    with source.open("rb") as file:
        encoding, mark = actual_encoding(file.read(4), shape.encoding)
    full = source
    try:
        if encoding.startswith("utf-16"):
            full = copy.with_suffix(".full")
            write_utf8(source, full, encoding, mark, is_unified=False)
            encoding = "utf-8"
        if encoding == "utf-8":
            check_utf8(full)
        prepared = _scanned(full, encoding, shape, copy)
        return replace(prepared, doubt=_doubt(full, encoding) or prepared.doubt)
    except Undecodable as error:
        return Prepared(scan_rows(source, shape.delimiter, "", 0).rows, problem=("undecodable_bytes", str(error)))


def _doubt(full: Path, encoding: str) -> tuple[str, str] | None:
    """What a person should look at before a text is believed that was perhaps converted wrongly."""
    if encoding == "utf-8":
        sign = damage_in(full)
        return ("damaged_characters", f"the text holds {sign}") if sign else None
    if is_really_utf8(full):
        return ("damaged_characters", f"the bytes are UTF-8, declared is {encoding}")
    return None


def _scanned(full: Path, encoding: str, shape: FileShape, copy: Path) -> Prepared:
    head_rows = shape.first_data_row - 1
    scan = scan_rows(full, shape.delimiter, shape.quote, head_rows)
    if scan.has_nul:
        return Prepared(
            scan.rows, problem=("nul_bytes", "the file holds NUL bytes: it is damaged or in another encoding")
        )
    if not scan.is_balanced:
        return Prepared(
            scan.rows,
            problem=("unterminated_quote", "a quote is opened and never closed; rows behind it cannot be told"),
        )
    layout = tuple((row, _head_reason(row, shape)) for row in range(1, min(head_rows, scan.rows) + 1))
    layout += tuple((row, "blank") for row in scan.blank_rows if row > head_rows)
    long_rows = [one for one in scan.long_rows if one[0] > head_rows]
    if long_rows:
        full = _without(full, long_rows, copy.with_suffix(".cut"))
    path: Path | None = full
    is_plain = encoding == "utf-8" and head_rows == 1 and not scan.has_odd_line_ends
    if not is_plain:
        write_utf8(full, copy, encoding, scan.head_end, is_unified=scan.has_odd_line_ends)
        path = copy
    if scan.rows <= head_rows:
        path = None
    doubt = None
    if scan.swallowing_cells:
        doubt = ("lines_inside_quotes", f"{scan.swallowing_cells} quoted cells hold what looks like further rows")
    return Prepared(
        scan.rows, head_rows + 1, layout, path, is_plain, scan.has_stray_quotes, doubt=doubt,
        long_rows=tuple(row for row, _, _ in long_rows),
    )  # fmt: skip


def _without(full: Path, long_rows: Sequence[LongRow], target: Path) -> Path:
    """The file with nothing in its long rows but the line break at their end, so that all others keep their numbers."""
    with full.open("rb") as source, target.open("wb") as file:
        for _, first, last in long_rows:
            for start in range(source.tell(), first, _CHUNK):
                file.write(source.read(min(_CHUNK, first - start)))
            source.seek(last)
        shutil.copyfileobj(source, file)
    return target


def _head_reason(row: int, shape: FileShape) -> str:
    return {shape.header_row: "header", shape.units_row: "units"}.get(row, "preamble")


def load(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    select: str,
    files: Sequence[Prepared],
    n_columns: int,
    shape: FileShape,
    parameters: Mapping[str, object],
) -> Loaded:
    """Make `table` from files of one header order; `select` has the place `{source}` for the relation of text cells.

    The relation has the columns c0, c1, ... (text; empty is NULL) and `file` (position in `files`); of numbered files
    also `number` and `given_slot`. Loaded rows keep the order of their files, so a table's rowid says which row a record
    is. Raises one of `UNREADABLE`, never with a
    cell's text.
    """
    read = [prepared for prepared in files if prepared.path is not None]
    paths = [str(prepared.path) for prepared in read]
    connection.execute("DROP TABLE IF EXISTS read_error; DROP TABLE IF EXISTS read_scan")
    # the place is the innermost FROM, so the last one: a declared word may hold the same letters
    before, _, after = select.rpartition("{source}")
    query = f"CREATE OR REPLACE TABLE {table} AS {before}{_relation(shape, n_columns, read)}{after}"
    try:
        given = {**parameters, "paths": [_literal_path(path) for path in paths]}
        _check_order_is_kept(connection, query, given)
        connection.execute(query, given)
    except UNREADABLE as error:
        # the reader's own message may quote a line of the file
        raise type(error)(f"{len(paths)} file(s) could not be read as delimited text") from None
    if read and read[0].is_numbered:
        return _numbered(files)
    place = {path: files.index(prepared) for path, prepared in zip(paths, read, strict=True)}
    said = find_rejects(connection, shape, dict(zip(paths, read, strict=True)))
    rejects = {at: with_long_rows(said.get(path, ()), files[at].long_rows) for path, at in place.items()}
    numbers = {at: _row_numbers(prepared, rejects.get(at, ())) for at, prepared in enumerate(files)}
    return Loaded(rejects, numbers)


def _numbered(files: Sequence[Prepared]) -> Loaded:
    """Text tables name their own row numbers; what could not be taken apart is said by their readers."""
    rejects = {at: tuple(Reject(row, reason) for row, reason in prepared.rejects) for at, prepared in enumerate(files)}
    return Loaded(rejects, {})


def _check_order_is_kept(connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]) -> None:
    """A fault of ours when the plan holds an operator after which rows come in another order than in the file."""
    plan = connection.execute(f"EXPLAIN (FORMAT json) {query}", parameters).fetchall()[0][1]
    operators = [json.loads(plan)[0]]
    while operators:
        operator = operators.pop()
        if operator["name"].strip() not in _ORDER_KEEPING:
            raise AssertionError(f"the generated parser has the operator {operator['name']}, which may reorder rows")
        operators.extend(operator["children"])


def _relation(shape: FileShape, n_columns: int, read: Sequence[Prepared]) -> str:
    columns = [f"'c{position}': 'VARCHAR'" for position in range(n_columns)]
    if read[0].is_numbered:
        columns = ["'number': 'INTEGER'", "'given_slot': 'INTEGER'", *columns]
        options = "header=false, auto_detect=false, delim=',', quote='\"', escape='\"', max_line_size=20000000"
    else:
        quote, delimiter = shape.quote.replace("'", "''"), shape.delimiter.replace("'", "''")
        has_head_line = "true" if read[0].has_head_line else "false"
        options = (f"header={has_head_line}, auto_detect=false, delim='{delimiter}', quote='{quote}', "
                   f"escape='{quote}', store_rejects=true, rejects_table='read_error', rejects_scan='read_scan'")  # fmt: skip
    return f"(SELECT *, file_index AS file FROM read_csv($paths, columns={{{', '.join(columns)}}}, {options}))"


def _literal_path(path: str) -> str:
    """The path as a pattern that matches nothing but itself: the reader takes every path for a glob."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def _row_numbers(prepared: Prepared, rejects: Sequence[Reject]) -> NDArray[np.int32]:
    """The row numbers left for records: all of the file but the layout rows and the rejected ones."""
    is_record = np.ones(prepared.rows + 1, np.bool_)
    is_record[0] = False
    is_record[[row for row, _ in prepared.layout]] = False
    is_record[[reject.row_number for reject in rejects]] = False
    return np.flatnonzero(is_record).astype(np.int32)
