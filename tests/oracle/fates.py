"""Where every row ends: versions, copies, corrections and withdrawals, as the decision pages say."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .landed import Row, as_day, as_time, exact

LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001 - before every time that is stated; landed times are UTC without a zone
DECIDING = ("corrected", "withdrawn")
VALUE = ("result_kind", "comparator", "value", "word_meaning", "no_result_reason", "unit")
RANK = {"preliminary": 0, "final": 1, "confirmed": 1, "corrected": 2, "withdrawn": 3}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row: disposition, why, and the row that is the reason."""

    disposition: str
    reason: str | None = None
    original: int | None = None


Fates = dict[int, Fate]


def results(titres: Sequence[Row]) -> tuple[Fates, dict[int, Row]]:
    """The fate of every antibody row by its versions, and the rows as they are read: a confirmation with its value."""
    rows = [_with_value(row, titres) for row in titres]
    fates = {r["row_id"]: Fate(r["intake_disposition"], r.get("intake_reason")) for r in rows if not is_candidate(r)}
    for group in grouped((r for r in rows if is_candidate(r)), result_key).values():
        fates |= _versions(group)
    return fates, {r["row_id"]: r for r in rows}


def is_candidate(row: Row) -> bool:
    """Whether the build decides about the row; what intake held may still turn out to be withdrawn or corrected."""
    return row.get("intake_disposition") in (None, "", "held")


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Hashable, list[Row]]:
    """Rows by what they have in common."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def test_of(row: Row) -> Hashable:
    """What was measured and how; the local code is the sender's affair."""
    return tuple(row.get(name) for name in ("antigen", "isotype", "specimen", "assay", "panel_role"))


def result_key(row: Row) -> Hashable:
    """Versions of one result share laboratory, accession, patient, day and test."""
    return (
        row.get("performing_lab"), row.get("accession"), row.get("patient_key"), as_day(row.get("collected_on")), test_of(row),
    )  # fmt: skip


def measured(row: Row) -> Hashable:
    """What was found, apart from when and how it was reported."""
    return (
        row.get("result_kind"), row.get("comparator") or "", exact(row.get("value")), row.get("word_meaning"),
        row.get("no_result_reason"), row.get("unit") or "",
    )  # fmt: skip


def _with_value(row: Row, titres: Sequence[Row]) -> Row:
    if row.get("status") != "confirmed" or not is_candidate(row):
        return row
    if row.get("result_kind"):
        return {**row, "status": "final"}
    reports = [
        t for t in titres
        if is_candidate(t) and result_key(t) == result_key(row) and t.get("result_kind")
        and t.get("status") in ("preliminary", "final", "corrected")
    ]  # fmt: skip
    if not reports:
        return row
    latest = max(reports, key=lambda t: (as_time(t.get("reported_at")) or LONG_AGO, t["row_id"]))
    return {**row, "status": "final", **{name: latest.get(name) for name in VALUE}}


def _place(row: Row) -> tuple[datetime, int]:
    """Where a version stands among the others: by time of report, then by status."""
    return as_time(row.get("reported_at")) or LONG_AGO, RANK[row["status"]]


def _versions(group: Sequence[Row]) -> Fates:
    fates: Fates = {}
    kept = without_copies(group, lambda r: (*_place(r), measured(r)), fates)
    if len(group) == 1:
        return {group[0]["row_id"]: _of_one(group[0])}
    kept.sort(key=lambda r: (*_place(r), r["row_id"]))
    deciding = [r for r in kept if r["status"] in DECIDING]
    if deciding and deciding[-1]["status"] == "withdrawn":
        return fates | _withdrawn(kept, deciding[-1])
    return fates | _counted(kept, _place(deciding[-1]) if deciding else None)


def without_copies(rows: Sequence[Row], said: Callable[[Row], Hashable], fates: Fates) -> list[Row]:
    """The rows less exact copies, which are written into `fates`."""
    kept = []
    first: dict[Hashable, int] = {}
    for row in sorted(rows, key=lambda r: r["row_id"]):
        original = first.setdefault(said(row), row["row_id"])
        if original == row["row_id"]:
            kept.append(row)
        else:
            fates[row["row_id"]] = Fate("duplicate", "exact_copy", original)
    return kept


def _of_one(row: Row) -> Fate:
    match row["status"]:
        case "withdrawn":
            return Fate("withdrawn", "withdraws_nothing_known")
        case "preliminary":
            return Fate("held", "preliminary")
        case "confirmed":
            return Fate("held", "confirms_nothing_known")
    return Fate("held", row["intake_reason"]) if row.get("intake_disposition") else Fate("used")


def _withdrawn(kept: Sequence[Row], by: Row) -> Fates:
    fates: Fates = {}
    for number, row in enumerate(kept):
        if _place(row) > _place(by):
            fates[row["row_id"]] = Fate("held", "sent_after_withdrawal", by["row_id"])
        elif row is by:
            # the withdrawal names what it withdraws, the withdrawn name the withdrawal
            fates[row["row_id"]] = Fate(
                "withdrawn", "withdrawn_by_laboratory", kept[number - 1]["row_id"] if number else None
            )
        else:
            fates[row["row_id"]] = Fate("withdrawn", "withdrawn_by_laboratory", by["row_id"])
    return fates


def _counted(kept: Sequence[Row], since: tuple[datetime, int] | None) -> Fates:
    """Versions none of which was withdrawn last: those from the last correction on must agree."""
    verified = [r for r in kept if r["status"] not in ("preliminary", "confirmed")]
    tail = [r for r in verified if since is None or _place(r) >= since]
    first = tail[0]["row_id"] if tail else kept[0]["row_id"]
    agree = len({measured(r) for r in tail}) <= 1
    fates = {}
    for row in kept:
        fate = _of_version(row, verified, tail, agree)
        related = first if row["row_id"] != first else None
        fates[row["row_id"]] = Fate(fate.disposition, fate.reason, related)
    return fates


def _of_version(row: Row, verified: Sequence[Row], tail: Sequence[Row], agree: bool) -> Fate:
    if row["status"] == "preliminary":
        replaced = bool(verified) and _place(row) < _place(verified[-1])
        return Fate("superseded", "preliminary_replaced") if replaced else Fate("held", "preliminary")
    if row["status"] == "confirmed":
        return Fate("held", "confirms_nothing_known")
    if row not in tail:
        return Fate("superseded", "corrected")
    if not agree:
        return Fate("held", "conflicting_values")
    if row is not tail[0]:
        return Fate("duplicate", "same_result_again")
    return Fate("held", row["intake_reason"]) if row.get("intake_disposition") else Fate("used")
