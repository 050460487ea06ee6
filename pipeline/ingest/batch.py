"""One batch of exports on its way: what is known of each, and where its rows are in a temporary DuckDB.

Tables: `part_<n>` (parsed rows of files of one format and header order), views `titre`, `ncs_site`, `ncs_study` over
them, `row_entry` (rows that hold no record) and `check_failure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from pipeline.ingest.expressions import literal
from pipeline.ingest.member import Member
from pipeline.labs import LabFormat


@dataclass(frozen=True, slots=True)
class Part:
    """A table of parsed rows of `members`, by its column `file`; `row_number` is SQL for the row number."""

    table: str
    format: LabFormat
    members: tuple[Member, ...]
    row_number: str

    @property
    def arrival_id(self) -> str:
        """SQL of the arrival a row belongs to."""
        return by_file([literal(member.arrival.arrival_id) for member in self.members])

    @property
    def is_landed(self) -> str:
        """SQL that leaves out the rows of files that are held whole or lost a row."""
        left_out = [str(at) for at, member in enumerate(self.members) if not member.is_readable]
        return f"file NOT IN ({', '.join(left_out)})" if left_out else "true"


@dataclass(slots=True)
class Batch:
    """The state of one batch; `entries` are rows that hold no record: (arrival, row number, disposition, reason)."""

    connection: duckdb.DuckDBPyConnection
    parameters: Mapping[str, object]
    members: list[Member]
    parts: list[Part] = field(default_factory=list)
    entries: list[tuple[str, int, str, str]] = field(default_factory=list)


def by_file(values: Sequence[str]) -> str:
    """SQL of the value that belongs to a row's file; `values` are in the order of the files."""
    return values[0] if len(values) == 1 else f"[{', '.join(values)}][file + 1]"
