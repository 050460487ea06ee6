"""What a laboratory's YAML declares about one export format, as plain typed values.

One `LabFormat` per YAML file. A format that reads several kinds of record, or several results from a row, is a set of
simple formats (`readings`), one for each record slot. Nothing here reads files or knows DuckDB: the loader builds these;
`identify`, the readers and the parser read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

TITRE_UNIT = "{titer}"
FORMS = ("delimited", "workbook", "hl7v2", "fhir")
# What a physical row is in each form, as people number it.
ROW_UNITS = {"delimited": "line", "workbook": "row", "hl7v2": "segment", "fhir": "resource"}
UNITS = (TITRE_UNIT, "{index_val}", "%", "[arb'U]/mL", "[arb'U]", "{ratio}", "")


@dataclass(frozen=True, slots=True)
class Footer:
    """Lines that close an export: `matches` is searched in the raw line, `stated_rows` has the total as its group 1."""

    matches: str
    stated_rows: str | None = None


@dataclass(frozen=True, slots=True)
class FileShape:
    """How the bytes of an export become rows and cells; rows count from 1.

    `header_rows` is how many rows the header takes from `header_row` on. Messages (HL7 v2, FHIR) have no header: their
    cells are places.
    """

    form: str = "delimited"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    date: str = "%Y-%m-%d"
    timestamp: str | None = None
    time_zone: str | None = None
    header_row: int = 1
    header_rows: int = 1
    units_row: int | None = None
    footer: Footer | None = None
    missing: tuple[str, ...] = ("",)

    @property
    def first_data_row(self) -> int:
        """The row below the header and, where one is declared, the row of units."""
        return max(self.header_row + self.header_rows - 1, self.units_row or 0) + 1

    @property
    def is_message(self) -> bool:
        """Whether cells are places of a message, not columns under a header."""
        return self.form in ("hl7v2", "fhir")

    @property
    def zone_of_instants(self) -> str | None:
        """The zone of the texts the parser meets: readers of messages have made them UTC."""
        return "UTC" if self.is_message else self.time_zone


@dataclass(frozen=True, slots=True)
class Column:
    """How one canonical field is read: from a header, or as a constant. `words_by` is (field, its value -> words).

    `others` are headers that may stand in an export instead of `source`; exactly one of them is there. `no_response` are
    the words for a nerve that was stimulated and did not answer.
    """

    source: str | None = None
    others: tuple[str, ...] = ()
    constant: str | None = None
    matches: str | None = None
    words: Mapping[str, str] | None = None
    words_by: tuple[str, Mapping[str, Mapping[str, str]]] | None = None
    no_response: tuple[str, ...] = ()


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
    is_expected: bool = False


@dataclass(frozen=True, slots=True)
class RowKind:
    """Which rows a reading is meant for: the named header's cell matches the regular expression."""

    column: str
    matches: str


@dataclass(frozen=True, slots=True)
class LabFormat:
    """One export format of one sending laboratory, or one reading of it.

    A reading says what record number `slot` of a row holds: `sheet` (a glob) and `when` say of which rows,
    `may_be_empty` that a row without a result in this slot holds no record there, `written_at` by which keys the YAML
    declares it. `readings` is empty for a reading.
    """

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
    comparator_words: Mapping[str, str] = field(default_factory=dict)
    no_result: Mapping[str, str] = field(default_factory=dict)
    no_result_statuses: Mapping[str, str] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    ignored_sheets: Mapping[str, str] = field(default_factory=dict)
    dates_are_shifted: bool = False
    origin: str = ""
    sheet: str | None = None
    slot: int = 1
    when: RowKind | None = None
    may_be_empty: bool = False
    written_at: tuple[str, ...] = ()
    readings: tuple["LabFormat", ...] = ()

    @property
    def all_readings(self) -> tuple["LabFormat", ...]:
        """The simple formats this one is made of, in the order of their slots; itself when there is but one."""
        return self.readings or (self,)

    @property
    def records(self) -> tuple[str, ...]:
        """The kinds of record it reads, each once."""
        return tuple(dict.fromkeys(reading.record for reading in self.all_readings))

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header a table of the export must have: mapped, asked about, kept or ignored, each once."""
        return tuple(dict.fromkeys(name for reading in self.all_readings for name in reading._own_headers))

    @property
    def other_headers(self) -> Mapping[str, str]:
        """Headers that may stand for one of `headers`, and for which."""
        columns = [column for reading in self.all_readings for column in reading.columns.values()]
        return {other: column.source for column in columns if column.source for other in column.others}

    @property
    def _own_headers(self) -> list[str]:
        mapped = [column.source for column in self.columns.values() if column.source is not None]
        return [*mapped, *([self.when.column] if self.when else []), *self.kept, *self.ignored]
