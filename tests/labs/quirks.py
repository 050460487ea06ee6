"""One example export taken in without checks and without landing, as plain values to compare."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.ingest.arrivals import Arrival, arrival_id
from pipeline.ingest.batch import Batch
from pipeline.ingest.loading import load_batch
from pipeline.ingest.member import examine
from pipeline.ingest.pseudonym import key_parameters
from pipeline.ingest.workspace import workspace
from pipeline.labs import load_labs
from pipeline.records import RECORDS
from pipeline.settings import Settings

FOLDERS = sorted(folder for folder in Path(__file__).parent.iterdir() if (folder / "format.yaml").is_file())


def export_of(folder: Path) -> Path:
    """The one file of a quirk's folder that is neither YAML nor JSON."""
    (export,) = [path for path in folder.iterdir() if path.suffix not in (".yaml", ".json", ".md")]
    return export


def take_in(folder: Path, root: Path) -> dict[str, Any]:
    """What intake makes of the example before checks: format, hold, rows, records and entries without a record."""
    export = export_of(folder)
    formats = load_labs([folder])
    arrival = Arrival(arrival_id(formats[0].lab, "0" * 64), formats[0].lab, export.name, "0" * 64,
                      export.stat().st_size, "2024-06-01T00:00:00Z")  # fmt: skip
    with workspace(root, Settings.load(root, {"GM1_THREADS": "2"})) as (connection, work):
        member = examine(arrival, export, formats, work / "copy")
        load_batch(Batch(connection, key_parameters(b"key of the examples"), [member]))
        assert member.lost is None
        records: list[dict[str, Any]] = []
        for record in RECORDS:
            found = connection.execute(f"SELECT * FROM {record} ORDER BY row_number")
            names = [column[0] for column in found.description or ()]
            records += [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        entries = connection.execute(
            "SELECT row_number, intake_disposition, intake_reason FROM row_entry ORDER BY row_number"
        ).fetchall()
    return {
        "format": member.format.id if member.format else None,
        "held": list(member.problem) if member.problem else None,
        "rows": member.rows,
        "records": records,
        "entries": [list(entry) for entry in entries],
    }


# Where a record stands and who it is about is tested elsewhere; here it is what the cells mean.
_PLACE = ("arrival_id", "slot", "format_id", "sending_lab", "arrived_on", "patient_key")


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """The filled fields of a record as JSON knows them: dates and decimals as text, without trailing zeros."""
    filled = {name: value for name, value in record.items() if value is not None and name not in _PLACE}
    return {
        name: value if isinstance(value, str | bool | int | float) else _text(value) for name, value in filled.items()
    }


def _text(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
