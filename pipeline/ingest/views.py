"""The records of a batch as views over its parts, in landed columns; and the texts that are landed apart."""

from collections.abc import Mapping

from pipeline.ingest.batch import Batch, Part, by_file
from pipeline.ingest.expressions import literal
from pipeline.ingest.parse import PLACE_COLUMNS
from pipeline.records import KEPT_TEXT, LANDED, RECORDS


def create_views(batch: Batch) -> None:
    """One view a record; empty but typed when no file of the batch holds that record."""
    for record in RECORDS:
        selects = [_record_select(part) for part in batch.parts if part.format.record == record]
        if not selects:
            selects = [_nothing(LANDED[record])]
        batch.connection.execute(f"CREATE VIEW {record} AS {' UNION ALL '.join(selects)}")
    kept = [_kept_select(part, place, name) for part in batch.parts for place, name in enumerate(part.format.kept)]
    batch.connection.execute(f"CREATE VIEW kept_text AS {' UNION ALL '.join(kept) or _nothing(KEPT_TEXT)}")


def _nothing(columns: Mapping[str, str]) -> str:
    return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in columns.items())} WHERE false"


def _record_select(part: Part) -> str:
    received = [f"DATE {literal(origin.member.arrival.received_at[:10])}" for origin in part.origins]
    place = {
        "arrival_id": part.arrival_id,
        "row_number": f"CAST({part.row_number} AS INTEGER)",
        "slot": f"CAST({part.slot} AS INTEGER)",
        "format_id": literal(part.format.id),
        "sending_lab": literal(part.format.lab),
        "arrived_on": by_file(received),
    }
    names = LANDED[part.format.record]
    columns = ", ".join(f"{place[name]} AS {name}" if name in PLACE_COLUMNS else name for name in names)
    return f"SELECT {columns} FROM {part.table} WHERE layout IS NULL AND {part.is_landed}"


def _kept_select(part: Part, place: int, name: str) -> str:
    return (f"SELECT {part.arrival_id} AS arrival_id, CAST({part.row_number} AS INTEGER) AS row_number, "
            f"CAST({part.slot} AS INTEGER) AS slot, {literal(name)} AS header, kept_{place} AS text FROM {part.table} "
            f"WHERE layout IS NULL AND kept_{place} IS NOT NULL AND {part.is_landed}")  # fmt: skip
