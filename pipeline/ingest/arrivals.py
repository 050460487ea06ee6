"""Exports as they came, each remembered by a receipt."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.errors import UsageError
from pipeline.home import Home


@dataclass(frozen=True, slots=True)
class Arrival:
    """The receipt of one export of one laboratory; times are ISO 8601, UTC, whole seconds."""

    arrival_id: str
    lab: str
    file_name: str
    sha256: str
    bytes: int
    received_at: str

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{self.lab}/{self.file_name}"


def arrival_id(lab: str, sha256: str, renamed_to: str | None = None) -> str:
    """The name of an arrival: the same bytes of the same laboratory are the same arrival.

    Bytes that were held whole under another name and are sent again are an arrival of their own, which has its name in it.
    """
    named = f"{lab}/{sha256}" if renamed_to is None else f"{lab}/{sha256}/{renamed_to}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def is_named_rightly(arrival: Arrival) -> bool:
    """Whether a receipt's id follows from what it says."""
    ids = (arrival_id(arrival.lab, arrival.sha256), arrival_id(arrival.lab, arrival.sha256, arrival.file_name))
    return arrival.arrival_id in ids


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
