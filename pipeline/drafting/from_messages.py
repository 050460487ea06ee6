"""HL7 v2 and FHIR files as a table whose headers are places, read by the very readers that intake uses."""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.drafting.columns import Assigned
from pipeline.drafting.findings import Guess
from pipeline.drafting.grid import Grid
from pipeline.drafting.lexicon import lexicon, plain
from pipeline.labs.model import FileShape
from pipeline.readers.fhir import read_fhir
from pipeline.readers.hl7v2 import read_hl7v2
from pipeline.readers.text_table import Wanted

_ROWS = 200_000
# Where a field usually stands, the likeliest place first; the first that is filled in the example is taken.
_PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "hl7v2": {
        "patient_id": ("PID-3.1", "PID-2.1", "PID-4.1"),
        "accession": ("SPM-2.1", "OBR-3.1", "OBR-2.1", "ORC-3.1"),
        "test_code": ("OBX-3.1", "OBX-3.4"),
        "collected_on": ("OBR-7", "SPM-17.1", "OBX-14"),
        "received_on": ("SPM-18", "OBR-14"),
        "reported_at": ("OBR-22", "OBX-19", "MSH-7"),
        "performing_lab": ("OBX-15.1", "OBX-23.10", "OBX-23.1"),
        "specimen": ("SPM-4.1", "OBR-15.1"),
        "result": ("OBX-5",),
        "unit": ("OBX-6.1",),
        "lab_flag": ("OBX-8",),
        "status": ("OBX-11",),
    },
    "fhir": {
        "patient_id": ("subject->identifier.value", "subject.identifier.value", "subject.reference"),
        "accession": ("specimen->accessionIdentifier.value", "specimen->identifier.value", "identifier.value"),
        "test_code": ("code.coding.code", "code.text"),
        "collected_on": ("effectiveDateTime", "specimen->collection.collectedDateTime", "effectivePeriod.start"),
        "received_on": ("specimen->receivedTime",),
        "reported_at": ("issued",),
        "performing_lab": ("performer->identifier.value", "performer.identifier.value", "performer->name", "performer.display"),
        "specimen": ("specimen->type.coding.code", "specimen->type.text", "specimen.display"),
        "result": ("value",),
        "unit": ("unit",),
        "lab_flag": ("interpretation.coding.code",),
        "status": ("status",),
    },
}  # fmt: skip
# What a test is called, to guess what its code stands for; never written into a draft.
_NAMES = {"hl7v2": ("OBX-3.2", "OBX-3.5"), "fhir": ("code.text", "code.coding.display")}
_KINDS = {"collected_on": "date", "received_on": "date", "reported_at": "instant", "result": "result", "unit": "unit"}
_STATUSES = {"hl7v2": "HL7 table 0085", "fhir": "FHIR"}


@dataclass(frozen=True, slots=True)
class Messages:
    """The results of a file of messages as a table, what its columns are, and what each test code is called."""

    grid: Grid
    assigned: Assigned
    names: Mapping[str, str]


def messages_in(path: Path, form: str, encoding: str) -> Messages:
    """The results of the example at every place a field usually stands; empty places are left out."""
    places = _PLACES[form]
    wanted = {place: Wanted(place, _KINDS.get(field, "text")) for field, listed in places.items() for place in listed}
    wanted |= {place: Wanted(place) for place in _NAMES[form]}
    rows = _rows(path, form, encoding, list(wanted.values()))
    filled = {place for at, place in enumerate(wanted) if any(row[at] for row in rows)}
    fields = {
        field: found for field, listed in places.items() if (found := next((p for p in listed if p in filled), None))
    }
    header = tuple(wanted)
    at = {field: header.index(place) for field, place in fields.items()}
    grid = Grid(Guess("1"), header, tuple(rows))
    secret = [at[field] for field in ("patient_id", "accession") if field in at]
    identifiers = frozenset(plain(row[position]) for row in rows for position in secret)
    why = f"{len(rows)} results in {'HL7 v2 messages' if form == 'hl7v2' else 'FHIR observations'}"
    return Messages(
        grid,
        Assigned("titre", why, at, (), {}, identifiers, "the place where it usually stands"),
        _named(grid, at, form),
    )


def status_words(form: str) -> dict[str, Guess]:
    """Every status code of the standard with its meaning, also those that the example does not hold."""
    name = _STATUSES[form]
    codes = lexicon()["status_codes"][name]
    return {code: Guess(meaning, f"as in {name}") for code, meaning in codes.items() if meaning != "TODO"}


def _rows(path: Path, form: str, encoding: str, wanted: Sequence[Wanted]) -> list[tuple[str, ...]]:
    read = read_hl7v2 if form == "hl7v2" else read_fhir
    with tempfile.TemporaryDirectory(prefix="gm1-draft-") as folder:
        shape = FileShape(form=form, encoding=encoding, time_zone="UTC")
        table = read(path, shape, wanted, Path(folder) / "results")
        with table.path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            return [tuple(cells[2:]) for _, cells in zip(range(_ROWS), lines, strict=False)]


def _named(grid: Grid, at: Mapping[str, int], form: str) -> dict[str, str]:
    """What each test code is called, by the first of its names."""
    if "test_code" not in at:
        return {}
    names: dict[str, str] = {}
    for place in _NAMES[form]:
        position = grid.header.index(place)
        for row in grid.records:
            if row[position]:
                names.setdefault(row[at["test_code"]], row[position])
    return names
