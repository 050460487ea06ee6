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
        shape = found.nearest.shape if found.nearest else FileShape()
        prepared = prepare(path, shape, copy)
        problem = (found.reason or "", found.detail or "")
        # a file that is damaged or in another encoding is told as that, not by the header nobody could read
        if found.reason == "header_differs" and prepared.problem is not None:
            problem = prepared.problem
        return Member(arrival, path, None, (), Prepared(prepared.rows), problem)
    prepared = prepare(path, found.format.shape, copy)
    return Member(arrival, path, found.format, found.header, prepared, prepared.problem)
