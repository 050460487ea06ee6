"""Values that contradict what the YAML says of the whole file: dates or numbers written another way, identifiers.

Where 13/02 stands in a file of month/day, 02/03 may stand for the second of March, and nothing in that row would show it.
One such value is a slip, whose row is rejected; more of them say that rows were written in two ways, so the file is held
until it is sent again, or a named person releases it.
"""

from collections.abc import Iterator, Sequence

from pipeline.ingest.batch import Batch, Origin, Part
from pipeline.ingest.expressions import full_match, literal
from pipeline.ingest.parse import NAMED
from pipeline.ingest.values import parsed
from pipeline.labs import LabFormat
from pipeline.labs.model import TITRE_UNIT
from pipeline.records import LANDED

# How many contradicting values a file may have before they are more than slips of the pen.
_SLIPS = 1
_DAY, _MONTH = ("%d", "%-d"), ("%m", "%-m")


def hold_doubtful(batch: Batch, parts: Sequence[Part]) -> None:
    """Hold every file of some parts with a value that contradicts the file's declaration."""
    for part in parts:
        for code, detail, condition in _doubts(part.format):
            enough = _SLIPS + 1 if code != "identifier_values" else 1
            query = (f"SELECT file, count(*), min({part.row_number}) FROM {part.table} "
                     f"WHERE layout IS NULL AND intake_disposition IS DISTINCT FROM 'excluded' AND ({condition}) "
                     f"GROUP BY file HAVING count(*) >= {enough} ORDER BY file")  # fmt: skip
            for at, rows, first in batch.connection.execute(query).fetchall():
                origin = part.origins[at]
                origin.member.hold(
                    code, f"{detail} in {rows} rows, first in row {first - origin.table.above}{_sheet(origin)}"
                )


def _sheet(origin: Origin) -> str:
    return f" of sheet {origin.table.sheet}" if origin.table.sheet is not None else ""


def _doubts(reading: LabFormat) -> Iterator[tuple[str, str, str]]:
    """(reason code, what stands where, SQL condition) for every mapped column that can contradict the declaration."""
    mapped = {name: column for name, column in reading.columns.items() if column.source is not None}
    for name, column in mapped.items():
        kind = LANDED[reading.record].get(name, "")
        for text_format in _formats(reading, kind):
            if swapped := swapped_format(text_format):
                yield ("dates_contradict_format", f"{column.source}: day and month are swapped",
                       f"{name} IS NULL AND {parsed(f'{name}_text', swapped)} IS NOT NULL")  # fmt: skip
        if kind.startswith("DECIMAL"):
            yield ("decimal_mark_contradicts", f"{column.source}: the other decimal mark stands",
                   f"{name} IS NULL AND {full_match(f'{name}_text', other_mark(reading))}")  # fmt: skip
    if "result" in mapped:
        is_number = f"unit <> {literal(TITRE_UNIT)} AND {full_match('result_text', other_mark(reading))}"
        yield ("decimal_mark_contradicts", f"{mapped['result'].source}: the other decimal mark stands",
               f"result_problem = 'unreadable' AND {is_number}")  # fmt: skip
    if "accession" in mapped:
        yield ("identifier_values", f"{mapped['accession'].source}: what looks like a name or address stands",
               full_match("accession", NAMED))  # fmt: skip
    yield (
        "identifier_values",
        "patient identifier: what looks like a name or address stands",
        "patient_id_looks_named",
    )


def _formats(reading: LabFormat, kind: str) -> list[str]:
    """The declared formats of a column of dates or of instants."""
    shape = reading.shape
    return [one for one in (shape.date, shape.timestamp if kind == "TIMESTAMP" else None) if one] \
        if kind in ("DATE", "TIMESTAMP") else []  # fmt: skip


def swapped_format(date_format: str) -> str | None:
    """The format with day and month changed over; None where they cannot be mistaken for each other."""
    day = next((one for one in _DAY if one in date_format), None)
    month = next((one for one in _MONTH if one in date_format), None)
    if day is None or month is None or date_format.startswith(("%Y", "%y")):
        return None
    return date_format.replace(day, "\0").replace(month, day).replace("\0", month)


def other_mark(reading: LabFormat) -> str:
    """The shape of a number with the decimal mark that was not declared, and not with three digits behind it."""
    mark = r"\." if reading.shape.decimal == "," else ","
    return f"[<>=]*-?[0-9]{{1,6}}{mark}([0-9]{{1,2}}|[0-9]{{4,6}})"
