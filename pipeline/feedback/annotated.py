"""An export's own rows as CSV, each behind what became of it; safe to open in a spreadsheet.

A spreadsheet takes a cell for a formula when it begins with one of a few signs, whatever stands in the file it came
from. Every such cell, column names and our own columns included, gets an apostrophe in front, and all cells are quoted so
that none is cut in two where a spreadsheet expects another separator.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.feedback.cells import Cells
from pipeline.labs import FileShape

OUR_COLUMNS = ("row", "disposition", "reasons", "what_to_change")
# After blanks and invisible characters of any kind: the signs themselves, their wide and small forms, the minus sign, and
# the characters that some spreadsheets drop before they look.
FORMULA = r"^[\pZ\pC]*[\t\r\n=+\-@＝＋－＠﹢﹣﹦﹫−]"


def write_annotated(con: duckdb.DuckDBPyConnection, cells: Cells, shape: FileShape, target: Path) -> None:
    """Puts `row_fate` beside `cell_row` at `target`: whole or not at all, readable by its owner only."""
    separator = ";" if ";" in (shape.delimiter, ";" if shape.decimal == "," else "") else ","
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

    A digit, letter or other sign of these two stretches of ASCII at its beginning settles nearly every cell cheaply.
    """
    return (
        f"CASE WHEN ({cell} >= '0' AND {cell} < '=') OR ({cell} >= 'A' AND {cell} < '~') THEN {cell} "
        f"WHEN regexp_matches({cell}, '{FORMULA}') THEN '''' || {cell} ELSE {cell} END"
    )


def _first_line(con: duckdb.DuckDBPyConnection, names: Sequence[str], separator: str) -> str:
    """The column names, quoted; the byte order mark before them tells a spreadsheet that this is UTF-8."""
    named = con.execute(f"SELECT {safe('name')} FROM unnest($names) AS t(name)", {"names": [*OUR_COLUMNS, *names]})
    quoted = ['"' + str(name or "").replace('"', '""') + '"' for (name,) in named.fetchall()]
    return "\ufeff" + separator.join(quoted) + "\n"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
