"""An export's own rows as CSV, each behind what became of it; safe to open in a spreadsheet.

A spreadsheet takes a cell for a formula when it begins with one of a few signs, whatever stands in the file it came
from. Every such cell, column names and our own columns included, gets an apostrophe in front. So does such a sign inside
a cell where a spreadsheet that expects another separator would begin a new cell.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.feedback.cells import Cells
from pipeline.labs import FileShape

OUR_COLUMNS = ("row", "disposition", "reasons", "what_to_change")
# The signs themselves, their wide and small forms, and the minus sign.
_SIGNS = r"=+\-@＝＋－＠﹢﹣﹦﹫−"
# At the beginning of a cell, blanks and invisible characters of any kind may come first; tabs and line breaks count as
# signs, because some spreadsheets drop them before they look.
_LEADING = rf"^[\pZ\pC]*[\t\r\n{_SIGNS}]"
# Inside a cell: what follows a separator or a line break, quotes passed over.
_INNER = rf'([;,\t\r\n][\pZ\pC"]*)([{_SIGNS}])'


def write_annotated(con: duckdb.DuckDBPyConnection, cells: Cells, shape: FileShape, target: Path) -> None:
    """Puts `row_fate` beside `cell_row` at `target`: whole or not at all, readable by its owner only."""
    # where the decimal mark is a comma, spreadsheets expect cells to be parted by semicolons
    separator = ";" if shape.delimiter == ";" or shape.decimal == "," else ","
    ours = [safe(f"f.{name}") for name in ("place", "disposition", "reasons", "what")]
    theirs = [safe(f"c.c{at}") for at in range(len(cells.names))]
    query = f"""
        SELECT {", ".join([*ours, *theirs])}
        FROM row_fate f LEFT JOIN cell_row c ON c.row_number = f.row_number
        ORDER BY f.row_number"""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    try:
        os.close(handle)
        con.execute(
            f"COPY ({query}) TO {_literal(temporary)} (FORMAT csv, HEADER false, DELIMITER '{separator}', FORCE_QUOTE *, "
            f"COMPRESSION none, USE_TMP_FILE false, PREFIX {_literal(_first_line(con, cells.names, separator))}, SUFFIX '\n')"
        )
        with Path(temporary).open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def safe(cell: str) -> str:
    """SQL of a text that no spreadsheet takes for a formula.

    Most cells hold no separator and begin with a digit, a letter or another sign of these two stretches of ASCII, which
    is cheap to see.
    """
    mended = (
        f"CASE WHEN regexp_matches({cell}, '[;,\\t\\r\\n]') THEN regexp_replace({cell}, '{_INNER}', '\\1''\\2', 'g') "
        f"ELSE {cell} END"
    )
    return (
        f"CASE WHEN ({cell} >= '0' AND {cell} < '=') OR ({cell} >= 'A' AND {cell} < '~') THEN {mended} "
        f"WHEN regexp_matches({cell}, '{_LEADING}') THEN '''' || {mended} ELSE {mended} END"
    )


def _first_line(con: duckdb.DuckDBPyConnection, names: Sequence[str], separator: str) -> str:
    """The column names, quoted; the byte order mark before them tells a spreadsheet that this is UTF-8."""
    named = con.execute(f"SELECT {safe('name')} FROM unnest($names) AS t(name)", {"names": [*OUR_COLUMNS, *names]})
    quoted = ['"' + str(name or "").replace('"', '""') + '"' for (name,) in named.fetchall()]
    return "\ufeff" + separator.join(quoted) + "\n"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
