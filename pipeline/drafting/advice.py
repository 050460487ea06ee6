"""What is legal in a lab YAML and unwise all the same, and which of its laboratories have cut-offs."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.labs.model import LabFormat
from pipeline.rulebook import Rulebook

_GUESS = re.compile(r"#\s*guess:")
_MOST_NAMED = 8


def warnings_about(lab_format: LabFormat, others: Sequence[LabFormat], book: Rulebook) -> list[str]:
    """One line for each unwise thing; `others` are the formats it lives beside."""
    path = Path(lab_format.origin)
    found = [
        *_of_its_text(path),
        *_of_recognition(lab_format, others),
        *_of_the_file(lab_format),
        *_of_records(lab_format),
        *_of_cutoffs(lab_format, book),
    ]
    return [f"{path}: {message}" for message in found]


def without_cutoffs(lab_format: LabFormat, book: Rulebook) -> tuple[str, ...]:
    """The performing laboratories of a format that have no active cut-off in the rulebook."""
    table = book.tables["rule_cutoff"]
    active = set(table.loc[table["state"].fillna("active") == "active", "performing_lab"])
    return tuple(name for name in lab_format.performing_labs if name not in active)


def _of_its_text(path: Path) -> Iterator[str]:
    lines = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if _GUESS.search(line)]
    if lines:
        named = ", ".join(str(number) for number in lines[:_MOST_NAMED])
        more = f" and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else ""
        yield f"guesses stand in the comments of lines {named}{more}; confirm each and delete its comment"


def _of_recognition(lab_format: LabFormat, others: Sequence[LabFormat]) -> Iterator[str]:
    if lab_format.state == "draft":
        yield "state: draft; it recognises no file until it says active"
    if re.fullmatch(r"[*?.]*(csv|txt|tsv|xlsx?|ods|hl7|json|ndjson)?", lab_format.file_glob):
        yield f"recognise.file: {lab_format.file_glob} fits every export of this laboratory"
    for other in others:
        is_same = other.lab == lab_format.lab and other.file_glob == lab_format.file_glob
        if is_same and other.id != lab_format.id:
            yield f"recognise.file: {other.id} has the same pattern; only the header tells the two apart"
    sharing = sorted({one.lab for one in others if one.namespace == lab_format.namespace and one.lab != lab_format.lab})
    if sharing:
        yield (f"patients.namespace: {lab_format.namespace} is shared with {', '.join(sharing)}; "
               "an identifier that both use is one patient")  # fmt: skip


def _of_the_file(lab_format: LabFormat) -> Iterator[str]:
    shape = lab_format.shape
    if shape.form in ("delimited", "hl7v2") and shape.encoding == "latin-1":
        yield "file.encoding: latin-1 fits any bytes and proves nothing; Windows systems write cp1252"
    if not shape.is_message and (shape.footer is None or shape.footer.stated_rows is None):
        yield "file.footer: no stated number of rows is declared; an export that was cut short cannot be told"


def _of_records(lab_format: LabFormat) -> Iterator[str]:
    for reading in lab_format.all_readings[:1]:
        patient = reading.columns.get("patient_id")
        if patient is not None and patient.matches is None:
            yield "columns.patient_id: no `matches:`; a shifted column or a damaged identifier cannot be told"
    titres = [reading for reading in lab_format.all_readings if reading.record == "titre"]
    if titres and not lab_format.tests:
        yield "tests: none declared; antigen and isotype rest on a single column each"
    if titres and not lab_format.exclusions:
        yield "exclude: none declared; controls and test patients would count as patients"
    for reading in titres[:1]:
        status = reading.columns.get("status")
        if status is not None and status.constant is not None:
            yield f"columns.status: every row is {status.constant}; corrections of this laboratory cannot be told"
        if status is not None and status.source is not None and len(status.words or {}) == 1:
            yield "columns.status: one word is declared; a corrected or withdrawn result would be rejected"


def _of_cutoffs(lab_format: LabFormat, book: Rulebook) -> Iterator[str]:
    if missing := without_cutoffs(lab_format, book):
        yield (f"performing_labs: no active cut-off for {', '.join(missing)}; "
               "numbers and titres of theirs are not evaluable")  # fmt: skip
