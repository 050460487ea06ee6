"""What waits, as a page for a terminal and as plain values; never a value out of an export."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.messages import MOVES

_HEADINGS = {
    "sender": "The sending laboratory's move",
    "engineer": "The lab data engineer's move",
    "reviewer": "A reviewer's move (gm1 release)",
    "nobody": "Nobody's move",
}
_OLDER = "The warehouse is older than what has landed or was decided: `gm1 build` brings this list up to date."
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class HeldFile:
    """An export that is held whole, since it arrived."""

    arrival_id: str
    lab: str
    file_name: str
    since: str
    rows: int
    move: str
    reason: str
    detail: str
    meaning: str
    what_to_do: str
    can_release: bool
    is_landed: bool = True


@dataclass(frozen=True, slots=True)
class Outdated:
    """A decision about a row that reads differently since, and so waits again or is to be built yet."""

    export: str
    arrival_id: str
    place: str
    slot: int
    decision: str
    reason: str
    decided_by: str
    decided_at: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows that wait for one reason: how many, in which exports, and since when the oldest of them."""

    move: str
    reason: str
    disposition: str
    rows: int
    exports: tuple[str, ...]
    since: str
    meaning: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Everything that waits. A row that breaks several checks stands under each of them and once in `rows_waiting`."""

    files: tuple[HeldFile, ...]
    reasons: tuple[Reason, ...]
    rows_waiting: int
    is_warehouse_older: bool
    outdated: tuple[Outdated, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """By whose move it is; whole files first, then rows by reason, the most frequent first."""
        lines = [
            f"Held or rejected: {_count(len(self.files), 'whole file')} and {_count(self.rows_waiting, 'row')} of other files."
        ]
        for move in MOVES:
            files = [one for one in self.files if one.move == move]
            reasons = [one for one in self.reasons if one.move == move]
            if files or reasons:
                lines += ["", _HEADINGS[move]]
            for one in files:
                lines += _file_lines(one)
            for some in reasons:
                lines += _reason_lines(some)
        lines += _outdated_lines(self.outdated)
        return "\n".join([*lines, *(["", _OLDER] if self.is_warehouse_older else [])])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _file_lines(one: HeldFile) -> list[str]:
    overrule = " A reviewer may release it." if one.can_release else ""
    state = f"held whole, {_count(one.rows, 'row')}" if one.is_landed else "received, not landed"
    return [
        f"  {one.lab}/{one.file_name} ({one.arrival_id}): {state}, since {one.since}",
        f"      {one.reason}: {one.detail}",
        f"      {one.meaning} {one.what_to_do}{overrule}",
    ]


def _outdated_lines(outdated: Sequence[Outdated]) -> list[str]:
    if not outdated:
        return []
    lines = ["", "Decisions that no longer fit: the row reads differently since; decide anew about those that wait"]
    for one in outdated:
        slot = f", record {one.slot}" if one.slot != 1 else ""
        lines.append(
            f"  {one.export} ({one.arrival_id}), {one.place}{slot}: {one.decision} ({one.reason}), "
            f"by {one.decided_by}, {one.decided_at}"
        )
    return lines


def _reason_lines(one: Reason) -> list[str]:
    named = ", ".join(one.exports[:3]) + (f" and {len(one.exports) - 3} more" if len(one.exports) > 3 else "")
    return [
        f"  {_count(one.rows, 'row')} {one.disposition}, {one.reason}, since {one.since}, in {named}",
        f"      {one.meaning} {one.what_to_do}",
    ]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One record slot that is held or rejected; `reasons` has all of them."""

    place: str
    row_number: int
    slot: int
    disposition: str
    reasons: tuple[str, ...]
    what_to_do: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One export: why it is held whole, or its rows that wait."""

    arrival_id: str
    export: str
    received_at: str
    held: HeldFile | None
    rows: tuple[WaitingRow, ...]
    is_warehouse_older: bool
    outdated: tuple[Outdated, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A line a row, then each reason explained once; the first rows only where there are very many."""
        lines = [f"{self.export} ({self.arrival_id}), received {self.received_at}"]
        if self.held is not None:
            lines += _file_lines(self.held)
        elif not self.rows:
            lines.append("  nothing of it is held or rejected")
        else:
            lines += _row_lines(self.rows)
        lines += _outdated_lines(self.outdated)
        return "\n".join([*lines, *(["", _OLDER] if self.is_warehouse_older else [])])


def _row_lines(rows: Sequence[WaitingRow]) -> list[str]:
    lines = []
    for one in rows[:_SHOWN]:
        slot = f", record {one.slot}" if one.slot != 1 else ""
        lines.append(f"  {one.place}{slot}: {one.disposition}, {'; '.join(one.reasons)}")
    if len(rows) > _SHOWN:
        lines.append(f"  ... and {len(rows) - _SHOWN:,} more; --json lists all of them")
    remedies = dict(pair for one in rows for pair in zip(one.reasons, one.what_to_do, strict=True))
    return [*lines, "", *(f"  {code}: {remedy}" for code, remedy in sorted(remedies.items()))]
