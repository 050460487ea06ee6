"""What named persons decided: one file each in reviews/, never edited, never deleted; the newest of a matter counts.

A decision answers one hold: it names the row (or, without a row, the whole export) and the reason the row was held for.
Should the row come to be held for another reason later, that is another question, and waits for another answer. So it is
when the row reads differently later: a decision about a row has a fingerprint of what the row said.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.errors import SettingsError, UsageError
from pipeline.home import Home, write_json

SCHEMA_VERSION = 1
USE, REJECT = "use", "reject"


@dataclass(frozen=True, slots=True)
class Decision:
    """That a held row is used or rejected.

    `row_number`, `slot` and `fingerprint` are None where it is about the whole export. A decision about a row that has no
    fingerprint fits nothing.
    """

    decided_at: str
    decided_by: str
    why: str
    arrival_id: str
    row_number: int | None
    slot: int | None
    reason_code: str
    decision: str
    fingerprint: str | None = None

    @property
    def place(self) -> tuple[str, int | None, int | None]:
        """Where that stands which was decided about."""
        return self.arrival_id, self.row_number, self.slot

    @property
    def matter(self) -> tuple[str, int | None, int | None, str, str | None]:
        """What was decided about; the newest decision of a matter counts."""
        return *self.place, self.reason_code, self.fingerprint

    def as_text(self) -> str:
        """What was decided and how it takes effect, in one line."""
        what = "export" if self.row_number is None else f"row {self.row_number}, slot {self.slot} of export"
        said = "used" if self.decision == USE else "rejected"
        return f"{what} {self.arrival_id} ({self.reason_code}): {said}, by {self.decided_by}; `gm1 run` goes by it"


_REQUIRED = tuple(name for name in Decision.__slots__ if name != "fingerprint")


def instant_now() -> str:
    """This second as ISO 8601 in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def second_after(instant: str) -> str:
    """The next second of an ISO 8601 instant, in UTC."""
    later = datetime.fromisoformat(instant).astimezone(UTC) + timedelta(seconds=1)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


def all_decisions(home: Home) -> list[Decision]:
    """Every decision ever made, oldest first; SettingsError names a file that cannot be read."""
    contents = [{"fingerprint": None, **content} for content in _records(home, "release")]
    found = [Decision(**{name: content[name] for name in Decision.__slots__}) for content in contents]
    return sorted(found, key=lambda one: (one.decided_at, one.arrival_id, one.row_number or 0, one.slot or 0))


def decisions(home: Home, as_of: str | None = None) -> tuple[Decision, ...]:
    """The decisions that count, oldest first: the newest of each matter, made up to `as_of` (ISO, UTC; None: all)."""
    newest = {one.matter: one for one in all_decisions(home) if as_of is None or one.decided_at <= as_of}
    return tuple(sorted(newest.values(), key=lambda one: (one.decided_at, *(str(part) for part in one.matter))))


def record(home: Home, made: Decision, not_before: str | None = None) -> Decision:
    """Keep a decision, dated after every earlier one about the same place and after `not_before`; the decision as it is kept."""
    _check_signed(made.decided_by, made.why)
    earlier = [one.decided_at for one in all_decisions(home) if one.place == made.place]
    earlier += [not_before] if not_before is not None else []
    at = max([made.decided_at, *(second_after(instant) for instant in earlier)])
    content = {**asdict(made), "decided_at": at}
    _keep(home, "release", at, content)
    return Decision(**content)


def record_lookup(home: Home, decided_by: str, why: str, pseudonym: str) -> None:
    """Keep that somebody asked for the identifier behind a pseudonym, and why; never the identifier."""
    _check_signed(decided_by, why)
    at = instant_now()
    _keep(home, "lookup", at, {"decided_at": at, "decided_by": decided_by, "why": why, "pseudonym": pseudonym})


def count(home: Home) -> dict[str, int]:
    """How many records of each kind there are."""
    kinds = [content["kind"] for content in _records(home)]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def _check_signed(decided_by: str, why: str) -> None:
    if not decided_by.strip() or not why.strip():
        raise UsageError("--by and --why: a decision needs a name and a reason")


def _keep(home: Home, kind: str, at: str, content: dict[str, Any]) -> None:
    compact = at.replace("-", "").replace(":", "")
    write_json(
        home.reviews / f"{compact}-{secrets.token_hex(4)}.json",
        {"schema_version": SCHEMA_VERSION, "kind": kind, **content},
    )


def _records(home: Home, kind: str | None = None) -> Iterator[dict[str, Any]]:
    for path in sorted(home.reviews.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            known = {"release": _REQUIRED, "lookup": ("pseudonym",)}[content["kind"]]
            is_sound = content["schema_version"] <= SCHEMA_VERSION and all(name in content for name in known)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"{path}: expected a decision, could not be read; restore it from the backup"
            ) from error
        if not is_sound:
            raise SettingsError(f"{path}: incomplete, or written by a newer gm1-pipeline; restore it or install that")
        if kind in (None, content["kind"]):
            yield content
