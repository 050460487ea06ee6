"""The exports that the warehouse knows, each with what came of it, told apart by a hash of its outcome."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.errors import SettingsError
from pipeline.feedback.wording import Wording, codes
from pipeline.home import Home

# Counts up when the files look different for the same outcome, so that they are written again.
LAYOUT = 1
# A file name may be 255 bytes long on the machine, our endings included.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Export:
    """One export. `stem` begins the names of its two feedback files, `outcome` changes whenever their content would.

    `held_detail` names headers or counts of the laboratory's own file; `sheets` are (name, rows above it, rows).
    """

    arrival_id: str
    lab: str
    file_name: str
    sha256: str
    format_id: str | None
    received_at: str
    rows: int
    stem: str
    outcome: str
    held_reason: str | None
    held_detail: str | None
    sheets: tuple[tuple[str, int, int], ...]

    @property
    def annotated_name(self) -> str:
        """The file with every row."""
        return f"{self.stem}.annotated.csv"

    @property
    def summary_name(self) -> str:
        """The page in plain words."""
        return f"{self.stem}.summary.txt"


def known_exports(con: duckdb.DuckDBPyConnection, home: Home, wording: Wording) -> list[Export]:
    """Every export of the attached warehouse, in the order they came."""
    landed = _landed_entries(con, home)
    outcomes = _outcomes(con, wording)
    names: Counter[tuple[str, str]] = Counter()
    exports = []
    query = """
        SELECT arrival_id, sending_lab, file_name, sha256, format_id, strftime(received_at, '%Y-%m-%d %H:%M'), rows_counted
        FROM warehouse.mart_reconciliation ORDER BY received_at, sending_lab, file_name, arrival_id"""
    for arrival_id, lab, file_name, sha256, format_id, received_at, rows in con.execute(query).fetchall():
        entry = landed.get(arrival_id, {})
        names[lab, file_name] += 1
        stem = _stem(file_name, arrival_id, is_first=names[lab, file_name] == 1)
        detail = entry.get("held_detail")
        parts = [LAYOUT, stem, rows, format_id, detail, outcomes.get(arrival_id)]
        outcome = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        sheets = tuple((one["sheet"], one["above"], one["rows"]) for one in entry.get("sheets", ()))
        exports.append(Export(arrival_id, lab, file_name, sha256, format_id, received_at, rows, stem, outcome,
                              entry.get("held_reason"), detail, sheets))  # fmt: skip
    return exports


def _stem(file_name: str, arrival_id: str, is_first: bool) -> str:
    """The export's own name; with its arrival when an earlier export has that name, or when it is very long."""
    short = file_name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return file_name if is_first and short == file_name else f"{short}.{arrival_id[:8]}"


def _outcomes(con: duckdb.DuckDBPyConnection, wording: Wording) -> dict[str, list[Any]]:
    """By arrival: one number over the fate of every row, and the texts of every reason in it."""
    rows = """
        SELECT arrival_id, CAST(bit_xor(md5_number(concat(
          row_number, '|', slot, '|', coalesce(disposition, ''), '|', coalesce(reasons, ''), '|', coalesce(place, ''), '|',
          coalesce(original_arrival_id, ''), '|', original_row_number, '|', original_slot))) AS VARCHAR),
          list_sort(list(DISTINCT reasons) FILTER (WHERE reasons IS NOT NULL AND disposition <> 'layout'))
        FROM disposition GROUP BY arrival_id"""
    warnings = """
        SELECT arrival_id, CAST(bit_xor(md5_number(concat(check_id, '|', row_number, '|', slot))) AS VARCHAR),
          list_sort(list(DISTINCT check_id))
        FROM warehouse.mart_check_failure WHERE severity = 'warning' GROUP BY arrival_id"""
    found: dict[str, list[Any]] = {}
    for query in (rows, warnings):
        for arrival_id, number, reasons in con.execute(query).fetchall():
            named = sorted({code for text in reasons or () for code in codes(text)})
            found.setdefault(arrival_id, []).append([number, {code: wording.said(code).text for code in named}])
    return found


def _landed_entries(con: duckdb.DuckDBPyConnection, home: Home) -> Mapping[str, Mapping[str, Any]]:
    """What the manifests say of each arrival, of the very generations that the warehouse was built from."""
    row = con.execute("SELECT run_id FROM warehouse._build").fetchone()
    record = home.runs / str(row[0] if row else "") / "build.json"
    entries: dict[str, Mapping[str, Any]] = {}
    try:
        batches: dict[str, set[str]] = {}
        for one in json.loads(record.read_text(encoding="utf-8"))["arrivals"]:
            batches.setdefault(one["batch"], set()).add(one["arrival_id"])
        for batch, arrivals in batches.items():
            manifest = json.loads((home.landed / f"{batch}.manifest.json").read_text(encoding="utf-8"))
            entries |= {one["arrival_id"]: one for one in manifest["arrivals"] if one["arrival_id"] in arrivals}
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{record}: the record of the build or a manifest it names cannot be read; build again"
                            ) from error  # fmt: skip
    return entries
