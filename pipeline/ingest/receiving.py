"""From the inbox into the archive: each export received once, byte for byte, with a receipt."""

import hashlib
import os
import tempfile
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.home import Home, write_json_once
from pipeline.ingest.arrivals import Arrival, arrival_id, instant

_CHUNK = 1 << 20


@dataclass(slots=True)
class Reception:
    """What became of files of the inbox. `seen` counts files whose bytes that laboratory had sent before.

    `undecided` have the bytes of an export under another name that is not landed yet: what becomes of that one decides.
    """

    new: list[Arrival]
    seen: int
    warnings: list[str]
    errors: list[str]
    undecided: list[tuple[str, Path]]


class Received:
    """The receipts of a home with what is landed and what is `held` whole; tells what is new. Receiving adds to it."""

    def __init__(self, known: Iterable[Arrival], landed: Container[str], held: Container[str]) -> None:
        self._landed, self._held = landed, held
        self._by_bytes: dict[tuple[str, str], list[Arrival]] = {}
        self._by_size: dict[tuple[str, int], list[Arrival]] = {}
        for arrival in known:
            self.add(arrival)

    def add(self, arrival: Arrival) -> None:
        """Count an arrival among the receipts."""
        self._by_bytes.setdefault((arrival.lab, arrival.sha256), []).append(arrival)
        self._by_size.setdefault((arrival.lab, arrival.bytes), []).append(arrival)

    def of_size(self, lab: str, size: int) -> list[Arrival]:
        """What a laboratory sent of just this many bytes: another size is another export."""
        return self._by_size.get((lab, size), [])

    def new_id(self, lab: str, sha256: str, file_name: str) -> str | None:
        """The id a file gets as a new arrival; None when it was seen before."""
        same = self._by_bytes.get((lab, sha256), [])
        if not same:
            return arrival_id(lab, sha256)
        if any(one.file_name == file_name for one in same) or not all(one.arrival_id in self._held for one in same):
            return None
        return arrival_id(lab, sha256, file_name)

    def seen_as(self, lab: str, sha256: str, file_name: str) -> Arrival | None:
        """The export that was sent under another name before with these bytes, if none was under this name."""
        same = self._by_bytes.get((lab, sha256), [])
        if any(one.file_name == file_name for one in same):
            return None
        return next((one for one in same if one.arrival_id not in self._held), None)

    def is_undecided(self, lab: str, sha256: str) -> bool:
        """Whether all that came with these bytes is held whole or not landed yet."""
        same = self._by_bytes.get((lab, sha256), [])
        return all(one.arrival_id in self._held or one.arrival_id not in self._landed for one in same)


def receive(
    home: Home, files: Iterable[tuple[str, Path]], received: Received, uses_file_times: bool, now: float
) -> Reception:
    """Take in every file (laboratory, path) that is not archived yet; an unreadable one stops no other."""
    reception = Reception([], 0, [], [], [])
    for lab, path in files:
        try:
            _receive_file(home, lab, path, received, reception, uses_file_times, now)
        except OSError as error:
            said = error.strerror or type(error).__name__
            reception.errors.append(f"inbox/{lab}/{path.name}: cannot be read ({said}); mend it and run again")
    return reception


def name_seen(reception: Reception) -> None:
    """Count the undecided files as seen: the bytes that came under another name could not be landed."""
    for lab, path in reception.undecided:
        reception.seen += 1
        reception.warnings.append(
            f"inbox/{lab}/{path.name}: the same bytes came under another name and are not landed yet; left for a later run"
        )


def _receive_file(
    home: Home, lab: str, path: Path, received: Received, reception: Reception, uses_file_times: bool, now: float
) -> None:
    before = path.stat()
    # probably seen: hash before copying
    if received.of_size(lab, before.st_size) and _is_seen(lab, path, file_sha256(path), received, reception):
        return
    sha256, temporary = _copied(path, home.archive)
    try:
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            reception.warnings.append(f"inbox/{lab}/{path.name}: still being written; taken in by the next run")
            return
        if _is_seen(lab, path, sha256, received, reception):
            return
        _archive(temporary, home.archive_path(sha256))
    finally:
        temporary.unlink(missing_ok=True)
    received_at = instant(before.st_mtime if uses_file_times else now)
    name = received.new_id(lab, sha256, path.name) or ""
    arrival = Arrival(name, lab, path.name, sha256, before.st_size, received_at)
    if not write_json_once(home.receipts / f"{name}.json", asdict(arrival)):
        # another run was first: the receipt it wrote stands
        reception.seen += 1
        return
    received.add(arrival)
    reception.new.append(arrival)


def _is_seen(lab: str, path: Path, sha256: str, received: Received, reception: Reception) -> bool:
    """Whether these bytes are no new arrival, or cannot be told yet; said so in `reception`."""
    if received.new_id(lab, sha256, path.name) is not None:
        return False
    earlier = received.seen_as(lab, sha256, path.name)
    if earlier is not None and received.is_undecided(lab, sha256):
        reception.undecided.append((lab, path))
        return True
    reception.seen += 1
    if earlier is not None:
        reception.warnings.append(
            f"inbox/{lab}/{path.name}: the same bytes as {earlier.file_name}, received {earlier.received_at}; "
            "not taken in a second time"
        )
    return True


def file_sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copied(path: Path, folder: Path) -> tuple[str, Path]:
    """The hash of a file and a private copy of exactly the bytes that were hashed."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=folder, prefix=".receiving-")
    try:
        with os.fdopen(handle, "wb") as target, open(path, "rb", opener=_no_link) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), Path(name)


def _no_link(path: str, flags: int) -> int:
    """Opens a file and never what a link put in its place points to."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _archive(temporary: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o600)
    os.replace(temporary, place)
