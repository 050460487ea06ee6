"""What is landed already, and which arrivals wait to be taken in (again)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.decisions import USE, Decision, decisions, second_after
from pipeline.errors import SettingsError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, instant


@dataclass(frozen=True, slots=True)
class Landed:
    """The newest generation of one arrival: when and in which batch it was made, and by which YAMLs and checks.

    `held_reason` and `held_detail` are None where the file is not held whole; `notes` are things a person should know.
    """

    batch: str
    generation_at: str
    labs_sha256: str
    expectations_sha256: str
    held_reason: str | None
    held_detail: str | None
    notes: Mapping[str, int]


def landed(home: Home) -> dict[str, Landed]:
    """The newest generation of every landed arrival; of two of one second, the one whose batch sorts last."""
    newest: dict[str, Landed] = {}
    for path in sorted(home.landed.glob("*.manifest.json")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for entry in manifest["arrivals"]:
                made = _landed(manifest, entry)
                known = newest.get(entry["arrival_id"])
                if known is None or (known.generation_at, known.batch) < (made.generation_at, made.batch):
                    newest[entry["arrival_id"]] = made
        except (OSError, ValueError, KeyError) as error:
            raise SettingsError(
                f"{path}: expected a batch manifest, could not be read; restore it from the backup"
            ) from error
    return newest


def _landed(manifest: Mapping[str, str], entry: Mapping[str, str]) -> Landed:
    return Landed(
        batch=manifest["batch"],
        generation_at=entry.get("generation_at", manifest["generation_at"]),
        labs_sha256=manifest["labs_sha256"],
        expectations_sha256=manifest["expectations_sha256"],
        held_reason=entry["held_reason"],
        held_detail=entry.get("held_detail"),
        notes=entry.get("notes", {}),  # type: ignore[arg-type]  # a mapping of counts, from JSON
    )


def held_whole(known: Mapping[str, Landed]) -> frozenset[str]:
    """The arrivals that are held whole in their newest generation."""
    return frozenset(arrival_id for arrival_id, made in known.items() if made.held_reason is not None)


def released(home: Home) -> dict[str, list[Decision]]:
    """The counted decisions about whole exports, by arrival."""
    found: dict[str, list[Decision]] = {}
    for one in decisions(home):
        if one.row_number is None:
            found.setdefault(one.arrival_id, []).append(one)
    return found


def released_reasons(decided: Collection[Decision]) -> frozenset[str]:
    """The reasons for holding an export that a person overruled."""
    return frozenset(one.reason_code for one in decided if one.decision == USE)


def is_waiting(
    arrival: Arrival, known: Mapping[str, Landed], labs_sha256: str, decided: Collection[Decision] = ()
) -> bool:
    """Whether an arrival is new, was held whole under other YAMLs than today's, or was decided about since.

    A new one is first taken in as it is: the decisions about it follow, as they did when they were made.
    """
    made = known.get(arrival.arrival_id)
    if made is None or (made.held_reason is not None and made.labs_sha256 != labs_sha256):
        return True
    return any(made.generation_at < one.decided_at for one in decided)


def generation_at(arrival: Arrival, known: Mapping[str, Landed], now: float, decided: Collection[Decision] = ()) -> str:
    """When this generation counts from.

    The first one counts from the arrival itself, so that landing everything anew from the archive gives the same; any
    other is later than every earlier one and than the decisions it follows.
    """
    made = known.get(arrival.arrival_id)
    if made is None:
        return arrival.received_at
    return max([instant(now), second_after(made.generation_at), *(one.decided_at for one in decided)])


def waiting(
    arrivals: Collection[Arrival],
    known: Mapping[str, Landed],
    labs_sha256: str,
    decided: Mapping[str, Collection[Decision]],
) -> list[Arrival]:
    """The arrivals to take in now, in the order they came."""
    return [one for one in arrivals if is_waiting(one, known, labs_sha256, decided.get(one.arrival_id, ()))]
