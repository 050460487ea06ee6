"""Take in: receive from the inbox, recognise, read, parse, check, and land or hold; safe to run again at any point."""

import hashlib
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.decisions import Decision
from pipeline.home import Home
from pipeline.ingest.apart import Failure, in_parts, raise_first
from pipeline.ingest.arrivals import Arrival, receipts
from pipeline.ingest.batch import Batch
from pipeline.ingest.checking import check_batch
from pipeline.ingest.generations import (
    Landed,
    generation_at,
    held_whole,
    landed,
    released,
    released_reasons,
    waiting,
)
from pipeline.ingest.inbox import labs_in_inbox, strays, to_receive
from pipeline.ingest.land import land_batch
from pipeline.ingest.leftovers import remove_leftovers
from pipeline.ingest.loading import load_batch
from pipeline.ingest.member import Member, examine
from pipeline.ingest.pseudonym import key_parameters
from pipeline.ingest.receiving import Received, Reception, name_seen, receive
from pipeline.ingest.summary import IngestSummary
from pipeline.ingest.workspace import workspace
from pipeline.labs import LabFormat, labs_sha256, load_labs
from pipeline.records import RECORDS
from pipeline.settings import Settings

_BATCH_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one intake goes by: declarations, key, what is landed, what was decided, and where it lands (`target`)."""

    settings: Settings
    home: Home
    target: Home
    formats: tuple[LabFormat, ...]
    hashes: Mapping[str, str]
    key: bytes
    known: Mapping[str, Landed]
    decided: Mapping[str, Collection[Decision]]


def _terms(settings: Settings) -> _Terms:
    """SettingsError when a YAML, the key or the home is unsound."""
    from pipeline.checks import expectations_sha256

    home = Home.open(settings)
    formats = load_labs(settings.labs_dirs)
    hashes = {"labs_sha256": labs_sha256(settings.labs_dirs), "expectations_sha256": expectations_sha256(settings)}
    return _Terms(settings, home, home, formats, hashes, home.pseudonym_key(settings), landed(home), released(home))


def ingest(settings: Settings, labs: Sequence[str] | None = None) -> IngestSummary:
    """Take in everything that waits, of the named laboratories or of all.

    Raises SettingsError when a YAML, the key or the home is unsound (nothing happens then); PublicationStopped when rows
    of an export do not add up, and whatever else goes wrong with one, once every other export has landed.
    """
    terms = _terms(settings)
    remove_leftovers(terms.home)
    summary = IngestSummary()
    present = [lab for lab in labs_in_inbox(terms.home) if labs is None or lab in labs]
    files, refused = to_receive(terms.home, present)
    summary.warnings += refused + (strays(terms.home) if labs is None else [])
    raise_first(_receive_and_take_in(terms, files, labs, summary))
    return summary


def _receive_and_take_in(
    terms: _Terms, files: Sequence[tuple[str, Path]], labs: Sequence[str] | None, summary: IngestSummary
) -> list[Failure]:
    """Receive these files and take in all that waits; again while there are files that wait for what others became."""
    failures: list[Failure] = []
    tried: set[str] = set()
    while True:
        reception = _received(terms, files)
        arrivals = [one for one in receipts(terms.home).values() if labs is None or one.lab in labs]
        chosen = waiting(arrivals, terms.known, terms.hashes["labs_sha256"], terms.decided)
        failures += _take_in_all(terms, [one for one in chosen if one.arrival_id not in tried], summary)
        tried |= {one.arrival_id for one in chosen}
        known = landed(terms.home) if reception.undecided else terms.known
        is_done = known.keys() == terms.known.keys()
        if is_done:
            name_seen(reception)
        _add_reception(summary, reception)
        if is_done:
            return failures
        files, terms = reception.undecided, replace(terms, known=known)


def _received(terms: _Terms, files: Sequence[tuple[str, Path]]) -> Reception:
    uses_file_times = terms.home.config.get("arrival_time") == "file"
    known = Received(receipts(terms.home).values(), terms.known, held_whole(terms.known))
    return receive(terms.home, files, known, uses_file_times, time.time())


def _add_reception(summary: IngestSummary, reception: Reception) -> None:
    summary.exports_new += len(reception.new)
    summary.exports_seen += reception.seen
    summary.warnings += reception.warnings
    summary.errors += reception.errors


def take_in_again(settings: Settings, arrivals: Sequence[Arrival], target: Home | None = None) -> IngestSummary:
    """Take these archived exports in under today's YAMLs and checks, as new generations; the inbox is not looked at.

    They are landed in `target` where one is given (nothing of the home changes then). Raises as `ingest` does.
    """
    summary = IngestSummary()
    terms = _terms(settings)
    raise_first(_take_in_all(replace(terms, target=target or terms.home), arrivals, summary))
    return summary


def _take_in_all(terms: _Terms, chosen: Sequence[Arrival], summary: IngestSummary) -> list[Failure]:
    summary.exports_tried_again += sum(one.arrival_id in terms.known for one in chosen)
    failures: list[Failure] = []
    with _warm_checks(bool(chosen)):
        for some in _portions(chosen):
            failures += in_parts(lambda arrivals: _take_in(terms, arrivals, summary), some)
    return failures


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


def _take_in(terms: _Terms, arrivals: Sequence[Arrival], summary: IngestSummary) -> list[Failure]:
    """Land one batch; the answer has the exports whose rows do not add up, of which nothing was landed."""
    with workspace(terms.target.root, terms.settings) as (connection, folder):
        members = [_examined(terms, one, folder / one.arrival_id) for one in arrivals]
        batch = Batch(connection, key_parameters(terms.key), members)
        load_batch(batch)
        lost = [Failure(f"{one.arrival.name}: {one.lost}") for one in batch.members if one.lost is not None]
        batch.members = [member for member in batch.members if member.lost is None]
        if not batch.members:
            return lost
        entries = [_entry(terms, member.arrival) for member in batch.members]
        batch_id = _batch_id(terms, entries)
        checked = check_batch(terms.settings, batch)
        for entry in entries:
            entry["checks"] = checked.by_arrival.get(entry["arrival_id"], {})
        manifest: dict[str, Any] = {
            **terms.hashes,
            "generation_at": max(entry["generation_at"] for entry in entries),
            "arrivals": entries,
        }
        land_batch(terms.target, batch, checked, batch_id, manifest)
        _count(batch, summary)
        summary.batches.append(batch_id)
        summary.errors += checked.errors
        return lost


def _decided(terms: _Terms, arrival: Arrival) -> Collection[Decision]:
    """The decisions that apply to an arrival: none to its first generation."""
    return terms.decided.get(arrival.arrival_id, ()) if arrival.arrival_id in terms.known else ()


def _examined(terms: _Terms, arrival: Arrival, folder: Path) -> Member:
    overruled = released_reasons(_decided(terms, arrival))
    return examine(arrival, terms.home.archive_path(arrival.sha256), terms.formats, folder, overruled)


def _entry(terms: _Terms, arrival: Arrival) -> dict[str, Any]:
    stamp = generation_at(arrival, terms.known, time.time(), _decided(terms, arrival))
    return {"arrival_id": arrival.arrival_id, "generation_at": stamp}


def _batch_id(terms: _Terms, entries: Sequence[Mapping[str, Any]]) -> str:
    """The name of a batch: the same for the same first intake, so that one cut off is done again in place.

    For an export that is landed already its generation is part of the name, so that none writes over another.
    """
    named = [
        *sorted(
            f"{one['arrival_id']}@{one['generation_at']}" if one["arrival_id"] in terms.known else one["arrival_id"]
            for one in entries
        ),
        terms.hashes["labs_sha256"],
        terms.hashes["expectations_sha256"],
    ]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:20]


def _count(batch: Batch, summary: IngestSummary) -> None:
    summary.exports_held += sum(member.problem is not None for member in batch.members)
    for member in batch.members:
        summary.notes += [f"{member.arrival.name}: {code}" for code in sorted(member.notes)]
    for source in (*RECORDS, "row_entry"):
        for disposition, rows in batch.connection.execute(
            f"SELECT intake_disposition, count(*) FROM {source} GROUP BY 1"
        ).fetchall():
            summary.add_rows(disposition, rows)
