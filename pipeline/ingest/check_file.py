"""What intake would do with one file, without landing anything (`gm1 check FILE`)."""

import hashlib
import secrets
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.ingest.arrivals import Arrival, arrival_id, instant
from pipeline.ingest.batch import Batch
from pipeline.ingest.checking import check_batch
from pipeline.ingest.land import quarantine_rows
from pipeline.ingest.loading import load_batch
from pipeline.ingest.member import Member, examine
from pipeline.ingest.places import place
from pipeline.ingest.pseudonym import key_parameters
from pipeline.ingest.workspace import workspace
from pipeline.labs import load_labs
from pipeline.messages import explained, message
from pipeline.records import RECORDS
from pipeline.settings import Settings

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one row (None: the whole file) would be held or rejected; `place` is where a person finds it."""

    row_number: int | None
    place: str | None
    disposition: str
    check_or_reason: str
    severity: str | None
    why: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The format of a file, its rows by disposition and every reason; never a value."""

    file: str
    lab: str
    format_id: str | None
    held_reason: str | None
    held_detail: str | None
    rows: int
    rows_by_disposition: dict[str, int]
    reasons: tuple[Reason, ...]
    notes: dict[str, int]
    errors: tuple[str, ...]

    @property
    def is_refused(self) -> bool:
        """Whether a row or the whole file would be held or rejected."""
        return bool(self.reasons or self.errors)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A page for a terminal: the first reasons one by one, then all of them counted."""
        counted = ", ".join(f"{rows} {name}" for name, rows in self.rows_by_disposition.items()) or "none"
        lines = [
            f"{self.file}: laboratory {self.lab}, format {self.format_id or 'not recognised'}",
            f"{self.rows} rows: {counted}",
        ]
        if self.held_reason:
            lines.append(f"The whole file would be held: {self.held_reason} ({self.held_detail})")
        for one in self.reasons[:_SHOWN]:
            where = one.place or "file"
            # a rejected row lists what else is odd about it; a warning alone rejects nothing and says so
            ending = "also a warning" if one.severity == "warning" else one.disposition
            lines.append(f"  {where}: {ending}, {one.check_or_reason}: {one.why} {one.what_to_do}".rstrip())
        if len(self.reasons) > _SHOWN:
            lines.append(f"  ... and {len(self.reasons) - _SHOWN} more; all of them, counted:")
            for name, count in Counter(one.check_or_reason for one in self.reasons).most_common():
                lines.append(f"  {count:>8}  {name}")
        lines += [f"  note: {code}: {message(code).meaning}" for code in self.notes]
        return "\n".join([*lines, *self.errors])


def _place(member: Member, row: int | None) -> str | None:
    return None if row is None else place(row, member.row_unit, member.sheets)


def check_file(settings: Settings, path: Path, lab: str) -> CheckReport:
    """Everything intake does with a file of this laboratory but landing it; needs no home and no key."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        details = path.stat()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    arrival = Arrival(arrival_id(lab, sha256), lab, path.name, sha256, details.st_size, instant(time.time()))
    formats = load_labs(settings.labs_dirs)
    with (
        tempfile.TemporaryDirectory(prefix="gm1-check-") as root,
        workspace(Path(root), settings) as (connection, folder),
    ):
        member = examine(arrival, path.absolute(), formats, folder / "copy")
        batch = Batch(connection, key_parameters(secrets.token_bytes(32)), [member])
        load_batch(batch)
        checked = check_batch(settings, batch)
        reasons = tuple(
            Reason(row, _place(member, row), disposition, reason, severity, *explained(reason, checked.meanings))
            for row, _, disposition, reason, severity in quarantine_rows(batch, member)
        )
        counts: Counter[str] = Counter()
        for source in (*RECORDS, "row_entry"):
            query = f"SELECT coalesce(intake_disposition, 'accepted'), count(*) FROM {source} GROUP BY 1"
            counts.update(dict(connection.execute(query).fetchall()))
    held_reason, held_detail = member.problem or (None, None)
    errors = (*checked.errors, *([f"{path.name}: {member.lost}"] if member.lost else []))
    notes = dict(sorted(member.notes.items()))
    return CheckReport(str(path), lab, member.format.id if member.format else None, held_reason, held_detail,
                       member.rows, dict(sorted(counts.items())), reasons, notes, errors)  # fmt: skip
