"""Rows that hold no record: layout, torn rows, and every row of a file that is held whole."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from pipeline.ingest.batch import Batch, Part
from pipeline.ingest.member import Member
from pipeline.readers import Loaded
from pipeline.records import LANDED

LayoutRow = tuple[int, str, str | None]


def settle(batch: Batch, part: Part, loaded: Loaded) -> None:
    """Keep the rows of a part that hold no record, after holding the footers' totals against the rows there are."""
    layout, counts = _layout_rows(batch, part), _record_counts(batch, part)
    for at, member in enumerate(part.members):
        torn = []
        for one in loaded.rejects.get(at, ()):
            if one.is_footer or one.reason == "blank":
                layout[at].append((one.row_number, "footer" if one.is_footer else "blank", one.stated_rows))
            else:
                torn.append((one.row_number, one.reason))
        stated = [total for _, reason, total in layout[at] if reason == "footer"]
        check_footer(member, stated, counts.get(at, 0) + len(torn))
        if member.is_readable:
            arrival = member.arrival.arrival_id
            batch.entries += [(arrival, row, "layout", reason) for row, reason, _ in layout[at]]
            batch.entries += [(arrival, row, "rejected", reason) for row, reason in torn]


def _layout_rows(batch: Batch, part: Part) -> dict[int, list[LayoutRow]]:
    """By file: row number, reason and a footer's stated total of the loaded rows that hold no record."""
    query = f"SELECT file, {part.row_number}, layout, stated_rows FROM {part.table} WHERE layout IS NOT NULL"
    found: dict[int, list[LayoutRow]] = defaultdict(list)
    for at, row, reason, stated in batch.connection.execute(query).fetchall():
        found[at].append((row, reason, stated))
    return found


def _record_counts(batch: Batch, part: Part) -> dict[int, int]:
    query = f"SELECT file, count(*) FROM {part.table} WHERE layout IS NULL GROUP BY file"
    return dict(batch.connection.execute(query).fetchall())


def check_footer(member: Member, stated: Sequence[str | None], rows: int) -> None:
    """Hold a file whose declared closing line is missing or states another number of rows."""
    footer = member.format.shape.footer if member.format else None
    if footer is None or footer.stated_rows is None or member.problem or member.lost:
        return
    totals = [int("".join(filter(str.isdecimal, text))) for text in stated if text and any(map(str.isdecimal, text))]
    if not totals:
        member.problem = ("footer_missing", "no closing line with the number of rows; the file may be cut short")
    elif sum(totals) != rows:
        member.problem = ("footer_total_differs", f"the closing line states {sum(totals)} rows, the file holds {rows}")


def write_entries(batch: Batch) -> None:
    """The table row_entry: layout by place, what `settle` kept, and every row of a file that is held whole."""
    connection = batch.connection
    columns = ", ".join(f"{name} {kind}" for name, kind in LANDED["row"].items())
    connection.execute(f"CREATE TABLE row_entry ({columns})")
    entries = list(batch.entries)
    for member in batch.members:
        if member.problem is None and member.lost is None:
            entries += [(member.arrival.arrival_id, row, "layout", reason) for row, reason in member.prepared.layout]
    if entries:
        entries.sort()
        frame = pd.DataFrame(entries, columns=["arrival_id", "row_number", "disposition", "reason"])
        connection.register("entries", frame)
        connection.execute("INSERT INTO row_entry SELECT arrival_id, row_number, 1, disposition, reason FROM entries")
        connection.unregister("entries")
    for member in batch.members:
        if member.problem is not None and member.lost is None:
            connection.execute(
                "INSERT INTO row_entry SELECT ?, unnest(range(1, ? + 1)), 1, 'held', ?",
                [member.arrival.arrival_id, member.prepared.rows, member.problem[0]],
            )
