"""Every physical row of an export as its sender wrote it: text cells in a table, with the number of each row.

Delimited text is read by DuckDB through the same reader as at intake, so that a row is cut into the same cells; rows that
this reader has no cells for (above the header, torn) are put back from the text itself. The other forms are listed row by
row by their readers.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np

from pipeline.feedback.exports import Export
from pipeline.labs import LabFormat
from pipeline.labs.model import ROW_UNITS
from pipeline.readers import UNREADABLE, Prepared, Source, Unreadable, load, prepare
from pipeline.readers.encoding import Undecodable, actual_encoding, decoded
from pipeline.readers.fhir import raw_fhir_rows
from pipeline.readers.hl7v2 import raw_hl7_rows
from pipeline.readers.workbook import raw_workbook_rows

_HEAD_BYTES = 1 << 18
# Spreadsheets hold 32,767 characters in a cell.
_LONGEST_CELL = 32_000


@dataclass(frozen=True, slots=True)
class Cells:
    """The table `cell_row` (row_number, c0, c1, ...) was made: how many rows the file has, and the column names."""

    rows: int
    names: tuple[str, ...]


def read_cells(
    con: duckdb.DuckDBPyConnection, export: Export, form: LabFormat, path: Path, folder: Path
) -> Cells | None:
    """The rows of an export that is in the format `form`; None when they cannot be told apart.

    Raises Unreadable or OSError when the archived bytes cannot be read at all.
    """
    source = Source(path, folder)
    if form.shape.form == "delimited":
        return _delimited(con, source.path, form, folder / "annotated")
    rows, width = _listed(con, _raw_rows(source, export, form), folder / "annotated.csv")
    return Cells(rows, _names(form.shape.form, width))


def _delimited(con: duckdb.DuckDBPyConnection, path: Path, form: LabFormat, copy: Path) -> Cells | None:
    shape = form.shape
    prepared = prepare(path, shape, copy)
    head = _head(path, form)
    if prepared.problem is not None or len(head) < shape.header_row:
        return None
    names = head[shape.header_row - 1]
    columns = ", ".join(f"c{at}" for at in range(len(names)))
    con.execute("DROP TABLE IF EXISTS cell_row")
    con.execute(f"CREATE TEMP TABLE cell_row (row_number INTEGER, {columns.replace(',', ' VARCHAR,')} VARCHAR)")
    if prepared.path is not None:
        _load(con, prepared, form, len(names), columns)
    above = [_fitted(number, cells, len(names), shape.delimiter) for number, cells in enumerate(head, 1) if cells]
    if above:
        con.executemany(f"INSERT INTO cell_row VALUES ({', '.join('?' * (len(names) + 1))})", above)
    return Cells(prepared.rows, tuple(names))


def _load(con: duckdb.DuckDBPyConnection, prepared: Prepared, form: LabFormat, width: int, columns: str) -> None:
    """The rows below the head; a torn line whole, in the first cell."""
    try:
        loaded = load(con, "own_cells", f"SELECT {columns} FROM {{source}}", [prepared], width, form.shape, {})
    except UNREADABLE as error:
        raise Unreadable("unreadable_file", type(error).__name__) from None
    held = con.execute("SELECT count(*) FROM own_cells").fetchall()[0][0]
    if held != len(loaded.row_numbers[0]):
        raise AssertionError(f"{held} rows have cells, {len(loaded.row_numbers[0])} have a number")
    con.register("loaded_numbers", {"row_number": loaded.row_numbers[0]})
    con.execute("INSERT INTO cell_row SELECT row_number, own_cells.* FROM loaded_numbers POSITIONAL JOIN own_cells")
    con.unregister("loaded_numbers")
    con.execute("DROP TABLE own_cells")
    torn = loaded.rejects.get(0, ())
    if torn:
        # both are in the order of the file
        con.register("torn_numbers", {"row_number": np.asarray([one.row_number for one in torn])})
        con.execute("""
            INSERT INTO cell_row BY NAME
            SELECT row_number, c0 FROM torn_numbers POSITIONAL JOIN (
              SELECT trim(any_value(csv_line), e'\\r\\n') AS c0 FROM read_error
              GROUP BY line_byte_position ORDER BY line_byte_position)""")
        con.unregister("torn_numbers")


def _head(path: Path, form: LabFormat) -> list[list[str]]:
    """The cells of every row above the first one that may hold a record."""
    shape = form.shape
    with path.open("rb") as file:
        encoding, skip = actual_encoding(file.read(4), shape.encoding)
    text = ""
    try:
        for chunk in decoded(path, encoding, skip):
            text += chunk
            if len(text) >= _HEAD_BYTES:
                break
        lines = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=shape.delimiter,
            quotechar=shape.quote or None,
            quoting=csv.QUOTE_MINIMAL if shape.quote else csv.QUOTE_NONE,
        )
        return list(islice(lines, shape.first_data_row - 1))
    except (Undecodable, csv.Error):
        return []


def _fitted(number: int, cells: Sequence[str], width: int, delimiter: str) -> list[object]:
    """A row of exactly `width` cells; one that has more goes whole into the first."""
    fitting = list(cells) if len(cells) <= width else [delimiter.join(cells)]
    return [number, *fitting, *([None] * (width - len(fitting)))]


def _raw_rows(source: Source, export: Export, form: LabFormat) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of every physical row of a file that is no delimited text, in the order of the file."""
    if form.shape.form == "hl7v2":
        yield from raw_hl7_rows(source.path, form.shape.encoding)
    elif form.shape.form == "fhir":
        yield from raw_fhir_rows(source.path)
    else:
        for sheet, above, _ in export.sheets:
            for number, cells in raw_workbook_rows(source.path, sheet):
                yield above + number, cells


