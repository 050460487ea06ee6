"""One export on its way through intake."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.ingest.arrivals import Arrival
from pipeline.labs import FileShape, Identified, LabFormat, identify
from pipeline.readers import Prepared, prepare, read_header


@dataclass(slots=True)
class Member:
    """An arrival with its bytes at `path`, what it was recognised as, and what its reader says of it.

    `problem` (reason code, detail) holds the whole file; `lost` names a difference between the rows counted from the
    bytes and the rows accounted for, after which nothing of the arrival may be landed.
    """

    arrival: Arrival
    path: Path
    format: LabFormat | None
    header: tuple[str, ...]
    prepared: Prepared
    problem: tuple[str, str] | None = None
    lost: str | None = None

    @property
    def is_readable(self) -> bool:
        """Whether its rows become records."""
        return self.problem is None and self.lost is None and self.prepared.path is not None


def examine(arrival: Arrival, path: Path, formats: tuple[LabFormat, ...], copy: Path) -> Member:
    """An arrival recognised and proven readable, or with the problem that holds it."""
    if arrival.bytes == 0:
        return Member(arrival, path, None, (), Prepared(0), ("file_empty", "the file has no bytes; send it again"))
    found: Identified = identify(formats, arrival.lab, arrival.file_name, lambda form: read_header(path, form.shape))
    if found.format is None:
        return Member(arrival, path, None, (), _counted(path, formats, arrival.lab, copy), (found.reason or "", found.detail or ""))
    prepared = prepare(path, found.format.shape, copy)
    return Member(arrival, path, found.format, found.header, prepared, prepared.problem)


def _counted(path: Path, formats: tuple[LabFormat, ...], lab: str, copy: Path) -> Prepared:
    """The rows of a file that no format recognises, counted as the laboratory's formats (or plain CSV) would."""
    shapes = [form.shape for form in formats if form.lab == lab] or [FileShape()]
    return Prepared(prepare(path, shapes[0], copy).rows)
