"""One export on its way through intake."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.ingest.arrivals import Arrival
from pipeline.labs import FileShape, FoundTable, Identified, LabFormat, Sheet, identify
from pipeline.labs.fields import kind_of
from pipeline.messages import MESSAGES
from pipeline.readers import Prepared, Source, Unreadable, Wanted, try_count


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: which readings read it, its header, its rows prepared, and the rows `above` it.

    `header` has the declared names in the order of the file, `texts` what stands there. Rows are numbered through all
    tables of an export; `above` is how many come before this one.
    """

    sheet: str | None
    readings: tuple[LabFormat, ...]
    header: tuple[str, ...]
    texts: tuple[str, ...]
    prepared: Prepared
    above: int = 0


@dataclass(slots=True)
class Member:
    """An arrival with its bytes at `path`, what it was recognised as, and what its reader says of it.

    `problem` (reason code, detail) holds the whole file; `lost` names a difference between the rows counted from the
    bytes and the rows accounted for, after which nothing of the arrival may be landed. `released` are the
    reasons despite which a named person decided to take it in. `sheets` are all sheets (name, rows above, rows).
    """

    arrival: Arrival
    path: Path
    format: LabFormat | None = None
    tables: list[Table] = field(default_factory=list)
    rows: int = 0
    row_unit: str = "line"
    sheets: tuple[tuple[str, int, int], ...] = ()
    other_rows: tuple[tuple[int, str], ...] = ()
    notes: dict[str, int] = field(default_factory=dict)
    problem: tuple[str, str] | None = None
    lost: str | None = None
    released: frozenset[str] = frozenset()

    @property
    def is_readable(self) -> bool:
        """Whether its rows become records."""
        return self.problem is None and self.lost is None and any(one.prepared.path is not None for one in self.tables)

    def hold(self, code: str, detail: str) -> None:
        """Hold the whole file, unless a person has released it from just that hold: then it is noted."""
        if code in self.released and MESSAGES[code].can_release:
            self.note(f"released_{code}")
        elif self.problem is None:
            self.problem = (code, detail)

    def note(self, code: str, count: int = 1) -> None:
        """Something a person should know that holds nothing."""
        self.notes[code] = self.notes.get(code, 0) + count


def examine(
    arrival: Arrival, path: Path, formats: Sequence[LabFormat], folder: Path, released: frozenset[str] = frozenset()
) -> Member:
    """An arrival recognised and proven readable, or with the problem that holds it."""
    member = Member(arrival, path, released=released)
    if arrival.bytes == 0:
        member.problem = ("file_empty", "the file has no bytes; send it again")
        return member
    source = Source(path, folder)
    try:
        _examine(member, source, formats)
    except Unreadable as error:
        member.tables = []
        member.problem = (error.code, error.detail)
        member.rows = member.rows or try_count(source, FileShape())
    finally:
        source.close()
    return member


def _examine(member: Member, source: Source, formats: Sequence[LabFormat]) -> None:
    arrival = member.arrival
    member.row_unit = source.row_unit
    found = identify(formats, arrival.lab, arrival.file_name, lambda form: _sheets_as(source, form))
    if found.format is None:
        _not_recognised(member, source, found)
        return
    member.format = found.format
    if found.format.shape.form == "delimited":
        member.row_unit = "line"
    for sheet in source.sheets:
        if sheet.is_hidden:
            member.note("hidden_sheet")
    _prepare(member, source, found)


def _sheets_as(source: Source, form: LabFormat) -> Sequence[Sheet] | None:
    if not source.is_of_form(form.shape):
        return None
    if form.shape.form != "workbook":
        return [Sheet(None, False, lambda reading: source.header(reading.shape, None))]
    return [
        Sheet(sheet.name, sheet.is_empty, lambda reading, name=sheet.name: source.header(reading.shape, name))  # type: ignore[misc]
        for sheet in source.sheets
    ]


def _not_recognised(member: Member, source: Source, found: Identified) -> None:
    """Hold the file; one that is damaged or in another encoding is told as that, not by the header nobody could read."""
    shape = found.nearest.shape if found.nearest else FileShape()
    member.problem = (found.reason or "", found.detail or "")
    if shape.form == "delimited" and source.form == "delimited":
        prepared = source.prepared(shape, None, (), 0)
        member.rows = prepared.rows
        if found.reason == "header_differs" and prepared.problem is not None:
            member.problem = prepared.problem
        return
    member.rows = try_count(source, FileShape())


def _prepare(member: Member, source: Source, found: Identified) -> None:
    """Every table read as far as DuckDB needs; sheets that hold no record are layout, row by row."""
    tables = {table.sheet: table for table in found.tables}
    sheets: list[tuple[str, int, int]] = []
    others: list[tuple[int, str]] = []
    for place, sheet in enumerate(source.sheets):
        table = tables.get(sheet.name)
        above = member.rows
        if table is None:
            member.rows += sheet.rows
            others += [(above + row, "other_sheet") for row in range(1, sheet.rows + 1)]
        else:
            prepared = source.prepared(table.readings[0].shape, table.sheet, _wanted(table), place)
            member.rows += prepared.rows
            _take(member, table, prepared, above)
        if sheet.name is not None:
            sheets.append((sheet.name, above, member.rows - above))
    member.sheets, member.other_rows = tuple(sheets), tuple(others)


def _take(member: Member, table: FoundTable, prepared: Prepared, above: int) -> None:
    for code, count in prepared.notes.items():
        member.note(code, count)
    if prepared.problem is not None:
        member.hold(*prepared.problem)
    if prepared.doubt is not None:
        member.hold(*prepared.doubt)
    readable = replace(prepared, path=None) if member.problem is not None else prepared
    member.tables.append(Table(table.sheet, table.readings, table.header, table.texts, readable, above))


def _wanted(table: FoundTable) -> list[Wanted]:
    """The cells a message is asked for, in the order of the table's header, each with the kind its field needs."""
    kinds = {
        source: kind_of(reading.record, name)
        for reading in table.readings
        for name, column in reading.columns.items()
        for source in (column.source, *column.others)
        if source is not None
    }
    return [Wanted(address, kinds.get(address, "text")) for address in table.header]