def _listed(con: duckdb.DuckDBPyConnection, rows: Iterable[tuple[int, list[str]]], file: Path) -> tuple[int, int]:
    """Makes `cell_row` from rows of any width, streamed through a file of row numbers and cells as JSON.

    The answer is the number of rows and of columns.
    """
    count, width = 0, 1
    with file.open("w", encoding="utf-8", newline="") as target:
        file.chmod(0o600)
        writer = csv.writer(target, lineterminator="\n")
        for number, cells in rows:
            count, width = count + 1, max(width, len(cells))
            writer.writerow((number, json.dumps([_cut(cell) for cell in cells], ensure_ascii=False)))
    columns = ", ".join(f"cells[{at + 1}] AS c{at}" for at in range(width))
    query = f"""
        CREATE OR REPLACE TEMP TABLE cell_row AS
        SELECT row_number, {columns}
        FROM (SELECT row_number, CAST(CAST(cells AS JSON) AS VARCHAR[]) AS cells FROM read_csv(
            $path, columns={{'row_number': 'INTEGER', 'cells': 'VARCHAR'}}, header=false, auto_detect=false, delim=',',
            quote='"', escape='"', max_line_size=200000000))"""
    try:
        con.execute(query, {"path": str(file)})
    except UNREADABLE as error:
        # the message may quote a line of the file
        raise Unreadable("unreadable_file", type(error).__name__) from None
    return count, width


def _cut(cell: str) -> str:
    """A cell of at most as many characters as a spreadsheet can show; a document inside a message is far longer."""
    return (
        cell
        if len(cell) <= _LONGEST_CELL
        else f"{cell[:_LONGEST_CELL]} ... ({len(cell) - _LONGEST_CELL} more characters)"
    )


def _names(form: str, width: int) -> tuple[str, ...]:
    """Column names of a form without a header line of its own: what a row is, or the letters of a spreadsheet."""
    return tuple(_letters(at) for at in range(width)) if form == "workbook" else (ROW_UNITS[form], *[""] * (width - 1))


def _letters(at: int) -> str:
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
