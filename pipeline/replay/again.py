"""Take archived exports in again under today's YAMLs and checks, and show what that changes; never a value."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, find, receipts
from pipeline.ingest.generations import Landed, landed
from pipeline.ingest.intake import take_in_again
from pipeline.quarantine import fitting
from pipeline.replay.compare import Changes, Side, compared
from pipeline.settings import Settings
from pipeline.warehouse.generations import Counted, counted


@dataclass(frozen=True, slots=True)
class Replayed:
    """One export before and after: why it is held whole, what changed in its rows, and how many decisions no longer fit."""

    arrival_id: str
    export: str
    held_before: str | None
    held_after: str | None
    changes: Changes
    decisions_outdated: int


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay did, or (`is_dry_run`) would do."""

    exports: tuple[Replayed, ...]
    is_dry_run: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """The exports that change, one by one; the others counted."""
        would = "would be " if self.is_dry_run else ""
        changed = [one for one in self.exports if one.changes.is_any or one.held_before != one.held_after]
        lines = [f"{len(self.exports)} exports {would}taken in again; {len(changed)} of them change."]
        for one in changed:
            lines += ["", f"{one.export} ({one.arrival_id})", *_lines(one)]
        if changed and not self.is_dry_run:
            lines += ["", "`gm1 run` brings this into the warehouse and the report."]
        return "\n".join(lines)


def _lines(one: Replayed) -> Iterator[str]:
    if one.held_before != one.held_after:
        yield f"  held whole: {one.held_before or 'no'} -> {one.held_after or 'no'}"
    yield f"  {'rows':<24}{'before':>10}{'after':>10}"
    for name, (before, after) in one.changes.dispositions.items():
        yield f"  {name:<24}{before:>10,}{after:>10,}"
    if one.changes.records_gone or one.changes.records_new:
        yield f"  records: {one.changes.records_gone:,} no longer there, {one.changes.records_new:,} new"
    for column, records in one.changes.columns.items():
        yield f"  {column}: changed in {records:,} records"
    if one.decisions_outdated:
        yield f"  decisions about rows that no longer fit: {one.decisions_outdated:,}; such a row waits again"


def replay(settings: Settings, lab: str | None = None, exports: Sequence[str] = (), is_dry_run: bool = False) -> Replay:
    """Take in again what is landed: all of it, of one laboratory, or the named exports.

    A new generation is landed beside the old one, which is kept; a dry run lands nothing. Raises UsageError when there is
    nothing to take in again, and as intake does.
    """
    home = Home.open(settings)
    before = landed(home)
    chosen = _chosen(home, before, lab, exports)
    was_counted = counted(home)
    with _target(settings, home, is_dry_run) as target:
        take_in_again(settings, chosen, target)
        after = landed(target)
        old, new = Side(home, before), Side(target, after)
        outdated = _outdated(
            settings, home, was_counted, target, {one.arrival_id: after[one.arrival_id] for one in chosen}
        )
        done = [
            Replayed(
                one.arrival_id, f"{one.lab}/{one.file_name}", before[one.arrival_id].held_reason,
                after[one.arrival_id].held_reason, compared(old, new, one.arrival_id),
                outdated.count(one.arrival_id),
            )
            for one in chosen
        ]  # fmt: skip
    return Replay(tuple(done), is_dry_run)


def _outdated(settings: Settings, home: Home, before: Counted, target: Home, after: Mapping[str, Landed]) -> list[str]:
    """The arrival of each decision that fitted before and does not fit the new generations."""
    decided = [one for one in before.decisions if one.arrival_id in after]
    arrivals = tuple(
        replace(one, batch=after[one.arrival_id].batch) if one.arrival_id in after else one for one in before.arrivals
    )
    was = fitting(settings, [home.landed], before, decided)
    folders = [home.landed] if target == home else [home.landed, target.landed]
    now = fitting(settings, folders, replace(before, arrivals=arrivals), decided)
    return [old.decision.arrival_id for old, new in zip(was, now, strict=True) if old.is_fitting and not new.is_fitting]


def _chosen(home: Home, known: Mapping[str, Landed], lab: str | None, exports: Sequence[str]) -> list[Arrival]:
    named = {find(home, export).arrival_id for export in exports}
    found = [
        one
        for one in receipts(home).values()
        if one.arrival_id in known and lab in (None, one.lab) and (not named or one.arrival_id in named)
    ]
    if not found or named - {one.arrival_id for one in found}:
        raise UsageError("nothing to take in again: no landed export fits --lab and --export; see `gm1 quarantine`")
    return found


@contextmanager
def _target(settings: Settings, home: Home, is_dry_run: bool) -> Iterator[Home]:
    """Where the new generation is landed: the home itself, or for a dry run a private folder that goes away."""
    if not is_dry_run:
        yield home
        return
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".intake-") as folder:
        target = Home(Path(folder))
        for place in (target.landed, target.quarantine, target.restricted):
            place.mkdir(mode=0o700)
        yield target
