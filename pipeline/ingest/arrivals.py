"""Exports as they came: received from the inbox once, archived byte for byte, remembered by a receipt."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.home import Home, write_json

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """The receipt of one export of one laboratory; times are ISO 8601, UTC, whole seconds."""

    arrival_id: str
    lab: str
    file_name: str
    sha256: str
    bytes: int
    received_at: str


@dataclass(slots=True)
class Reception:
    """What was found in the inbox. `seen` counts files whose bytes that laboratory had sent before."""

    new: list[Arrival]
    seen: int
    warnings: list[str]
    errors: list[str]


def arrival_id(lab: str, sha256: str) -> str:
    """The name of an arrival: the same bytes of the same laboratory are the same arrival."""
    return hashlib.sha256(f"{lab}/{sha256}".encode()).hexdigest()[:16]


def instant(seconds: float) -> str:
    """A POSIX time as ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def receipts(home: Home) -> dict[str, Arrival]:
    """Every arrival of the home by its id, in the order they came."""
    found = [Arrival(**json.loads(path.read_text(encoding="utf-8"))) for path in home.receipts.glob("*.json")]
    return {
        arrival.arrival_id: arrival
        for arrival in sorted(found, key=lambda one: (one.received_at, one.lab, one.file_name, one.arrival_id))
    }


def find(home: Home, export: str) -> Arrival:
    """The arrival that a person means by its id, the beginning of its id, or LABORATORY/FILE NAME.

    UsageError when there is none or more than one, naming the ids to choose from.
    """
    known = receipts(home)
    if export in known:
        return known[export]
    found = [one for one in known.values() if f"{one.lab}/{one.file_name}" == export]
    found = found or [one for one in known.values() if export and one.arrival_id.startswith(export)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{one.arrival_id} (received {one.received_at})" for one in found[:10])
        raise UsageError(f"{export}: {len(found)} exports are meant by this; name one of {ids}")
    raise UsageError(
        f"{export}: no such export; give its arrival id, the beginning of it, or LABORATORY/FILE as `gm1 quarantine` shows it"
    )


def labs_in_inbox(home: Home) -> list[str]:
    """The laboratories that have a folder in the inbox."""
    return sorted(
        entry.name
        for entry in os.scandir(home.inbox)
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    )


def strays(home: Home) -> list[str]:
    """What lies in the inbox without being a laboratory's folder, and is not taken in."""
    names = [entry.name for entry in os.scandir(home.inbox) if not entry.is_dir(follow_symlinks=False)]
    return [f"inbox/{name}: not in a laboratory's folder; move it to inbox/LABORATORY/" for name in sorted(names)]


def inbox_files(home: Home, lab: str) -> Iterator[tuple[os.DirEntry[str], str | None]]:
    """Each entry of a laboratory's inbox, by name, with the reason it is not taken in (None: it is)."""
    folder = home.inbox / lab
    for entry in sorted(os.scandir(folder), key=lambda one: one.name) if folder.is_dir() else ():
        if entry.name.startswith(".") or entry.name.endswith((".tmp", ".part")):
            yield entry, "ignored: hidden or still being written (.tmp, .part)"
        elif entry.is_symlink():
            yield entry, "refused: a link; put the file itself here"
        elif not entry.is_file(follow_symlinks=False):
            yield entry, "refused: not a regular file; put files directly into the laboratory's folder"
        else:
            yield entry, None


def receive(home: Home, labs: Sequence[str], uses_file_times: bool, now: float) -> Reception:
    """Take in every file of these laboratories that is not archived yet; an unreadable one stops no other."""
    known = receipts(home)
    reception = Reception([], 0, [], [])
    for lab in labs:
        for entry, refusal in inbox_files(home, lab):
            name = f"inbox/{lab}/{entry.name}"
            if refusal is not None:
                reception.warnings.append(f"{name}: {refusal}")
                continue
            try:
                _receive_file(home, lab, Path(entry.path), known, reception, uses_file_times, now)
            except OSError as error:
                reception.errors.append(
                    f"{name}: cannot be read ({error.strerror or type(error).__name__}); mend it and run again"
                )
    return reception


def _receive_file(
    home: Home, lab: str, path: Path, known: dict[str, Arrival], reception: Reception, uses_file_times: bool, now: float
) -> None:
    before = path.stat()
    if any((one.lab, one.file_name, one.bytes) == (lab, path.name, before.st_size) for one in known.values()):
        # probably seen: hash before copying
        with path.open("rb") as file:
            if arrival_id(lab, hashlib.file_digest(file, "sha256").hexdigest()) in known:
                reception.seen += 1
                return
    sha256, temporary = _copied(path, home.archive)
    try:
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            reception.warnings.append(f"inbox/{lab}/{path.name}: still being written; taken in by the next run")
            return
        name = arrival_id(lab, sha256)
        if name in known:
            reception.seen += 1
            return
        _archive(temporary, home.archive_path(sha256))
    finally:
        temporary.unlink(missing_ok=True)
    arrival = Arrival(
        name, lab, path.name, sha256, before.st_size, instant(before.st_mtime if uses_file_times else now)
    )
    write_json(home.receipts / f"{name}.json", asdict(arrival))
    known[name] = arrival
    reception.new.append(arrival)


def _copied(path: Path, folder: Path) -> tuple[str, Path]:
    """The hash of a file and a private copy of exactly the bytes that were hashed."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=folder, prefix=".receiving-")
    try:
        with os.fdopen(handle, "wb") as target, path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), Path(name)


def _archive(temporary: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o600)
    os.replace(temporary, place)
