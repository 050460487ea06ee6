"""What the schema cannot say about a lab YAML: fields, words and regular expressions that contradict each other."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipeline.errors import SettingsError
from pipeline.labs.dates import shape_of
from pipeline.labs.document import Lines, where
from pipeline.labs.fields import FIELDS, REQUIRED, RESPONSE, TEXT_WITH_WORDS
from pipeline.labs.model import Column, LabFormat
from pipeline.labs.places import is_place
from pipeline.labs.wholeness import whole_complaints
from pipeline.records import LANDED, VOCABULARY

Complaint = tuple[tuple[str, ...], str]
# DuckDB gives a name to the first group, which fails where there is none.
_HAS_GROUP = "SELECT regexp_extract('', ?, ['first'])"
# HL7 v2 table 0085: what a status may not be turned into.
_HL7_STATUS = {
    "C": ("corrected",), "D": ("withdrawn",), "W": ("withdrawn",), "P": ("preliminary",), "R": ("preliminary",),
    "I": ("preliminary",), "S": ("preliminary",), "F": ("final",), "U": ("confirmed",),
}  # fmt: skip


def check_sound(path: Path, lines: Lines, lab_format: LabFormat) -> None:
    """Nothing when the declaration makes sense; else SettingsError naming file, line and key of the first complaint."""
    for keys, message in complaints(lab_format):
        raise SettingsError(f"{where(path, lines, *keys)}: {message}")


def complaints(lab_format: LabFormat) -> Iterator[Complaint]:
    """Every contradiction: the keys it is about and what is wrong, in one line."""
    for reading in lab_format.all_readings:
        for part in (_fields, _record, _words, _headers, _meanings, _statuses, _dates, _patterns, _places):
            for keys, message in part(reading):
                is_of_table = keys[0] in ("columns", "slots", "when", "if_empty")
                yield ((*reading.written_at, *keys) if is_of_table else keys), message
    yield from whole_complaints(lab_format)


def _fields(lab_format: LabFormat) -> Iterator[Complaint]:
    known = FIELDS[lab_format.record]
    for name in lab_format.columns:
        if name not in known:
            yield ("columns", name), f"unknown field of {lab_format.record}; known are {', '.join(known)}"
    for name in REQUIRED[lab_format.record]:
        if name not in lab_format.columns:
            yield ("columns",), f"{name} is missing; map it with `from:` or give the constant with `value:`"


def _record(lab_format: LabFormat) -> Iterator[Complaint]:
    if lab_format.record != "titre":
        return
    if not lab_format.performing_labs:
        yield ("performing_labs",), "declare the laboratories that measure these results, at least one"
    for name in ("antigen", "isotype"):
        if name not in lab_format.columns and not lab_format.tests:
            yield ("columns",), f"{name} is in no column; declare what each test code means under `tests:`"
    if lab_format.tests and "test_code" not in lab_format.columns:
        yield ("tests",), "needs the column test_code"


def _words(lab_format: LabFormat) -> Iterator[Complaint]:
    for name, column in lab_format.columns.items():
        coded = name in VOCABULARY
        if coded and column.source is not None and column.words is None and column.words_by is None:
            yield ("columns", name), "a coded column needs `words:` (or `words_by:`), each word and what it means"
        if not coded and name not in TEXT_WITH_WORDS and (column.words is not None or column.words_by is not None):
            yield ("columns", name), "is not coded, `words:` means nothing here"
        if column.no_response and (name not in RESPONSE or column.source is None):
            yield ("columns", name), f"`no_response:` is for cells of {', '.join(sorted(RESPONSE))}"
        if column.words is not None and column.words_by is not None:
            yield ("columns", name), "give `words:` or `words_by:`, not both"
        yield from _outside_vocabulary(name, column)
        kind = LANDED[lab_format.record].get(name, "VARCHAR")
        if column.constant is not None and not _accepts(f"SELECT CAST(? AS {kind})", column.constant):
            yield ("columns", name, "value"), f"is no {kind} (dates are written YYYY-MM-DD here)"
        if column.words_by is not None:
            yield from _other_column(lab_format, name, column.words_by[0])


def _outside_vocabulary(name: str, column: Column) -> Iterator[Complaint]:
    allowed = VOCABULARY.get(name)
    if allowed is None:
        return
    by = column.words_by[1] if column.words_by else {}
    meanings = [*(column.words or {}).values(), *(meaning for words in by.values() for meaning in words.values())]
    for meaning in [*meanings, *([column.constant] if column.constant is not None else [])]:
        if meaning not in allowed:
            yield ("columns", name), f"{meaning!r} is no {name}; allowed are {', '.join(allowed)}"


def _other_column(lab_format: LabFormat, name: str, other: str) -> Iterator[Complaint]:
    if other == name or other not in lab_format.columns or other not in VOCABULARY:
        yield ("columns", name, "words_by"), f"{other!r} is not another coded column of this format"
    elif lab_format.columns[other].words_by is not None:
        yield ("columns", name, "words_by"), f"{other!r} has `words_by:` itself; one step is the limit"
    elif unknown := [
        value for value in (lab_format.columns[name].words_by or ("", {}))[1] if value not in VOCABULARY[other]
    ]:
        yield ("columns", name, "words_by"), f"{unknown[0]!r} is no {other}; allowed are {', '.join(VOCABULARY[other])}"


def _headers(lab_format: LabFormat) -> Iterator[Complaint]:
    mapped = {name for column in lab_format.columns.values() for name in (column.source, *column.others) if name}
    for key, named in (("ignore", lab_format.ignored), ("keep", lab_format.kept)):
        for header in mapped.intersection(named):
            yield (key,), f"header {header!r} is mapped under columns and named here as well"
    for header in set(lab_format.kept).intersection(lab_format.ignored):
        yield ("keep",), f"header {header!r} is ignored as well"
    if not lab_format.shape.is_message:
        yield from _shape(lab_format)


def _shape(lab_format: LabFormat) -> Iterator[Complaint]:
    """What only forms with a header can get wrong."""
    shape = lab_format.shape
    if shape.decimal == shape.thousands or shape.delimiter in (shape.quote, "\n", "\r"):
        yield ("file",), "decimal, thousands, delimiter and quote contradict each other"
    if shape.header_rows > 1 and shape.form != "workbook":
        yield ("file", "header_rows"), "only a workbook's header takes several rows"


def _places(lab_format: LabFormat) -> Iterator[Complaint]:
    """What only messages can get wrong: places that are none, and the meaning of HL7's own status codes."""
    if not lab_format.shape.is_message:
        return
    is_hl7 = lab_format.shape.form == "hl7v2"
    for name, column in lab_format.columns.items():
        for place in (column.source, *column.others):
            if place is not None and not is_place(place, lab_format.shape.form):
                example = "OBX-3.1" if is_hl7 else "subject->identifier.value"
                yield ("columns", name), f"{place!r} is no place of a message (as {example})"
        words = column.words or {}
        for code, meanings in _HL7_STATUS.items() if is_hl7 and column.source == "OBX-11" else ():
            if words.get(code, meanings[0]) not in meanings:
                yield ("columns", name), f"status {code} is {' or '.join(meanings)} by HL7 table 0085"
    is_timed = "reported_at" in lab_format.columns and lab_format.columns["reported_at"].source is not None
    if is_hl7 and is_timed and lab_format.shape.time_zone is None:
        yield ("file", "time_zone"), "is missing: HL7 times without an offset are local (for example Europe/Berlin)"
    if lab_format.shape.footer or lab_format.shape.units_row:
        yield ("file",), "messages have no header, units row or footer"


