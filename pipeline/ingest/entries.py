"""Rows that hold no record: layout, torn rows, empty record slots, and every row of a file that is held whole."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from pipeline.ingest.batch import Batch, Entry, Origin, Part
from pipeline.ingest.member import Member, Table
from pipeline.ingest.parse import NOT_REQUESTED, OTHER_KIND
from pipeline.readers import Loaded
from pipeline.records import LANDED

# Of a stated total: more rows than that no file holds.
_MOST_DIGITS = 15
LayoutRow = tuple[int, str, str | None]


def settle(batch: Batch, parts: Sequence[Part], loaded: Loaded) -> None:
    """Keep the rows of some tables that hold no record, after holding the footers' totals against the rows there are.

    `parts` read the same rows, each one record slot of them; what is layout by its cells is so in every one.
    """
    first = parts[0]
    layout, counts = _layout_rows(batch, first), _record_counts(batch, first)
    slots = [_empty_slots(batch, part) for part in parts]
    strangers = _of_no_kind(batch, parts)
    for at, origin in enumerate(first.origins):
        torn = []
        for one in loaded.rejects.get(at, ()):
            row = one.row_number + origin.table.above
            if one.is_footer or one.reason == "blank":
                layout[at].append((row, "footer" if one.is_footer else "blank", one.stated_rows))
            else:
                torn.append((row, one.reason))
        stated = [total for _, reason, total in layout[at] if reason == "footer"]
        check_footer(origin.member, origin.table, stated, counts.get(at, 0) + len(torn))
        if not origin.member.is_readable:
            continue
        arrival = origin.member.arrival.arrival_id
        unread = [Entry(arrival, row, "layout", reason) for row, reason, _ in layout[at]]
        unread += [Entry(arrival, row, "rejected", reason) for row, reason in torn]
        unread += [Entry(arrival, row, "rejected", "no_record_kind", slot) for row, slot in strangers.get(at, ())]
        empty = [
            Entry(arrival, row, "layout", NOT_REQUESTED, slot) for found in slots for row, slot in found.get(at, ())
        ]
        batch.entries += unread + empty
        _count_units(batch, origin, parts, at, len(unread))


def settle_unread(batch: Batch, member: Member, table: Table) -> None:
    """Keep what its reader rejected of a table without a single record, and hold its footer against nothing."""
    if member.problem is not None or member.lost is not None:
        return
    check_footer(member, table, [], len(table.prepared.rejects))
    arrival = member.arrival.arrival_id
    batch.entries += [Entry(arrival, row + table.above, "rejected", reason) for row, reason in table.prepared.rejects]
    batch.units[arrival] = batch.units.get(arrival, 0) + len(table.prepared.rejects)


def _layout_rows(batch: Batch, part: Part) -> dict[int, list[LayoutRow]]:
    """By file: row number, reason and a footer's stated total of the loaded rows that are layout as a whole."""
    query = (f"SELECT file, {part.row_number}, layout, stated_rows FROM {part.table} "
             f"WHERE layout NOT IN ('{OTHER_KIND}', '{NOT_REQUESTED}')")  # fmt: skip
    found: dict[int, list[LayoutRow]] = defaultdict(list)
    for at, row, reason, stated in batch.connection.execute(query).fetchall():
        found[at].append((row, reason, stated))
    return found


def _record_counts(batch: Batch, part: Part) -> dict[int, int]:
    """By file: rows that are data, whether this reading finds a record in them or not."""
    query = (f"SELECT file, count(DISTINCT {part.row_number}) FROM {part.table} "
             f"WHERE layout IS NULL OR layout IN ('{OTHER_KIND}', '{NOT_REQUESTED}') GROUP BY file")  # fmt: skip
    if part.slot != "given_slot":
        query = query.replace(f"DISTINCT {part.row_number}", "*")
    return dict(batch.connection.execute(query).fetchall())


def _empty_slots(batch: Batch, part: Part) -> dict[int, list[tuple[int, int]]]:
    if not part.format.may_be_empty:
        return {}
    query = f"SELECT file, {part.row_number}, {part.slot} FROM {part.table} WHERE layout = '{NOT_REQUESTED}'"
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, row, slot in batch.connection.execute(query).fetchall():
        found[at].append((row, slot))
    return found


