"""Planned files as bytes: delimiter, encoding, and the file times of their month."""

import os
from datetime import UTC, datetime
from pathlib import Path

from pipeline.demo.plan import File, Plan
from pipeline.errors import UsageError
from pipeline.home import write_atomically

ARRIVES = {1: datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 2: datetime(2026, 4, 2, 8, 0, tzinfo=UTC)}


def write_files(inbox: Path, plan: Plan, month: int) -> None:
    """Writes every file of one month below `inbox`; an existing file of that name is replaced by the same bytes.

    Raises UsageError, before writing anything, when the inbox holds the exports of another cohort: two invented cohorts
    in one home would be added up.
    """
    for file in plan.files:
        path = inbox / file.lab / file.name
        if path.exists() and path.read_bytes() != encoded(file):
            raise UsageError(
                f"{path}: holds the demo exports of another variant or seed; repeat that --variant and --seed, "
                "or choose another --home"
            )
    for file in plan.files:
        if file.month == month:
            path = inbox / file.lab / file.name
            write_atomically(path, encoded(file))
            path.chmod(0o644)
            stamp = ARRIVES[month].timestamp()
            os.utime(path, (stamp, stamp))


def encoded(file: File) -> bytes:
    """The bytes of a file; cells that hold the delimiter or a quote are quoted."""
    return "".join(
        f"{file.delimiter.join(_quoted(c, file.delimiter) for c in row.cells)}\n" for row in file.rows
    ).encode(file.encoding)


def _quoted(cell: str, delimiter: str) -> str:
    if delimiter in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
