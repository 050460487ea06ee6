"""What a person should know about an export that holds nothing: expected controls that are not there, undecidable dates."""

from collections import defaultdict

from pipeline.ingest.batch import Batch, Part
from pipeline.ingest.doubts import swapped_format
from pipeline.records import LANDED

# With this many dates, chance alone would have brought a day above the twelfth: the order of day and month is in doubt.
_TELLING_DATES = 20


def note_oddities(batch: Batch) -> None:
    """Write what is odd about the exports of a batch into their notes."""
    _note_missing_controls(batch)
    _note_ambiguous_dates(batch)


def _note_missing_controls(batch: Batch) -> None:
    """Laboratories that always send their controls and send none may have left out more than these."""
    found: dict[str, set[str]] = defaultdict(set)
    for part in batch.parts:
        if any(exclusion.is_expected for exclusion in part.format.exclusions):
            query = f"SELECT DISTINCT file, intake_reason FROM {part.table} WHERE intake_disposition = 'excluded'"
            for at, reason in batch.connection.execute(query).fetchall():
                found[part.origins[at].member.arrival.arrival_id].add(reason)
    for member in batch.members:
        exclusions = member.format.exclusions if member.format is not None else ()
        expected = {exclusion.reason for exclusion in exclusions if exclusion.is_expected}
        missing = len(expected - found[member.arrival.arrival_id])
        if missing and member.problem is None:
            member.note("controls_missing", missing)


def _note_ambiguous_dates(batch: Batch) -> None:
    """Dates that would all be dates in the other order too prove nothing about the declared one."""
    for part in batch.parts:
        names = [name for name in _dates_read(part) if swapped_format(part.format.shape.date) is not None]
        if not names:
            continue
        latest_day = f"greatest({', '.join(f'day({name})' for name in names)}, 0)"
        dates = " + ".join(f"count({name})" for name in names)
        query = (f"SELECT file FROM {part.table} WHERE layout IS NULL GROUP BY file "
                 f"HAVING {dates} > {_TELLING_DATES} AND max({latest_day}) <= 12")  # fmt: skip
        for (at,) in batch.connection.execute(query).fetchall():
            member = part.origins[at].member
            if member.problem is None and "dates_all_ambiguous" not in member.notes:
                member.note("dates_all_ambiguous")


def _dates_read(part: Part) -> list[str]:
    columns, kinds = part.format.columns, LANDED[part.format.record]
    return [name for name, column in columns.items() if column.source is not None and kinds.get(name) == "DATE"]
