"""What is landed already, and which arrivals wait to be taken in (again)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.errors import SettingsError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, instant


@dataclass(frozen=True, slots=True)
class Landed:
    """The newest generation of one arrival: when it was made, by which YAMLs, and why it is held (None: it is not)."""

    generation_at: str
    labs_sha256: str
    held_reason: str | None


def landed(home: Home) -> dict[str, Landed]:
    """The newest generation of every landed arrival."""
    newest: dict[str, Landed] = {}
    for path in sorted(home.landed.glob("*.manifest.json")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for entry in manifest["arrivals"]:
                made = Landed(
                    entry.get("generation_at", manifest["generation_at"]), manifest["labs_sha256"], entry["held_reason"]
                )
                if entry["arrival_id"] not in newest or newest[entry["arrival_id"]].generation_at < made.generation_at:
                    newest[entry["arrival_id"]] = made
        except (OSError, ValueError, KeyError) as error:
            raise SettingsError(
                f"{path}: expected a batch manifest, could not be read; restore it from the backup"
            ) from error
    return newest


def is_waiting(arrival: Arrival, known: Mapping[str, Landed], labs_sha256: str) -> bool:
    """Whether an arrival is new, or was held whole under other YAMLs than today's."""
    made = known.get(arrival.arrival_id)
    return made is None or (made.held_reason is not None and made.labs_sha256 != labs_sha256)


def generation_at(arrival: Arrival, known: Mapping[str, Landed], uses_file_times: bool, now: float) -> str:
    """When this generation counts from: later than every earlier generation of the arrival."""
    made = known.get(arrival.arrival_id)
    if made is None:
        return arrival.received_at if uses_file_times else max(instant(now), arrival.received_at)
    after = datetime.fromisoformat(made.generation_at).astimezone(UTC) + timedelta(seconds=1)
    return max(instant(now), instant(after.timestamp()))


def waiting(arrivals: Collection[Arrival], known: Mapping[str, Landed], labs_sha256: str) -> list[Arrival]:
    """The arrivals to take in now, in the order they came."""
    return [arrival for arrival in arrivals if is_waiting(arrival, known, labs_sha256)]
