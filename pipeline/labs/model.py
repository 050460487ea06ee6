"""What a laboratory's YAML declares about one export format, as plain typed values.

One `LabFormat` per YAML file. Nothing here reads files or knows DuckDB: the loader builds these; `identify`, the
readers and the parser read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

TITRE_UNIT = "{titer}"
UNITS = (TITRE_UNIT, "{index_val}", "%", "[arb'U]/mL", "")


@dataclass(frozen=True, slots=True)
class Footer:
    """Lines that close an export: `matches` is searched in the raw line, `stated_rows` has the total as its group 1."""

    matches: str
    stated_rows: str | None = None


@dataclass(frozen=True, slots=True)
class FileShape:
    """How the bytes of a delimited export become rows and cells; rows count from 1."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    date: str = "%Y-%m-%d"
    timestamp: str | None = None
    time_zone: str | None = None
    header_row: int = 1
    units_row: int | None = None
    footer: Footer | None = None
    missing: tuple[str, ...] = ("",)

    @property
    def first_data_row(self) -> int:
        """The row below the header and, where one is declared, the row of units."""
        return max(self.header_row, self.units_row or 0) + 1


@dataclass(frozen=True, slots=True)
class Column:
    """How one canonical field is read: from a header, or as a constant. `words_by` is (field, its value -> words)."""

    source: str | None = None
    constant: str | None = None
    matches: str | None = None
    words: Mapping[str, str] | None = None
    words_by: tuple[str, Mapping[str, Mapping[str, str]]] | None = None


@dataclass(frozen=True, slots=True)
class TestCode:
    """What a laboratory's own test code stands for; a field that is None is said elsewhere (by a column)."""

    antigen: str | None = None
    isotype: str | None = None
    specimen: str | None = None
    assay: str | None = None
    unit: str | None = None
    reads: str | None = None
    panel: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class PerformingLab:
    """What is the same for every result a performing laboratory measures."""

    unit: str | None = None
    assay: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows that are no patient result: the named header's cell matches the regular expression."""

    column: str
    matches: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabFormat:
    """One export format of one sending laboratory."""

    id: str
    title: str
    state: str
    lab: str
    record: str
    file_glob: str
    shape: FileShape
    namespace: str
    columns: Mapping[str, Column]
    ignored: Mapping[str, str] = field(default_factory=dict)
    performing_labs: Mapping[str, PerformingLab] = field(default_factory=dict)
    tests: Mapping[str, TestCode] = field(default_factory=dict)
    result_words: Mapping[str, str] = field(default_factory=dict)
    no_result: Mapping[str, str] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    origin: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header the export must have: the mapped ones and the ignored ones, each once."""
        mapped = [column.source for column in self.columns.values() if column.source is not None]
        return tuple(dict.fromkeys([*mapped, *self.ignored]))
