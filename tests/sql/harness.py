"""Tiny landed tables in, the models' tables out: each SQL test says a few rows and what must become of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline import resources, rulebook
from pipeline.records import LANDED
from pipeline.rulebook import cutoffs
from pipeline.rulebook.tables import TABLES
from pipeline.warehouse import figures, inputs, models

Row = Mapping[str, Any]
CUTOFF = next(t for t in TABLES if t.name == "rule_cutoff")

TITRE: Row = {
    "sending_lab": "lab", "patient_key": "p1", "patient_id_is_well_formed": True, "accession": "A1", "test_code": "GM1M",
    "performing_lab": "LAB", "assay": "ELISA", "antigen": "GM1", "isotype": "IgM", "specimen": "serum", "unit": "{titer}",
    "collected_on": "2025-01-10", "reported_at": "2025-01-12 00:00:00", "result_kind": "titre", "comparator": "",
    "value": 800, "status": "final", "result_text": "1:800",
}  # fmt: skip
STUDY: Row = {
    "sending_lab": "clinic", "patient_key": "p1", "patient_id_is_well_formed": True, "study_on": "2025-02-01",
    "diagnosis": "MMN", "certainty": "definite", "label_rests_on_anti_gm1": "no",
}  # fmt: skip
SITE: Row = {
    "sending_lab": "clinic", "patient_key": "p1", "patient_id_is_well_formed": True, "exam_id": "E1",
    "exam_on": "2025-02-01", "nerve": "median", "side": "L", "muscle": "APB", "site": "wrist", "latency_ms": "3.5",
    "amplitude_mv": "10", "area_mv_ms": "30", "duration_ms": "6",
}  # fmt: skip


def cutoff(interpretation: str, rule_id: str | None = None, **bounds: Any) -> Row:
    """One active band of LAB's ELISA for IgM anti-GM1 in serum, in titres; keywords replace any column."""
    row = {
        "rule_id": rule_id or f"LAB.{interpretation}", "performing_lab": "LAB", "assay": "ELISA", "antigen": "GM1",
        "isotype": "IgM", "specimen": "serum", "unit": "{titer}", "interpretation": interpretation,
        "source_id": "invented", "source_locator": "test", "approved_by": "test", "approved_on": "2025-01-01",
    }  # fmt: skip
    return {**row, **bounds}


def two_bands(limit: float = 800) -> list[Row]:
    """Negative below `limit`, positive from it on."""
    return [cutoff("negative", below=limit), cutoff("positive", at_or_above=limit)]


