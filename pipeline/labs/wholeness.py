"""What the readings of one format, each sound by itself, may still say against each other."""

from collections.abc import Iterator

from pipeline.labs.headers import plain
from pipeline.labs.model import LabFormat

# Record slots of one row; messages may multiply them by the components of an observation.
MAX_READINGS = 200
MAX_MESSAGE_TABLES = 20
Complaint = tuple[tuple[str, ...], str]


def whole_complaints(lab_format: LabFormat) -> Iterator[Complaint]:
    """Every contradiction of a whole format: the keys it is about and what is wrong, in one line."""
    yield from _records(lab_format)
    yield from _sheets(lab_format)
    yield from _too_many(lab_format)
    if lab_format.shape.is_message:
        yield from _messages(lab_format)
    else:
        yield from _headers(lab_format)


def _records(lab_format: LabFormat) -> Iterator[Complaint]:
    for key, given in (("tests", lab_format.tests), ("performing_labs", lab_format.performing_labs)):
        if given and "titre" not in lab_format.records:
            yield (key,), "belongs to titre formats, this one declares none"
    for reading in lab_format.all_readings:
        if reading.may_be_empty and (reading.record != "titre" or reading.columns["result"].source is None):
            yield (*reading.written_at, "if_empty"), "belongs to titres whose result stands in a column"


def _sheets(lab_format: LabFormat) -> Iterator[Complaint]:
    sheets = {reading.sheet for reading in lab_format.all_readings}
    if lab_format.shape.form != "workbook" and (sheets != {None} or lab_format.ignored_sheets):
        yield ("tables",), "only workbooks have sheets"
    if len(sheets) > 1 and None in sheets:
        yield ("tables",), "give every table its `sheet:`, or none"


def _messages(lab_format: LabFormat) -> Iterator[Complaint]:
    is_shared = len(lab_format.all_readings) > 1
    if len(lab_format.all_readings) > MAX_MESSAGE_TABLES:
        yield ("tables",), f"a message can be read by {MAX_MESSAGE_TABLES} tables at most"
    if is_shared and any(reading.when is None for reading in lab_format.all_readings):
        yield ("tables",), "a row of a message holds one record: say by `when:` which rows each table is for"


def _too_many(lab_format: LabFormat) -> Iterator[Complaint]:
    for sheet in dict.fromkeys(reading.sheet for reading in lab_format.all_readings):
        if sum(reading.sheet == sheet for reading in lab_format.all_readings) > MAX_READINGS:
            yield ("tables",), f"a row can hold {MAX_READINGS} records at most"


def _headers(lab_format: LabFormat) -> Iterator[Complaint]:
    for exclusion in lab_format.exclusions:
        if exclusion.column not in lab_format.headers:
            yield ("exclude",), f"header {exclusion.column!r} is neither mapped nor ignored"
    for sheet in dict.fromkeys(reading.sheet for reading in lab_format.all_readings):
        yield from _headers_of(lab_format, sheet)


def _headers_of(lab_format: LabFormat, sheet: str | None) -> Iterator[Complaint]:
    """Whether the headers of one table can be told apart, from each other and from running text."""
    readings = [reading for reading in lab_format.all_readings if reading.sheet == sheet]
    names = {name for reading in readings for name in (*reading.headers, *reading.other_headers)}
    if len(names) < 2:
        yield (*readings[0].written_at, "columns"), "a table of fewer than two columns cannot be told from running text"
    spellings = [plain(name) for name in names]
    for name in {name for name in spellings if spellings.count(name) > 1}:
        yield (*readings[0].written_at, "columns"), f"header {name!r} is named twice; case and spaces tell none apart"
