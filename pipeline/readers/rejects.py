"""Lines that could not be cut into the right number of cells, found again in the file's rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.labs.model import FileShape
from pipeline.readers.prepared import Prepared
from pipeline.readers.scan import rows_at

# By falling right of naming the line: one line may break several ways.
_REJECT_REASONS = {
    "LINE SIZE OVER MAXIMUM": "line_too_long",
    "UNQUOTED VALUE": "damaged_quotes",
    "TOO MANY COLUMNS": "too_many_columns",
    "MISSING COLUMNS": "too_few_columns",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be cut into the right number of cells. `line_matches` tells of a declared footer."""

    row_number: int
    reason: str
    is_footer: bool = False
    stated_rows: str | None = None


def find_rejects(
    connection: duckdb.DuckDBPyConnection, shape: FileShape, read: Mapping[str, Prepared]
) -> dict[str, tuple[Reject, ...]]:
    lines: dict[str, dict[int, tuple[set[str], bool, bool, str | None]]] = defaultdict(dict)
    footer = shape.footer
    query = """
        SELECT DISTINCT file_path, line_byte_position - 1, error_type, coalesce(trim(text, e' \\t') = '', false),
               coalesce(regexp_matches(text, $footer), false), nullif(regexp_extract(text, $stated, 1), '')
        FROM (SELECT *, trim(csv_line, e'\\r\\n') AS text FROM read_error) JOIN read_scan USING (scan_id, file_id)
        ORDER BY ALL"""
    asked = {"footer": footer.matches if footer else None, "stated": footer.stated_rows if footer else None}
    for path, offset, error, is_blank, is_footer, stated in connection.execute(query, asked).fetchall():
        lines[path].setdefault(offset, (set(), is_blank, is_footer, stated))[0].add(error)
    return {path: _numbered(Path(path), read[path], shape, found) for path, found in lines.items()}


def with_long_rows(rejects: tuple[Reject, ...], long_rows: Sequence[int]) -> tuple[Reject, ...]:
    """The rejects of the reader with the rows among them that it was not shown."""
    return (*rejects, *(Reject(row, "line_too_long") for row in long_rows))


def _numbered(
    path: Path, prepared: Prepared, shape: FileShape, found: Mapping[int, tuple[set[str], bool, bool, str | None]]
) -> tuple[Reject, ...]:
    """Rejected lines by their row numbers; the rows above `path` (cut off when it was rewritten) count as well."""
    offsets = sorted(found)
    above = 0 if prepared.has_head_line else prepared.first_row - 1
    rows = [above + before + 1 for before in rows_at(path, shape.delimiter, shape.quote, offsets)]
    rejects = []
    for row, offset in zip(rows, offsets, strict=True):
        errors, is_blank, is_footer, stated = found[offset]
        reason = next((_REJECT_REASONS[error] for error in _REJECT_REASONS if error in errors), "unreadable_line")
        rejects.append(Reject(row, "blank" if is_blank else reason, is_footer, stated))
    return tuple(rejects)
