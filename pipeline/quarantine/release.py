"""A named person's decision about a held row or a held export: checked against what is held now, then recorded."""

from pipeline.decisions import REJECT, USE, Decision, all_decisions, instant_now, record
from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, find
from pipeline.ingest.generations import Landed, landed
from pipeline.messages import MESSAGES
from pipeline.quarantine.fitting import fingerprint
from pipeline.quarantine.gather import gathered
from pipeline.settings import Settings


def release(
    settings: Settings,
    export: str,
    decision: str,
    decided_by: str,
    why: str,
    row_number: int | None = None,
    slot: int = 1,
) -> Decision:
    """Record that a held row (or, without a row number, a held export) is used or rejected; the next build goes by it.

    A decision can be decided anew, as long as it is what decides. Raises UsageError when the row or export is not held,
    when the hold of an export is not one a person may overrule, and when the warehouse is older than what has landed.
    """
    home = Home.open(settings)
    arrival = find(home, export)
    made = landed(home).get(arrival.arrival_id)
    if made is None:
        raise UsageError(f"{export}: is not landed yet; run `gm1 ingest` first")
    said = None
    if row_number is None:
        reason = _reason_of_export(home, arrival, made, decision)
    else:
        said = fingerprint(settings, home, arrival.arrival_id, row_number, slot)
        reason = _reason_of_row(home, arrival, made, row_number, slot, said)
    given = Decision(
        instant_now(),
        decided_by,
        why,
        arrival.arrival_id,
        row_number,
        None if row_number is None else slot,
        reason,
        decision,
        said,
    )
    return record(home, given, not_before=made.generation_at)


def _name(arrival: Arrival) -> str:
    return f"{arrival.lab}/{arrival.file_name}"


def _latest(
    home: Home, arrival: Arrival, row_number: int | None, slot: int | None, said: str | None
) -> Decision | None:
    """The last decision anybody made about an export or about what a row says now, whatever it was held for."""
    place = (arrival.arrival_id, row_number, slot)
    found = [one for one in all_decisions(home) if one.place == place and one.fingerprint == said]
    return found[-1] if found else None


def _reason_of_export(home: Home, arrival: Arrival, made: Landed, decision: str) -> str:
    if made.held_reason is None:
        earlier = _latest(home, arrival, None, None, None)
        if earlier is not None and earlier.decision == USE and decision == REJECT:
            return earlier.reason_code
        raise UsageError(f"{_name(arrival)}: is not held; `gm1 quarantine` lists what is")
    if decision == USE and not MESSAGES[made.held_reason].can_release:
        raise UsageError(
            f"{_name(arrival)}: held for {made.held_reason}, which nobody can overrule; {MESSAGES[made.held_reason].remedy}"
        )
    return made.held_reason


def _reason_of_row(home: Home, arrival: Arrival, made: Landed, row_number: int, slot: int, said: str | None) -> str:
    if made.held_reason is not None:
        raise UsageError(f"{_name(arrival)}: the whole file is held; decide about the file, without --row")
    with gathered(home, arrival_id=arrival.arrival_id) as found:
        if found.is_landed_newer:
            raise UsageError(f"{_name(arrival)}: has landed after the warehouse was built; run `gm1 build` first")
        query = "SELECT disposition, reasons FROM waiting WHERE row_number = ? AND slot = ?"
        row = found.connection.execute(query, [row_number, slot]).fetchone()
    if row is not None and row[0] == "held" and said is not None:
        return str(row[1])
    # what a decision made of the row may be decided anew; what the laboratory or a check made of it may not
    earlier = _latest(home, arrival, row_number, slot, said) if said is not None else None
    is_decided = row is None or row[1] == "rejected_on_review"
    if earlier is not None and is_decided:
        return earlier.reason_code
    raise UsageError(
        f"{_name(arrival)}, row {row_number}, slot {slot}: is not held; `gm1 quarantine {arrival.arrival_id}` lists what is"
    )
