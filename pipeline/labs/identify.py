"""Which declared format a file is written in: decided by laboratory, file name, form and header, never by its values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pipeline.labs.headers import difference, fitted, has_identifier, plain
from pipeline.labs.model import LabFormat

# Widest exports seen have some two hundred columns; a header far beyond that is a damaged file or no table.
MOST_COLUMNS = 2000
# Of one sheet (None: the file is no workbook): is it empty, and the header cells that a reading's shape finds there.
SheetHeader = Callable[[LabFormat], list[str] | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the file as identification sees it."""

    name: str | None
    is_empty: bool
    header: SheetHeader


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table that readings of the format read: its declared headers in the order of the file, and as written there."""

    sheet: str | None
    readings: tuple[LabFormat, ...]
    header: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """The format and its tables; or, with `format` None, why the whole file is held.

    `other_sheets` are ignored by the format or empty. `nearest` is the format the file probably was meant to be in,
    where its name and laboratory fit one.
    """

    format: LabFormat | None
    tables: tuple[FoundTable, ...] = ()
    other_sheets: tuple[str, ...] = ()
    reason: str | None = None
    detail: str | None = None
    nearest: LabFormat | None = None


@dataclass(slots=True)
class _Attempt:
    """How far a file could be read as one format; `closeness` is how many declared headers are there."""

    form: LabFormat
    tables: list[FoundTable] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    complaint: tuple[str, str] | None = None
    closeness: int = 0


def identify(
    formats: Sequence[LabFormat],
    lab: str,
    file_name: str,
    sheets_as: Callable[[LabFormat], Sequence[Sheet] | None],
) -> Identified:
    """The one active format of `lab` whose file pattern, form and headers fit.

    `sheets_as` gives the sheets of the file when its content can be of a format's form, else None; it is asked only for
    formats whose laboratory and file pattern fit.
    """
    named = [
        form
        for form in formats
        if form.state == "active" and form.lab == lab and fnmatchcase(file_name, form.file_glob)
    ]
    if not named:
        return Identified(
            None,
            reason="format_unknown",
            detail=f"no active format of laboratory {lab} has a file pattern that fits the name",
        )
    attempts = [_attempt(form, sheets_as(form)) for form in named]
    fitting = [attempt for attempt in attempts if attempt.complaint is None]
    if len(fitting) > 1:
        ids = " and by ".join(attempt.form.id for attempt in fitting)
        return Identified(None, reason="two_formats", detail=f"recognised by {ids}", nearest=named[0])
    if fitting:
        found = fitting[0]
        return Identified(found.form, tuple(found.tables), tuple(found.others))
    nearest = max(attempts, key=lambda attempt: attempt.closeness)
    reason, detail = nearest.complaint or ("", "")
    return Identified(None, reason=reason, detail=f"{nearest.form.id}: {detail}", nearest=nearest.form)


def _attempt(form: LabFormat, sheets: Sequence[Sheet] | None) -> _Attempt:
    attempt = _Attempt(form)
    if sheets is None:
        attempt.complaint = ("other_form", f"the content is not of the declared form {form.shape.form}")
        return attempt
    by_sheet = _by_sheet(form)
    for sheet in sheets:
        patterns = [pattern for pattern in by_sheet if _names(pattern, sheet, form)]
        if len(patterns) > 1:
            attempt.complaint = ("two_tables", f"sheet {sheet.name} fits more than one table of the format")
        elif patterns:
            _fit(attempt, sheet, by_sheet[patterns[0]])
        elif not sheet.is_empty and not _is_ignored(form, sheet):
            attempt.complaint = ("sheet_undeclared", f"sheet {sheet.name} is neither read nor ignored")
        else:
            attempt.others.append(sheet.name or "")
    if None in by_sheet and len(attempt.tables) > 1:
        names = ", ".join(table.sheet or "" for table in attempt.tables)
        attempt.complaint = ("sheet_undeclared", f"the format names no sheet, and several hold something: {names}")
    missing = [pattern for pattern in by_sheet if not any(_names(pattern, sheet, form) for sheet in sheets)]
    if missing and attempt.complaint is None:
        attempt.complaint = ("sheet_missing", f"no sheet is named {missing[0] or '(any)'}")
    return attempt


def _by_sheet(form: LabFormat) -> Mapping[str | None, tuple[LabFormat, ...]]:
    sheets = dict.fromkeys(reading.sheet for reading in form.all_readings)
    return {sheet: tuple(one for one in form.all_readings if one.sheet == sheet) for sheet in sheets}


def _names(pattern: str | None, sheet: Sheet, form: LabFormat) -> bool:
    """Whether a table's pattern means this sheet; without a pattern it means the only one that is neither empty nor ignored."""
    if sheet.name is None:
        return True
    if pattern is None:
        return not sheet.is_empty and not _is_ignored(form, sheet)
    return fnmatchcase(sheet.name, pattern)


def _is_ignored(form: LabFormat, sheet: Sheet) -> bool:
    return any(fnmatchcase(sheet.name or "", pattern) for pattern in form.ignored_sheets)


def _fit(attempt: _Attempt, sheet: Sheet, readings: tuple[LabFormat, ...]) -> None:
    first = readings[0]
    if first.shape.is_message:
        places = tuple(dict.fromkeys(name for reading in readings for name in reading.headers))
        attempt.tables.append(FoundTable(None, readings, places, places))
        return
    expected = tuple(dict.fromkeys(name for reading in readings for name in reading.headers))
    others = {other: name for reading in readings for other, name in reading.other_headers.items()}
    texts = tuple((cell or "").strip() for cell in sheet.header(first) or ())
    where = "" if sheet.name is None else f"sheet {sheet.name}: "
    if len(texts) > MOST_COLUMNS:
        attempt.complaint = ("too_many_columns_in_file", f"{where}the header has {len(texts):,} columns")
        return
    header = fitted(texts, expected, others)
    known = {plain(name) for name in (*expected, *others)}
    attempt.closeness += len(known & {plain(text) for text in texts})
    if header is not None:
        attempt.tables.append(FoundTable(sheet.name, readings, header, texts))
        return
    code = "identifier_columns" if has_identifier(texts, known) else "header_differs"
    attempt.complaint = (code, where + difference(texts, expected, others, first.shape.header_row))