def rules_dir(folder: Path, rows: Sequence[Row]) -> Path:
    """A site's rule folder that holds these cut-offs."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(
        [{name: row.get(name, "") for name in CUTOFF.columns} for row in rows], columns=list(CUTOFF.columns)
    )
    frame.to_csv(folder / "assay_cutoffs.csv", index=False)
    return folder


def built(
    folder: Path,
    titres: Sequence[Row] = (),
    studies: Sequence[Row] = (),
    sites: Sequence[Row] = (),
    rows: Sequence[Row] = (),
    failures: Sequence[Row] = (),
    cutoffs_used: Sequence[Row] | None = None,
    decisions: Sequence[Row] = (),
    as_of: str | None = None,
    crosswalk: Sequence[Row] = (),
    wanted: str | None = None,
) -> duckdb.DuckDBPyConnection:
    """Every model built from these rows, with the shipped rules and `cutoffs_used` (default: `two_bands`).

    Each row starts from TITRE, STUDY or SITE. A row's arrival is `arrival` (default 1), its number its place in the list.
    With `wanted` only that table is built, and what it reads.
    """
    con = duckdb.connect()
    book = rulebook.load(
        [resources.RULES_DIR, rules_dir(folder / "rules", two_bands() if cutoffs_used is None else cutoffs_used)]
    )
    landed = {
        "titre": _placed(TITRE, titres, 100), "ncs_study": _placed(STUDY, studies, 1000), "ncs_site": _placed(SITE, sites, 2000),
        "row": _placed({}, rows, 1), "check_failure": list(failures),
    }  # fmt: skip
    arrivals = sorted({row["arrival_id"] for part in landed.values() for row in part})
    known = [
        {"arrival_position": n, "arrival_id": a, "sending_lab": "lab", "file_name": f"{a}.csv", "batch": "b",
         "received_at": f"2025-03-0{n + 1} 00:00:00",
         "rows_counted": sum(row["arrival_id"] == a for name, part in landed.items() if name != "check_failure" for row in part)}
        for n, a in enumerate(arrivals)
    ]  # fmt: skip
    inputs.table_from_rows(con, "input_arrival", inputs.ARRIVAL_TYPES, known)
    inputs.table_from_rows(con, "input_sheet", inputs.SHEET_TYPES, [])
    inputs.table_from_rows(con, "input_decision", inputs.DECISION_TYPES, decisions)
    inputs.table_from_rows(con, "input_crosswalk", inputs.CROSSWALK_TYPES, crosswalk)
    inputs.table_from_rows(con, "input_check", inputs.CHECK_TYPES, [])
    inputs.table_from_rows(con, "input_build", inputs.AS_OF_TYPES, [{"as_of": as_of}])
    for name, part in landed.items():
        types = {"row_id": "BIGINT", **LANDED[name]}
        numbered = [{"row_id": arrivals.index(r["arrival_id"]) * 10**6 + r["row_number"], **r} for r in part]
        inputs.table_from_rows(con, f"input_{name}", types, numbered)
    for name, frame in book.tables.items():
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        inputs.table_from_rows(con, name, book.types[name], [{str(k): v for k, v in r.items()} for r in records])
    _run(con, list(book.tables), wanted)
    return con


def _placed(base: Row, rows: Sequence[Row], first: int) -> list[dict[str, Any]]:
    return [
        {**base, "row_number": first + n, "slot": 1, **{k: v for k, v in row.items() if k != "arrival"},
         "arrival_id": f"a{row.get('arrival', 1)}"}
        for n, row in enumerate(rows)
    ]  # fmt: skip


def _run(con: duckdb.DuckDBPyConnection, rule_tables: Sequence[str], wanted: str | None) -> None:
    found = {model.name: model for model in models.load_models(resources.SQL_DIR)}
    given: dict[str, tuple[str, ...]] = dict.fromkeys(
        [
            "input_arrival",
            "input_sheet",
            "input_decision",
            "input_crosswalk",
            "input_check",
            "input_build",
            *(f"input_{n}" for n in LANDED),
        ],
        (),
    )
    given.update(dict.fromkeys(rule_tables, ()))
    given.update(figures.AFTER)
    needed = _read_by(found, wanted) if wanted else {*found, *given}
    for name in models.in_order(found.values(), given):
        if name not in needed:
            continue
        if name in figures.AFTER:
            figures.create(con, name)
        elif name in found:
            con.execute(f"CREATE TABLE {name} AS {found[name].sql}")
        if name == "core_decision":
            _bind(con)


def _bind(con: duckdb.DuckDBPyConnection) -> None:
    """Decisions of a test that name no fingerprint were made about what the rows say."""
    con.execute("""
        UPDATE core_decision SET decided_fingerprint = fingerprint, still_fits = true WHERE decided_fingerprint IS NULL
    """)


def _read_by(found: Mapping[str, models.Model], wanted: str) -> set[str]:
    """The table and all that it reads, directly or not."""
    needed, waiting = set(), [wanted]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        reads = found[name].inputs if name in found else set(figures.AFTER.get(name, ()))
        waiting += sorted(reads - needed)
    return needed


def column(con: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    """The first column of a query, as a list."""
    return [row[0] for row in con.execute(sql).fetchall()]


__all__ = ["SITE", "STUDY", "TITRE", "built", "column", "cutoff", "cutoffs", "rules_dir", "two_bands"]