def _of_no_kind(batch: Batch, parts: Sequence[Part]) -> dict[int, list[tuple[int, int]]]:
    """By file: rows (of text tables: lines) that every reading leaves to another, and the slot they stand under."""
    if any(part.format.when is None for part in parts):
        return {}
    line = "given_slot" if parts[0].origins[0].table.prepared.is_numbered else "1"
    selects = [
        f"SELECT file, {part.row_number} AS row, {line} AS line FROM {part.table} WHERE layout = '{OTHER_KIND}'"
        for part in parts
    ]
    lines = batch.connection.execute(f"{' INTERSECT '.join(selects)} ORDER BY ALL").fetchall()
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, row, place in lines:
        found[at].append((row, (place - 1) * len(parts) + 1))
    return found


def _count_units(batch: Batch, origin: Origin, parts: Sequence[Part], at: int, unread: int) -> None:
    """Add up how many record slots this table must account for: its data rows times the readings that mean them."""
    prepared, arrival = origin.table.prepared, origin.member.arrival.arrival_id
    if all(part.format.when is None for part in parts):
        in_path = prepared.units if prepared.is_numbered else prepared.rows - len(prepared.layout)
        data = in_path - (unread - len(prepared.rejects) if prepared.is_numbered else unread)
        slots = data * len(parts)
    else:
        slots = sum(_meant(batch, part, at) for part in parts)
    batch.units[arrival] = batch.units.get(arrival, 0) + slots + unread


def _meant(batch: Batch, part: Part, at: int) -> int:
    """How many rows of a file a reading with a condition is meant for."""
    query = f"SELECT count(*) FROM {part.table} WHERE file = {at} AND (layout IS NULL OR layout = '{NOT_REQUESTED}')"
    return int(batch.connection.execute(query).fetchall()[0][0])


def check_footer(member: Member, table: Table, stated: Sequence[str | None], rows: int) -> None:
    """Hold a file whose declared closing line is missing or states another number of rows."""
    footer = table.readings[0].shape.footer
    if footer is None or footer.stated_rows is None or member.problem or member.lost:
        return
    digits = ["".join(filter(str.isdecimal, text)) for text in stated if text]
    totals = [int(text) for text in digits if 0 < len(text) <= _MOST_DIGITS]
    if any(len(text) > _MOST_DIGITS for text in digits):
        member.hold("footer_total_differs", "the closing line states a number of rows that no file can hold")
    elif not totals:
        member.hold("footer_missing", "no closing line with the number of rows; the file may be cut short")
    elif sum(totals) != rows:
        member.hold("footer_total_differs", f"the closing line states {sum(totals)} rows, the file holds {rows}")


def write_entries(batch: Batch) -> None:
    """The table row_entry: layout by place, what `settle` kept, and every row of a file that is held whole."""
    connection = batch.connection
    columns = ", ".join(f"{name} {kind}" for name, kind in LANDED["row"].items())
    connection.execute(f"CREATE TABLE row_entry ({columns})")
    landed = {member.arrival.arrival_id for member in batch.members if member.problem is None and member.lost is None}
    entries = [entry for entry in batch.entries if entry.arrival_id in landed]
    for member in batch.members:
        placed = _by_place(member)
        entries += placed
        batch.units[member.arrival.arrival_id] = batch.units.get(member.arrival.arrival_id, 0) + len(placed)
    if entries:
        entries.sort(key=lambda one: (one.arrival_id, one.row_number, one.slot))
        frame = pd.DataFrame([(one.arrival_id, one.row_number, one.slot, one.disposition, one.reason) for one in entries],
                             columns=["arrival_id", "row_number", "slot", "disposition", "reason"])  # fmt: skip
        connection.register("entries", frame)
        connection.execute(
            "INSERT INTO row_entry SELECT arrival_id, row_number, slot, disposition, reason FROM entries"
        )
        connection.unregister("entries")
    for member in batch.members:
        if member.problem is not None and member.lost is None:
            connection.execute(
                "INSERT INTO row_entry SELECT ?, unnest(range(1, ? + 1)), 1, 'held', ?",
                [member.arrival.arrival_id, member.rows, member.problem[0]],
            )
            batch.units[member.arrival.arrival_id] = member.rows


def _by_place(member: Member) -> list[Entry]:
    """Rows that are layout by where they stand: above the header, blank, on a sheet that is not read."""
    if member.problem is not None or member.lost is not None:
        return []
    placed = [(row + table.above, reason) for table in member.tables for row, reason in table.prepared.layout]
    return [Entry(member.arrival.arrival_id, row, "layout", reason) for row, reason in (*placed, *member.other_rows)]
