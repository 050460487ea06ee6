"""FHIR R4 files (NDJSON, Bundles, arrays) as a table of results.

A row is a resource: a line of NDJSON, an entry of a Bundle. Every Observation with a value, or with the reason why it
has none, becomes one line, with components one line each; every other resource is layout and answers references.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.labs.model import FileShape
from pipeline.labs.places import Step, path_of
from pipeline.readers.fhir.file import FhirFile, Row
from pipeline.readers.fhir.json import Json, compact
from pipeline.readers.fhir.path import names_behind_references, text_at
from pipeline.readers.fhir.references import References
from pipeline.readers.fhir.values import is_value, unit, value
from pipeline.readers.message_table import MessageTable
from pipeline.readers.moments import FHIR_MOMENT, local_date, utc_instant
from pipeline.readers.text_table import TextTable, Unreadable, Wanted

# No panel has as many; each is a record slot, and slots have twelve bits in the number of a row.
MAX_RESULTS = 200
_START = re.compile(rb'\s*(?:\{\s*(?:["}]|\Z)|\[\s*(?:[{\]]|\Z))')
_OF_THE_PART = ("code", "dataAbsentReason", "interpretation", "referenceRange")
_SPECIAL = {"value": value, "unit": unit}


def looks_like_fhir(head: bytes) -> bool:
    """Whether the first bytes of a file can be those of FHIR as JSON; the reader proves whether it is."""
    return _START.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def raw_fhir_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every row of the file as it was sent: its number and its JSON on one line. Raises Unreadable."""
    for row in FhirFile(path).rows():
        yield row.number, [compact(row.text)]


def read_fhir(path: Path, shape: FileShape, wanted: Sequence[Wanted], target: Path) -> TextTable:
    """The results of the file with the cells at the `wanted` addresses, written to `target`. Raises Unreadable."""
    file = FhirFile(path)
    rows, has_resource = file.count(), False
    cells = _Cells(wanted, shape, file)
    with MessageTable(target, [one.address for one in wanted]) as table:
        for row in file.rows():
            has_resource |= row.resource is not None
            _account(table, row, cells)
        if rows and not has_resource:
            raise Unreadable("not_fhir", "no row of the file is a FHIR resource")
        return table.finished(rows, {"bundle_has_more_pages": 1} if file.has_more_pages else {})


def _account(table: MessageTable, row: Row, cells: "_Cells") -> None:
    if row.problem is not None:
        table.reject(row.number, row.problem)
    elif row.resource is None:
        table.layout(row.number, "blank")
    elif observations := _observations(row.resource):
        parts = [one for observation in observations for one in _parts(observation)]
        if len(parts) > MAX_RESULTS:
            table.reject(row.number, "too_many_results")
            return
        lines = [cells.line(one, row.resource) for one in parts]
        if any(not _is_encodable(cell) for line in lines for cell in line):
            table.reject(row.number, "not_json")
        elif lines:
            table.records(row.number, lines)
        else:
            table.layout(row.number, "panel_parent")
    else:
        table.layout(row.number, "other_resource")


def _observations(resource: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The resource when it is an Observation, and those it contains, as a report may contain its results."""
    contained = resource.get("contained")
    several = [resource, *(contained if isinstance(contained, list) else [])]
    return [dict(one) for one in several if isinstance(one, Mapping) and one.get("resourceType") == "Observation"]


def _parts(observation: Mapping[str, Json]) -> list[dict[str, Json]]:
    """An Observation for each result in it: its own, then its components, which have the rest in common.

    None when it only groups others. A component without value and reason takes the reason of the whole.
    """
    components = observation.get("component")
    has_value = any(map(is_value, observation))
    is_alone = has_value or "dataAbsentReason" in observation or not observation.get("hasMember")
    if not isinstance(components, list) or not components:
        return [dict(observation)] if is_alone else []
    common = {name: found for name, found in observation.items() if not is_value(name) and name not in _OF_THE_PART}
    parts = [dict(observation)] if has_value else []
    for component in components:
        part = common | (component if isinstance(component, dict) else {})
        if not any(map(is_value, part)) and "dataAbsentReason" in observation:
            part.setdefault("dataAbsentReason", observation["dataAbsentReason"])
        parts.append(part)
    return parts


def _is_encodable(cell: str) -> bool:
    """Whether the text can be written at all: JSON may spell half a character."""
    return cell.isascii() or not re.search("[\ud800-\udfff]", cell)


class _Cells:
    """The cells of a result at the places a format asks for."""

    def __init__(self, wanted: Sequence[Wanted], shape: FileShape, file: FhirFile) -> None:
        self._wanted = [(one, path_of(one.address)) for one in wanted]
        self._zone = ZoneInfo(shape.time_zone) if shape.time_zone else None
        names = set[str]().union(*(names_behind_references(path) for _, path in self._wanted))
        self._references = References(file.rows() if names else (), names)

    def line(self, observation: Mapping[str, Json], container: Mapping[str, Json]) -> list[str]:
        return [self._cell(observation, container, one, path) for one, path in self._wanted]

    def _cell(
        self, observation: Mapping[str, Json], container: Mapping[str, Json], one: Wanted, path: tuple[Step, ...]
    ) -> str:
        if one.address in _SPECIAL:
            return _SPECIAL[one.address](observation)
        text = text_at(observation, path, self._references.within(container))
        if one.kind == "date":
            return local_date(text, FHIR_MOMENT)
        return utc_instant(text, FHIR_MOMENT, self._zone) if one.kind == "instant" else text
