"""What a reader knows about one file before its cells are read."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file proven readable, or why it is not (`problem`: reason code and detail without any value).

    `rows` counts every row of the file from its bytes. `layout` are the rows that hold no record by their place (row
    number, reason). `path` is what the reader reads; None when no row can hold a record. `has_head_line` says whether
    that path still has the header as its first line. `first_row` is the row number of the first row below the head.
    """

    rows: int
    first_row: int = 1
    layout: tuple[tuple[int, str], ...] = ()
    path: Path | None = None
    has_head_line: bool = True
    has_stray_quotes: bool = False
    problem: tuple[str, str] | None = None