def _meanings(lab_format: LabFormat) -> Iterator[Complaint]:
    for code, test in lab_format.tests.items():
        for name, meaning in (("antigen", test.antigen), ("isotype", test.isotype), ("specimen", test.specimen)):
            if meaning is not None and meaning not in VOCABULARY[name]:
                yield ("tests", code, name), f"{meaning!r} is no {name}; allowed are {', '.join(VOCABULARY[name])}"
            if meaning is None and name != "specimen" and name not in lab_format.columns:
                yield ("tests", code), f"{name} is missing, and no column gives it"
    for word in lab_format.comparator_words:
        if any(map(str.isdigit, word)) or not word.strip():
            yield ("result", "comparators"), f"{word!r} is no word before a value"
    for word in lab_format.result_words:
        if word in lab_format.no_result:
            yield ("result", "no_result"), f"{word!r} is under words as well"
    constant = lab_format.columns["performing_lab"].constant if lab_format.record == "titre" else None
    if constant is not None and constant not in lab_format.performing_labs:
        yield ("columns", "performing_lab"), f"{constant!r} is not declared under performing_labs"


def _statuses(lab_format: LabFormat) -> Iterator[Complaint]:
    status = lab_format.columns.get("status")
    for word in lab_format.no_result_statuses if lab_format.record == "titre" else ():
        if status is None or word not in (status.words or {}):
            yield ("result", "no_result_status"), f"{word!r} is no declared word of status"


def _dates(lab_format: LabFormat) -> Iterator[Complaint]:
    shape = lab_format.shape
    for key, date_format in (("date", shape.date), ("timestamp", shape.timestamp)):
        if date_format is not None:
            try:
                shape_of(date_format)
            except ValueError as error:
                yield ("file", key), str(error)
    if shape.timestamp is not None and shape.zone_of_instants is None and "%z" not in shape.timestamp:
        yield (
            ("file", "timestamp"),
            "needs `time_zone:`, the zone these times are written in (for example Europe/Berlin)",
        )
    if shape.time_zone is not None and not _accepts("SELECT TIMESTAMP '2000-01-01' AT TIME ZONE ?", shape.time_zone):
        yield ("file", "time_zone"), "is no time zone of the IANA list (for example Europe/Berlin)"
    reported = lab_format.columns.get("reported_at")
    has_time = "%H" in shape.date or "%I" in shape.date
    if has_time and reported is not None and reported.source is not None and shape.timestamp is None:
        yield ("file", "timestamp"), "is missing: by `date:` alone reported_at would lose its time of day"


def _patterns(lab_format: LabFormat) -> Iterator[Complaint]:
    patterns: list[tuple[tuple[str, ...], str | None]]
    patterns = [(("columns", name), column.matches) for name, column in lab_format.columns.items()]
    patterns += [(("when",), lab_format.when.matches)] if lab_format.when else []
    patterns += [(("exclude", str(place)), exclusion.matches) for place, exclusion in enumerate(lab_format.exclusions)]
    footer = lab_format.shape.footer
    patterns += [(("file", "footer"), footer.matches), (("file", "footer"), footer.stated_rows)] if footer else []
    for keys, pattern in patterns:
        if pattern is not None and not _accepts("SELECT regexp_matches('', ?)", pattern):
            yield keys, "is no regular expression that DuckDB (RE2) understands"
    if footer and footer.stated_rows is not None and not _accepts(_HAS_GROUP, footer.stated_rows):
        yield ("file", "footer", "stated_rows"), "needs a group ( ) around the number"


def _accepts(query: str, value: str) -> bool:
    try:
        duckdb.connect(config={"threads": 1}).execute(query, [value]).fetchall()
    except duckdb.Error:
        return False
    return True
