"""The records of a batch as views over its parts, in landed columns."""

from pipeline.ingest.batch import Batch, Part, by_file
from pipeline.ingest.expressions import literal
from pipeline.ingest.parse import PLACE_COLUMNS
from pipeline.records import LANDED, RECORDS


def create_views(batch: Batch) -> None:
    """One view a record; empty but typed when no file of the batch holds that record."""
    for record in RECORDS:
        selects = [_record_select(part) for part in batch.parts if part.format.record == record]
        if not selects:
            columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in LANDED[record].items())
            selects = [f"SELECT {columns} WHERE false"]
        batch.connection.execute(f"CREATE VIEW {record} AS {' UNION ALL '.join(selects)}")


def _record_select(part: Part) -> str:
    place = {
        "arrival_id": part.arrival_id,
        "row_number": f"CAST({part.row_number} AS INTEGER)",
        "slot": "1",
        "format_id": literal(part.format.id),
        "sending_lab": literal(part.format.lab),
        "arrived_on": by_file([f"DATE {literal(member.arrival.received_at[:10])}" for member in part.members]),
    }
    names = LANDED[part.format.record]
    columns = ", ".join(f"{place[name]} AS {name}" if name in PLACE_COLUMNS else name for name in names)
    return f"SELECT {columns} FROM {part.table} WHERE layout IS NULL AND {part.is_landed}"
