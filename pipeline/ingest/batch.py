"""One batch of exports on its way: what is known of each, and where its rows are in a temporary DuckDB.

Tables: `part_<n>` (one record slot of the rows of tables of one format and header), views `titre`, `ncs_site`,
`ncs_study` over them, `row_entry` (rows that hold no record), `check_failure` and `kept_text`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from pipeline.ingest.expressions import literal
from pipeline.ingest.member import Member, Table
from pipeline.labs import LabFormat


@dataclass(frozen=True, slots=True)
class Origin:
    """The table of an export that rows come from."""

    member: Member
    table: Table


@dataclass(frozen=True, slots=True)
class Part:
    """A table of parsed rows of `origins`, by its column `file`; `row_number` and `slot` are SQL for what they say."""

    table: str
    format: LabFormat
    origins: tuple[Origin, ...]
    row_number: str
    slot: str

    @property
    def arrival_id(self) -> str:
        """SQL of the arrival a row belongs to."""
        return by_file([literal(origin.member.arrival.arrival_id) for origin in self.origins])

    @property
    def is_landed(self) -> str:
        """SQL that leaves out the rows of files that are held whole or lost a row."""
        left_out = [str(at) for at, origin in enumerate(self.origins) if not origin.member.is_readable]
        return f"file NOT IN ({', '.join(left_out)})" if left_out else "true"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, or one record slot of it, that holds no record."""

    arrival_id: str
    row_number: int
    disposition: str
    reason: str
    slot: int = 1


@dataclass(slots=True)
class Batch:
    """The state of one batch; `units` says how many record slots (of rows and entries) each arrival must account for."""

    connection: duckdb.DuckDBPyConnection
    parameters: Mapping[str, object]
    members: list[Member]
    parts: list[Part] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)


def by_file(values: Sequence[str]) -> str:
    """SQL of the value that belongs to a row's file; `values` are in the order of the files."""
    return values[0] if len(set(values)) == 1 else f"[{', '.join(values)}][file + 1]"
