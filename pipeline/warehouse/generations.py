"""Which landed batch counts for each arrival: the newest generation up to an instant."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.crosswalk import Crosswalk, in_force
from pipeline.decisions import Decision, decisions
from pipeline.errors import SettingsError
from pipeline.home import Home


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: rows are numbered through all of them, `above` is how many come before it."""

    sheet: str
    above: int
    rows: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One export of one laboratory and the generation of it that counts."""

    arrival_id: str
    sending_lab: str
    file_name: str
    sha256: str
    bytes: int
    received_at: str
    batch: str
    generation_at: str
    format_id: str | None
    held_reason: str | None
    rows_counted: int
    slots_counted: int
    row_unit: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything a build reads: the arrivals in the order they came, the manifests of their batches, the decisions, and
    the crosswalk in force.

    `as_of` is what was asked for, else the time of the last arrival, decision or crosswalk.
    """

    arrivals: tuple[Arrival, ...]
    manifests: tuple[dict[str, Any], ...]
    decisions: tuple[Decision, ...]
    as_of: str | None
    crosswalk: Crosswalk | None = None

    @property
    def crosswalk_sha256(self) -> str:
        """What names the crosswalk in force; `none` where there is none."""
        return self.crosswalk.sha256 if self.crosswalk else "none"


def counted(home: Home, as_of: str | None = None) -> Counted:
    """The arrivals received, the decisions made and the crosswalk read up to `as_of` (ISO, UTC; None: all).

    Each arrival comes with its newest generation up to then.

    An arrival with a receipt and no landed generation is still being taken in; it is left for the next build.
    """
    manifests = list(_manifests(home.landed))
    receipts = {r["arrival_id"]: r for r in map(_json, sorted(home.receipts.glob("*.json")))}
    newest: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for manifest in manifests:
        for entry in manifest["arrivals"]:
            stamp = (entry.get("generation_at") or manifest["generation_at"], manifest["batch"])
            if as_of is not None and stamp[0] > as_of:
                continue
            known = newest.get(entry["arrival_id"])
            if known is None or stamp > known[:2]:
                newest[entry["arrival_id"]] = (*stamp, entry)
    found = []
    for arrival_id, (generation_at, batch, entry) in newest.items():
        receipt = receipts.get(arrival_id)
        if receipt is None:
            raise SettingsError(
                f"{home.receipts}: no receipt for landed arrival {arrival_id}; restore it from the backup"
            )
        if as_of is None or receipt["received_at"] <= as_of:
            found.append(_arrival(receipt, entry, generation_at, batch))
    found.sort(key=lambda a: (a.received_at, a.sending_lab, a.file_name, a.arrival_id))
    batches = {a.batch for a in found}
    decided = decisions(home, as_of)
    joined_by = in_force(home, as_of)
    instants = [
        *(a.received_at for a in found),
        *(d.decided_at for d in decided),
        *([joined_by.read_at] if joined_by else []),
    ]
    of_batches = tuple(m for m in manifests if m["batch"] in batches)
    return Counted(tuple(found), of_batches, decided, as_of or max(instants, default=None), joined_by)


def _arrival(receipt: dict[str, Any], entry: dict[str, Any], generation_at: str, batch: str) -> Arrival:
    return Arrival(
        arrival_id=receipt["arrival_id"], sending_lab=receipt["lab"], file_name=receipt["file_name"],
        sha256=receipt["sha256"], bytes=receipt["bytes"], received_at=receipt["received_at"], batch=batch,
        generation_at=generation_at, format_id=entry.get("format_id"), held_reason=entry.get("held_reason"),
        rows_counted=entry["rows_counted"], slots_counted=entry.get("slots_counted", entry["rows_counted"]),
        row_unit=entry.get("row_unit", "line"), sheets=tuple(Sheet(**sheet) for sheet in entry.get("sheets", ())),
    )  # fmt: skip


def _manifests(landed: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(landed.glob("*.manifest.json")):
        yield _json(file)


def _json(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: expected JSON, could not be read; restore it from the backup") from error
    return content
