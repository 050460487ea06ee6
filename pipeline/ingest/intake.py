"""Take in: receive from the inbox, recognise, read, parse, check, and land or hold; safe to run again at any point."""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline.errors import PublicationStopped
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, inbox_files, instant, labs_in_inbox, receipts, receive, strays
from pipeline.ingest.batch import Batch
from pipeline.ingest.checking import check_batch
from pipeline.ingest.generations import generation_at, landed, waiting
from pipeline.ingest.land import land_batch
from pipeline.ingest.loading import load_batch
from pipeline.ingest.member import Member, examine
from pipeline.ingest.pseudonym import key_parameters
from pipeline.ingest.summary import IngestSummary
from pipeline.ingest.workspace import workspace
from pipeline.labs import LabFormat, labs_sha256, load_labs
from pipeline.records import RECORDS
from pipeline.settings import Settings

_BATCH_BYTES = 2 << 30


def waiting_labs(settings: Settings) -> list[str]:
    """The laboratories with something to take in: a file in the inbox without a receipt, or an arrival that waits.

    Files are told apart by name, size and time here, without reading them; a file sent twice may make a laboratory wait
    once more for nothing.
    """
    home = Home.open(settings)
    arrivals = receipts(home)
    known = {(one.lab, one.file_name, one.bytes): one.received_at for one in arrivals.values()}
    labs = {one.lab for one in waiting(list(arrivals.values()), landed(home), labs_sha256(settings.labs_dirs))}
    for lab in labs_in_inbox(home):
        for entry, refusal in inbox_files(home, lab):
            details = entry.stat(follow_symlinks=False)
            received_at = known.get((lab, entry.name, details.st_size))
            if refusal is None and (received_at is None or received_at < instant(details.st_mtime)):
                labs.add(lab)
    return sorted(labs)


def ingest(settings: Settings, labs: Sequence[str] | None = None, again: bool = False) -> IngestSummary:
    """Take in everything that waits, of the named laboratories or of all; `again` also what is landed already.

    Raises SettingsError when a YAML or the home is unsound (nothing happens then), and PublicationStopped when rows of
    an export do not add up: the other exports are landed all the same.
    """
    from pipeline.checks import expectations_sha256

    home = Home.open(settings)
    formats = load_labs(settings.labs_dirs)
    hashes = {"labs_sha256": labs_sha256(settings.labs_dirs), "expectations_sha256": expectations_sha256(settings)}
    key = home.pseudonym_key(settings)
    uses_file_times = home.config.get("arrival_time") == "file"
    reception = receive(home, labs_in_inbox(home) if labs is None else labs, uses_file_times, time.time())
    summary = IngestSummary(
        exports_new=len(reception.new),
        exports_seen=reception.seen,
        warnings=reception.warnings,
        errors=reception.errors,
    )
    summary.warnings += strays(home) if labs is None else []
    arrivals = [one for one in receipts(home).values() if labs is None or one.lab in labs]
    known = landed(home)
    chosen = arrivals if again else waiting(arrivals, known, hashes["labs_sha256"])
    summary.exports_tried_again = sum(one.arrival_id in known for one in chosen)
    lost: list[str] = []
    with _warm_checks(bool(chosen)):
        for some in _portions(chosen):
            stamps = {one.arrival_id: generation_at(one, known, uses_file_times, time.time()) for one in some}
            lost += _take_in(settings, home, formats, key, some, hashes, stamps, summary)
    if lost:
        raise PublicationStopped("; ".join(lost) + "; nothing of it was landed, every other export was")
    return summary


@contextmanager
def _warm_checks(is_wanted: bool) -> Iterator[None]:
    """Import Great Expectations beside DuckDB's reading: it takes some seconds of one core."""

    def warm_up() -> None:
        from pipeline.checks import warm

        warm()

    thread = threading.Thread(target=warm_up)
    if is_wanted:
        thread.start()
    try:
        yield
    finally:
        if is_wanted:
            thread.join()


def _portions(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Batches of at most two gibibytes (or one larger export), so that a backlog of any size fits."""
    portion: list[Arrival] = []
    for arrival in arrivals:
        if portion and sum(one.bytes for one in portion) + arrival.bytes > _BATCH_BYTES:
            yield portion
            portion = []
        portion.append(arrival)
    if portion:
        yield portion


def _take_in(
    settings: Settings,
    home: Home,
    formats: tuple[LabFormat, ...],
    key: bytes,
    arrivals: Sequence[Arrival],
    hashes: dict[str, str],
    stamps: dict[str, str],
    summary: IngestSummary,
) -> list[str]:
    """Land one batch; the answer names the exports whose rows do not add up, of which nothing was landed."""
    with workspace(home.root, settings) as (connection, folder):
        members = [examine(one, home.archive_path(one.sha256), formats, folder / one.arrival_id) for one in arrivals]
        batch = Batch(connection, key_parameters(key), members)
        load_batch(batch)
        lost = [
            f"{member.arrival.lab}/{member.arrival.file_name}: {member.lost}" for member in batch.members if member.lost
        ]
        batch.members = [member for member in batch.members if not member.lost]
        if not batch.members:
            return lost
        batch_id = _batch_id(batch.members, hashes)
        checked = check_batch(settings, batch)
        entries = [
            {"arrival_id": member.arrival.arrival_id, "generation_at": stamps[member.arrival.arrival_id]}
            for member in batch.members
        ]
        manifest: dict[str, Any] = {
            **hashes,
            "generation_at": max(entry["generation_at"] for entry in entries),
            "arrivals": entries,
        }
        land_batch(home, batch, checked, batch_id, manifest)
        _count(batch, summary)
        summary.batches.append(batch_id)
        summary.errors += checked.errors
        return lost


def _batch_id(members: Sequence[Member], hashes: dict[str, str]) -> str:
    named = [
        *sorted(member.arrival.arrival_id for member in members),
        hashes["labs_sha256"],
        hashes["expectations_sha256"],
    ]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:20]


def _count(batch: Batch, summary: IngestSummary) -> None:
    summary.exports_held += sum(member.problem is not None for member in batch.members)
    for source in (*RECORDS, "row_entry"):
        for disposition, rows in batch.connection.execute(
            f"SELECT intake_disposition, count(*) FROM {source} GROUP BY 1"
        ).fetchall():
            summary.add_rows(disposition, rows)
