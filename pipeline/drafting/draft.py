"""An example export read and declared: the draft of a lab YAML that a person finishes."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.drafting.columns import assign
from pipeline.drafting.delimited import MOST_ROWS, dialect_of, rows_of
from pipeline.drafting.encoding import encoding_of
from pipeline.drafting.findings import Guess, is_undecided, undecided
from pipeline.drafting.from_messages import messages_in, status_words
from pipeline.drafting.from_workbook import workbook_tables
from pipeline.drafting.grid import Grid, grid_of
from pipeline.drafting.measured import performing_labs_of, tests_in
from pipeline.drafting.model import FormatDraft, ResultDraft, TableDraft
from pipeline.drafting.page import counts, write
from pipeline.drafting.table import table_of
from pipeline.drafting.whole import Sheet, dates_in, exclusions_of, marks_in, missing_in, results_of, settled
from pipeline.errors import UsageError
from pipeline.home import write_atomically
from pipeline.readers.source import Source
from pipeline.readers.text_table import Unreadable

_CUT = f"drafted from the first {MOST_ROWS:,} rows; closing lines were not looked for"
_ZONE = "the zone these times are written in, for example Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a drafted YAML, how many values in it are guesses and how many places a person must decide."""

    text: str
    guesses: int
    undecided: int


def draft(example: Path, lab: str) -> Draft:
    """A draft for exports like the example, sent by `lab`; UsageError when the file cannot be taken apart at all.

    The draft repeats no cell of the example but words of columns that are recognised as coded.
    """
    with tempfile.TemporaryDirectory(prefix="gm1-draft-") as folder:
        source = Source(example, Path(folder))
        try:
            read = {"delimited": _delimited, "workbook": _workbook}.get(source.form)
            drafted = read(source.path, example.name, lab) if read else _messages(source, example.name, lab)
            text = write(drafted)
        except Unreadable as error:
            raise UsageError(f"{example}: cannot be read ({error.code}: {error.detail})") from error
        except OSError as error:
            raise UsageError(f"{example}: cannot be read ({error.strerror})") from error
    return Draft(text, *counts(text))


def draft_into(example: Path, lab: str, out: Path | None) -> str:
    """The draft's text, or, once written to `out`, a line that says so. UsageError when there is a file already."""
    drafted = draft(example, lab)
    if out is None:
        return drafted.text
    if out.exists():
        raise UsageError(f"{out}: exists already; a draft never overwrites a file")
    write_atomically(out, drafted.text)
    return f"{out}: {drafted.guesses} guesses to confirm, {drafted.undecided} places to decide\n"


def glob_of(name: str) -> Guess:
    """A pattern for the names of later exports: runs of digits, which are dates and counters, may change."""
    stem, dot, ending = name.partition(".")
    varying = re.sub(r"(?<![A-Za-z0-9])[0-9]+|[0-9]{2,}", "*", re.sub(r"[\[\]?*]", "?", stem))
    pattern = re.sub(r"\*(?:[-_. T]?\*)+", "*", varying) + dot + ending
    if re.fullmatch(r"[*?_. -]*(\..*)?", pattern):
        return undecided(f"a pattern for the file's name that no other export fits; {pattern} says too little")
    if pattern == name:
        return Guess(pattern, "the example's name as it is; write * where the names of later exports differ")
    return Guess(pattern, "the example's name with its digits left open")


def _lab(lab: str) -> Guess:
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]*", lab):
        raise UsageError(f"--lab: {lab!r} is no folder name of letters, digits, dot, dash and underscore")
    return Guess(lab)


def _delimited(path: Path, name: str, lab: str) -> FormatDraft:
    text, encoding = encoding_of(path)
    delimiter, quote = dialect_of(text)
    used = "," if is_undecided(delimiter.value) else delimiter.value
    rows = rows_of(text, used, quote.value)
    grid = grid_of(rows, False)
    if grid is None or len(grid.header) < 2:
        raise UsageError(f"{name}: no header row was found; a format needs columns with names")
    sheets = [_sheet(None, grid, name)]
    file = {"encoding": encoding, "delimiter": delimiter, "quote": quote}
    drafted = _composed(sheets, file | _values(sheets), name, lab, {})
    return drafted if len(rows) < MOST_ROWS else replace(drafted, notes=(*drafted.notes, _CUT), footer={})


