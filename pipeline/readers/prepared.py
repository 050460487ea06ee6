"""What a reader knows about one table of an export before its cells are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table proven readable, or why it is not (`problem`: reason code and detail without any value).

    `rows` counts every row of the table from its bytes. `layout` are the rows that hold no record by their place
    (row number, reason), `rejects` those that could not be taken apart. `path` is what is read; None when no row
    can hold a record. `doubt` is a problem that a person may judge to be none. `has_head_line` says whether that
    path still has the header as its first line. `first_row` is the row number of the first row below the head.
    `is_numbered` says that the lines of `path` begin with row number and slot (the other readers' text tables),
    `units` how many such lines there are. `long_rows` are too
    long to be read and empty in `path`. `notes` are reason codes a person should know of.
    """

    rows: int
    first_row: int = 1
    layout: tuple[tuple[int, str], ...] = ()
    path: Path | None = None
    has_head_line: bool = True
    has_stray_quotes: bool = False
    problem: tuple[str, str] | None = None
    doubt: tuple[str, str] | None = None
    is_numbered: bool = False
    units: int = 0
    rejects: tuple[tuple[int, str], ...] = ()
    long_rows: tuple[int, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
