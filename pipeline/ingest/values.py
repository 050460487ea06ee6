"""SQL that turns one text into one typed value, strictly: a shape first, then the cast. NULL is "cannot be read".

DuckDB's casts forgive (`1e3`, `1_000`, ` 7 `, `2024-1-2`), so no text reaches one before its shape is proven.
"""

import re

from pipeline.ingest.expressions import WIDE_SPACES, full_match, literal
from pipeline.labs.dates import shape_of
from pipeline.labs.model import FileShape

# A spreadsheet writes a long number as 1.23457E+11: such an identifier has lost its digits.
_EXPONENT = r"[0-9]+([.,][0-9]+[eE][+-]?|[eE][+-])[0-9]+"


def is_well_formed(text: str, pattern: str | None) -> str:
    """Whether an identifier is of the declared pattern and no number in scientific notation; NULL when missing."""
    matches = f"{full_match(text, pattern)} AND " if pattern else ""
    return f"CASE WHEN {text} IS NOT NULL THEN {matches}NOT {full_match(text, _EXPONENT)} END"


def date(text: str, date_format: str) -> str:
    """The date of a text that is exactly of the declared format and exists in the calendar."""
    return f"CASE WHEN {full_match(text, shape_of(date_format))} THEN {_parsed_date(text, date_format)} END"


def parsed(text: str, date_format: str) -> str:
    """The day and time of a text that is exactly of the format, whatever its zone; NULL for any other."""
    return f"CASE WHEN {full_match(text, shape_of(date_format))} THEN try_strptime({text}, {literal(date_format)}) END"


def _parsed_date(text: str, date_format: str) -> str:
    if date_format == "%Y-%m-%d":
        return f"TRY_CAST({text} AS DATE)"
    return f"CAST(try_strptime({text}, {literal(date_format)}) AS DATE)"


def instant(text: str, shape: FileShape) -> str:
    """The UTC instant of a text in the declared timestamp format; a bare date is its midnight, whatever the zone."""
    cases = ""
    if shape.timestamp is not None:
        local = f"try_strptime({text}, {literal(shape.timestamp)})"
        utc = f"timezone('UTC', timezone({literal(shape.zone_of_instants)}, {local}))"
        cases = f"WHEN {full_match(text, shape_of(shape.timestamp))} THEN {utc} "
    bare = f"CAST({_parsed_date(text, shape.date)} AS TIMESTAMP)"
    return f"CASE {cases}WHEN {full_match(text, shape_of(shape.date))} THEN {bare} END"


def number_pattern(shape: FileShape) -> str:
    """The shape of an unsigned number with the declared decimal mark and thousands separator."""
    decimal = re.escape(shape.decimal)
    patterns = [f"[0-9]{{1,15}}(?:{decimal}[0-9]{{1,20}})?", f"{decimal}[0-9]{{1,20}}"]
    if shape.thousands:
        patterns.append(f"[1-9][0-9]{{0,2}}(?:{_separator(shape)}[0-9]{{3}}){{1,4}}(?:{decimal}[0-9]{{1,20}})?")
    return f"(?:{'|'.join(patterns)})"


def plain_number(text: str, shape: FileShape) -> str:
    """A text of `number_pattern` in the notation that casts read: no separators, a point."""
    plain = text
    if shape.thousands:
        plain = f"regexp_replace({plain}, {literal(_separator(shape))}, '', 'g')"
    return f"replace({plain}, ',', '.')" if shape.decimal == "," else plain


def _separator(shape: FileShape) -> str:
    return {" ": f"[ {WIDE_SPACES}]", "'": "['\u2019]"}.get(shape.thousands, re.escape(shape.thousands))


def measurement(text: str, shape: FileShape) -> str:
    """A DECIMAL(18,6), rounded on purpose: a millionth of a millivolt or millisecond is no measurement."""
    value = f"TRY_CAST({plain_number(text, shape)} AS DECIMAL(18,6))"
    return f"CASE WHEN {full_match(text, '-?' + number_pattern(shape))} THEN {value} END"


def whole_number(text: str) -> str:
    """An integer of at most six digits (years and ages)."""
    return f"CASE WHEN {full_match(text, '[0-9]{1,6}')} THEN TRY_CAST({text} AS INTEGER) END"