def _workbook(path: Path, name: str, lab: str) -> FormatDraft:
    tables, ignored = workbook_tables(path)
    if not tables:
        raise UsageError(f"{name}: no sheet with a header row was found; a format needs columns with names")
    sheets = [_sheet(sheet, grid, name) for sheet, grid in tables]
    return _composed(sheets, {"form": Guess("workbook")} | _values(sheets), name, lab, ignored)


def _messages(source: Source, name: str, lab: str) -> FormatDraft:
    """Messages have places instead of columns, and their readers know how numbers and dates are written."""
    form = source.form
    encoding = encoding_of(source.path)[1]
    found = messages_in(source.path, form, encoding.value)
    table = table_of(found.grid, found.assigned, name)
    if (status := table.columns.get("status")) is not None and status.source is not None:
        known = status_words(form)
        words = {word: guess for word, guess in (status.words or {}).items() if word not in known}
        table = replace(table, columns={**table.columns, "status": replace(status, words=known | words)})
    sheet = Sheet(None, found.grid, found.assigned, table, found.names)
    file = {"form": Guess(form)} | ({"encoding": encoding} if form == "hl7v2" else {})
    if "reported_at" in table.columns and form == "hl7v2":
        file["time_zone"] = undecided(_ZONE)
    return _composed([sheet], file, name, lab, {})


def _composed(
    sheets: Sequence[Sheet], file: dict[str, Guess], name: str, lab: str, ignored_sheets: Mapping[str, Guess]
) -> FormatDraft:
    titres = next((sheet for sheet in sheets if sheet.assigned.record == "titre"), None)
    tests = tests_in(titres) if titres else {}
    labs, table = performing_labs_of(titres, _have_units(tests)) if titres else ({}, None)
    tables = [_finished(table if sheet is titres and table is not None else sheet.table, sheet) for sheet in sheets]
    footer = next((sheet.grid.footer for sheet in sheets if sheet.grid.footer), None)
    given = {"matches": footer.matches, "stated_rows": footer.stated_rows} if footer else {}
    return FormatDraft(
        example=name,
        lab=_lab(lab),
        glob=glob_of(name),
        file=file,
        missing=missing_in(sheets),
        footer={key: guess for key, guess in given.items() if guess is not None},
        namespace=Guess(lab, "the laboratory's own identifiers; exports whose identifiers mean the same share one"),
        performing_labs=labs,
        tables=tables,
        tests=tests,
        result=results_of(titres) if titres else ResultDraft(),
        exclusions=exclusions_of(sheets),
        ignored_sheets=ignored_sheets,
        notes=_notes(sheets),
    )


def _sheet(name: str | None, grid: Grid, file_name: str) -> Sheet:
    assigned = assign(grid)
    return Sheet(name, grid, assigned, table_of(grid, assigned, file_name))


def _finished(table: TableDraft, sheet: Sheet) -> TableDraft:
    """The table with its place in the file and its status words as they are declared."""
    place = {} if sheet.grid.header_row.value == "1" else {"header_row": sheet.grid.header_row}
    if sheet.grid.header_rows > 1:
        place |= {"header_row": sheet.grid.header_row, "header_rows": Guess(str(sheet.grid.header_rows), "their texts "
                  "complete each other")}  # fmt: skip
    if sheet.grid.units_row is not None:
        place["units_row"] = sheet.grid.units_row
    finished = settled(table)
    return replace(finished, sheet=sheet.name, place=place)


def _have_units(tests: Mapping[str, Mapping[str, Guess]]) -> bool:
    return any("unit" in meaning for meaning in tests.values())


def _values(sheets: Sequence[Sheet]) -> dict[str, Guess]:
    """How numbers and dates are written."""
    decimal, thousands = marks_in(sheets)
    values = {"decimal": decimal} | ({"thousands": thousands} if thousands.value else {})
    dates = dates_in(sheets)
    if dates.date is not None:
        values["date"] = dates.date
    if dates.timestamp is not None:
        values |= {"timestamp": dates.timestamp, "time_zone": undecided(_ZONE)}
    return values


def _notes(sheets: Sequence[Sheet]) -> list[str]:
    notes = [f"column {field} is declared as a date; {why}" for field, why in dates_in(sheets).unread.items()]
    torn = sum(sheet.grid.torn_rows for sheet in sheets)
    if torn:
        notes.append(f"rows with more or fewer cells than the header, which intake rejects: {torn}")
    return notes
