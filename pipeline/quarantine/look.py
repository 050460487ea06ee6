"""Look at what waits: all of it by whose move it is, or the rows of one export."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from pipeline.decisions import REJECT, Decision
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, find, receipts
from pipeline.ingest.generations import Landed, landed, released
from pipeline.messages import MOVES, Message, message
from pipeline.quarantine.fitting import outdated_of
from pipeline.quarantine.gather import Gathered, gathered, place
from pipeline.quarantine.listing import HeldFile, Listing, Outdated, Quarantine, Reason, WaitingRow
from pipeline.settings import Settings
from pipeline.warehouse import generations

_ROWS = """
    SELECT count(*) FROM (SELECT DISTINCT arrival_id, row_number FROM waiting WHERE NOT list_contains($whole, arrival_id))"""
_BY_REASON = """
    WITH single AS (SELECT arrival_id, disposition, unnest(string_split(reasons, '; ')) AS reason FROM waiting
                    WHERE NOT list_contains($whole, arrival_id))
    SELECT reason, disposition, arrival_id, count(*) FROM single GROUP BY ALL ORDER BY ALL"""


def quarantine(settings: Settings, lab: str | None = None) -> Quarantine:
    """Everything that is held or rejected in the generations that count, of all laboratories or of one."""
    home = Home.open(settings)
    known, decided = landed(home), released(home)
    with gathered(home, lab) as found:
        held = [one for one in found.arrivals if _is_held(one, decided)]
        whole = [one.arrival_id for one in held]
        (rows,) = found.connection.execute(_ROWS, {"whole": whole}).fetchall()[0]
        files = tuple(_held_file(one, known[one.arrival_id]) for one in held)
        files += tuple(
            _not_landed(one)
            for one in receipts(home).values()
            if one.arrival_id not in known and lab in (None, one.lab)
        )
        return Quarantine(
            files, _reasons(found, whole), int(rows), found.is_warehouse_older, _outdated(settings, home, found)
        )


def rows_of(settings: Settings, export: str) -> Listing:
    """The rows of one export that are held or rejected; UsageError for an export that is not known."""
    home = Home.open(settings)
    arrival = find(home, export)
    known, decided = landed(home), released(home)
    with gathered(home, arrival_id=arrival.arrival_id) as found:
        name = f"{arrival.lab}/{arrival.file_name}"
        listing = Listing(arrival.arrival_id, name, arrival.received_at, None, (), found.is_warehouse_older)
        if arrival.arrival_id not in known:
            return replace(listing, held=_not_landed(arrival))
        for one in found.arrivals:
            if _is_held(one, decided):
                return replace(listing, held=_held_file(one, known[one.arrival_id]))
            return replace(listing, rows=_rows(found, one), outdated=_outdated(settings, home, found))
        return listing


def _is_held(arrival: generations.Arrival, decided: Mapping[str, Collection[Decision]]) -> bool:
    """Whether a whole export waits: it is held, and nobody decided that it stays out."""
    out = {one.reason_code for one in decided.get(arrival.arrival_id, ()) if one.decision == REJECT}
    return arrival.held_reason is not None and arrival.held_reason not in out


def _held_file(arrival: generations.Arrival, made: Landed) -> HeldFile:
    said = message(arrival.held_reason or "")
    return HeldFile(
        arrival_id=arrival.arrival_id, lab=arrival.sending_lab, file_name=arrival.file_name, since=arrival.received_at,
        rows=arrival.rows_counted, move=said.move, reason=said.code, detail=made.held_detail or "", meaning=said.meaning,
        what_to_do=said.remedy, can_release=said.can_release,
    )  # fmt: skip


def _not_landed(arrival: Arrival) -> HeldFile:
    """An export that was received, and that no intake could land."""
    said = message("not_taken_in")
    return HeldFile(
        arrival_id=arrival.arrival_id, lab=arrival.lab, file_name=arrival.file_name, since=arrival.received_at, rows=0,
        move=said.move, reason=said.code, detail="could not be taken in", meaning=said.meaning, what_to_do=said.remedy,
        can_release=False, is_landed=False,
    )  # fmt: skip


def _outdated(settings: Settings, home: Home, found: Gathered) -> tuple[Outdated, ...]:
    """The decisions that no longer fit, about rows that wait or may wait once the warehouse is built."""
    arrivals = {one.arrival_id: one for one in found.arrivals}
    held = set(
        found.connection.execute(
            "SELECT arrival_id, row_number, slot FROM waiting WHERE disposition = 'held'"
        ).fetchall()
    )
    return tuple(
        Outdated(
            export=f"{of.sending_lab}/{of.file_name}", arrival_id=one.arrival_id, place=place(of, one.row_number or 0),
            slot=one.slot or 1, decision=one.decision, reason=one.reason_code, decided_by=one.decided_by,
            decided_at=one.decided_at,
        )
        for one in outdated_of(settings, home, found.decisions, list(arrivals))
        if one.arrival_id in found.newer or one.place in held
        for of in (arrivals[one.arrival_id],)
    )  # fmt: skip


def _reasons(found: Gathered, whole: list[str]) -> tuple[Reason, ...]:
    """Rows by reason and disposition, in the order of MOVES, the most frequent first."""
    arrivals = {one.arrival_id: one for one in found.arrivals}
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for code, disposition, arrival_id, rows in found.connection.execute(_BY_REASON, {"whole": whole}).fetchall():
        counted.setdefault((code, disposition), {})[arrival_id] = rows
    reasons = []
    for (code, disposition), rows_of_arrival in counted.items():
        exports = sorted((arrivals[one] for one in rows_of_arrival), key=lambda one: (one.received_at, one.file_name))
        said: Message = message(code, found.checks)
        reasons.append(Reason(
            move=said.move, reason=code, disposition=disposition, rows=sum(rows_of_arrival.values()),
            exports=tuple(f"{one.sending_lab}/{one.file_name}" for one in exports), since=exports[0].received_at,
            meaning=said.meaning, what_to_do=said.remedy,
        ))  # fmt: skip
    return tuple(sorted(reasons, key=lambda one: (MOVES.index(one.move), -one.rows, one.reason, one.disposition)))


def _rows(found: Gathered, arrival: generations.Arrival) -> tuple[WaitingRow, ...]:
    query = "SELECT row_number, slot, place, disposition, reasons FROM waiting ORDER BY row_number, slot"
    rows = []
    for row_number, slot, where, disposition, reasons in found.connection.execute(query).fetchall():
        codes = tuple(reasons.split("; "))
        remedies = tuple(message(code, found.checks).remedy for code in codes)
        rows.append(WaitingRow(where or place(arrival, row_number), row_number, slot, disposition, codes, remedies))
    return tuple(rows)
