"""What every reader of a form other than delimited text gives: rows of text cells, written as plain CSV.

A workbook, an HL7 v2 file and a FHIR file become the same thing here, so that what cells mean is decided once, by the
same generated SQL as for delimited text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """One cell that a format asks for: its `address` (a header, an HL7 place, a FHIR path) and its `kind`.

    Kinds: `text`, `date`, `instant` (both as written where they cannot be read), `result`, `unit`.
    """

    address: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class TextTable:
    """The rows that may hold a record, as CSV at `path`, and an account of all others.

    `path`: UTF-8, line feeds, cells quoted by RFC 4180, no header line; columns `row_number`, `slot` and then those of
    `header`. An empty cell is a missing one. `rows` counts every physical row by a path of its own; `layout` lists those
    that are not in `path` (row number, reason code), `rejects` those of them that cannot be taken apart, `lines` is how
    many lines `path` has. `notes` are things a person should know (reason code -> how many), `doubt` is a problem of the
    whole file (reason code, detail) that a person may judge to be none.
    """

    path: Path
    header: tuple[str, ...]
    rows: int
    lines: int
    layout: tuple[tuple[int, str], ...] = ()
    rejects: tuple[tuple[int, str], ...] = ()
    sheet: str | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
    doubt: tuple[str, str] | None = None


class Unreadable(Exception):
    """A file that cannot be taken apart: a reason code of the message catalogue and a detail without any value."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
