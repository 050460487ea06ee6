"""Example exports taken in, as plain values to compare: one alone before checks, or all of them the whole way.

A folder with `expected.json` holds one export and says what parsing makes of it. A folder with
`expected_dispositions.json` holds the exports of one laboratory in the order they arrive (by name) and says where each
row ended in the warehouse and what each result means there; `assay_cutoffs.csv` beside them has its cut-offs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from shutil import copyfile
from typing import Any

import duckdb

from pipeline import resources
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.arrivals import Arrival, arrival_id
from pipeline.ingest.batch import Batch
from pipeline.ingest.loading import load_batch
from pipeline.ingest.member import examine
from pipeline.ingest.pseudonym import key_parameters
from pipeline.ingest.workspace import workspace
from pipeline.labs import load_labs
from pipeline.records import RECORDS
from pipeline.settings import Settings
from pipeline.warehouse import build

LABS = Path(__file__).parent
FOLDERS = sorted(folder for folder in LABS.iterdir() if (folder / "format.yaml").is_file())
ALONE = [folder for folder in FOLDERS if (folder / "expected.json").is_file()]
WHOLE_WAY = [folder for folder in FOLDERS if (folder / "expected_dispositions.json").is_file()]
_CUTOFFS = "assay_cutoffs.csv"
_BESIDE = ("expected.json", "expected_dispositions.json", _CUTOFFS)
# The examples arrive a day after each other, from the first of June 2024 (UTC) on.
_FIRST_ARRIVAL, _DAY = 1717200000, 86400


def exports_of(folder: Path) -> list[Path]:
    """The exports of a quirk's folder in the order they arrive."""
    return sorted(path for path in folder.iterdir() if path.suffix != ".yaml" and path.name not in _BESIDE)


def take_in(folder: Path, root: Path) -> dict[str, Any]:
    """What intake makes of the one export before checks: format, hold, rows, records and entries without a record.

    `notes` are there when there are any.
    """
    (export,) = exports_of(folder)
    formats = load_labs([folder])
    arrival = Arrival(arrival_id(formats[0].lab, "0" * 64), formats[0].lab, export.name, "0" * 64,
                      export.stat().st_size, "2024-06-01T00:00:00Z")  # fmt: skip
    with workspace(root, Settings.load(root, {"GM1_THREADS": "2"})) as (connection, work):
        member = examine(arrival, export, formats, work / "copy")
        load_batch(Batch(connection, key_parameters(b"key of the examples"), [member]))
        assert member.lost is None
        records: list[dict[str, Any]] = []
        for record in RECORDS:
            found = connection.execute(f"SELECT * FROM {record} ORDER BY row_number, slot")
            names = [column[0] for column in found.description or ()]
            records += [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        entries = connection.execute(
            "SELECT row_number, intake_disposition, intake_reason, slot FROM row_entry ORDER BY row_number, slot"
        ).fetchall()
    return {
        "format": member.format.id if member.format else None,
        "held": list(member.problem) if member.problem else None,
        "rows": member.rows,
        "records": records,
        "entries": [list(entry) if entry[3] > 1 else list(entry[:3]) for entry in entries],
        **({"notes": member.notes} if member.notes else {}),
    }


# Where a record stands and who it is about is tested elsewhere; here it is what the cells mean.
_PLACE = ("arrival_id", "format_id", "sending_lab", "arrived_on", "patient_key")


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """The filled fields of a record as JSON knows them: dates and decimals as text, without trailing zeros; slots
    other than the first."""
    filled = {name: value for name, value in record.items() if value is not None and name not in _PLACE}
    if filled.get("slot") == 1:
        del filled["slot"]
    return {
        name: value if isinstance(value, str | bool | int | float) else _text(value) for name, value in filled.items()
    }


def _text(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


@contextmanager
def warehouse_of_all(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse built from every folder that goes the whole way: one intake and one build for all of them."""
    home = Home.create(root / "home", demo=True)
    for folder in WHOLE_WAY:
        (lab,) = {one.lab for one in load_labs([folder])}
        inbox = home.inbox / lab
        # a laboratory belongs to one folder: its rows must not meet those of another
        inbox.mkdir()
        for day, export in enumerate(exports_of(folder)):
            copyfile(export, inbox / export.name)
            os.utime(inbox / export.name, (_FIRST_ARRIVAL + day * _DAY,) * 2)
    with_cutoffs = tuple(folder for folder in WHOLE_WAY if (folder / _CUTOFFS).is_file())
    settings = replace(
        Settings.load(home.root, {"GM1_THREADS": "2", "GM1_MEMORY_LIMIT": "1GB"}),
        labs_dirs=tuple(WHOLE_WAY),
        rules_dirs=(resources.RULES_DIR, *with_cutoffs),
    )
    summary = ingest(settings)
    assert not summary.errors, summary.errors
    build(settings)
    with duckdb.connect(str(home.warehouse_file), read_only=True) as warehouse:
        yield warehouse


def dispositions(warehouse: duckdb.DuckDBPyConnection, lab: str) -> dict[str, Any]:
    """Where every row of a laboratory's exports ended; by export, then by place.

    Each is [disposition, reasons, interpretation, reason it is not evaluable, row it repeats or replaces], cut off
    behind the last that is there.
    """
    rows = warehouse.execute(
        """SELECT d.file_name, d.place || CASE WHEN d.slot > 1 THEN concat(', slot ', d.slot) ELSE '' END,
             d.disposition, d.reasons, r.interpretation,
             CASE WHEN r.interpretation = 'not_evaluable' THEN r.reason_code END,
             CASE WHEN o.place IS NOT NULL THEN concat(o.file_name, ', ', o.place) END
           FROM mart_row_disposition d
           LEFT JOIN mart_result r
             ON r.arrival_id = d.arrival_id AND r.row_number = d.row_number AND r.slot = d.slot
           LEFT JOIN mart_row_disposition o
             ON o.arrival_id = d.original_arrival_id AND o.row_number = d.original_row_number
             AND o.slot = d.original_slot
           WHERE d.sending_lab = ? ORDER BY d.file_name, d.row_number, d.slot""",
        [lab],
    ).fetchall()
    found: dict[str, Any] = {}
    for file_name, place, *fate in rows:
        while fate[-1] is None:
            fate.pop()
        found.setdefault(file_name, {})[place] = fate
    return found


def patients(warehouse: duckdb.DuckDBPyConnection, lab: str) -> list[list[Any]]:
    """The patients of a laboratory by their chosen result's day: flow class, interpretation, day, before first IVIG."""
    rows = warehouse.execute(
        """SELECT DISTINCT p.flow_class, p.interpretation, CAST(p.collected_on AS VARCHAR), p.is_before_first_ivig,
             p.n_results, p.patient_key
           FROM mart_patient p JOIN mart_result r ON r.patient_key = p.patient_key
           WHERE r.sending_lab = ? ORDER BY ALL""",
        [lab],
    ).fetchall()
    return [list(row[:-1]) for row in rows]
