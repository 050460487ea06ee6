"""Input tables that reach as many branches of the models as we can make: invented cohorts, the demo exports, decisions."""

from pathlib import Path
from typing import Any

import duckdb
import engines
import harness
from oracle.built import write_rules
from oracle.cohorts import cohort

from pipeline import rulebook
from pipeline.demo import prepare
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.settings import Settings
from pipeline.warehouse import generations, inputs

SEED = 7
# the demo's arrivals and rows stand behind all of the cohort's
BEHIND = 10**9
# numbers that one engine writes with a power of ten and another without, and some that no binary number equals
NUMBERS = (12345678.0, 3e15, 1.7e-4, 4e-7, 0.0009765625, 0.1, 0.7, 1 / 3, 999999.9999)
CATCHMENT = {"catchment_id": "valley", "inhabitants": "1234567", "counted_on": "2024-12-31", "state": "active",
             "source_id": "PROJECT", "source_locator": "invented"}  # fmt: skip
UNIT_HELD = {"intake_disposition": "held", "intake_reason": "unit_undeclared"}


def rich_inputs(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with every input and rule table, and with the models as DuckDB makes them before any decision."""
    made = cohort(SEED)
    write_rules(folder / "rules", {**made.site_rules, "catchments": [CATCHMENT]})
    con = harness.built(
        folder, [*made.titres, *_numbers()], [*made.studies, *_one_study_twice()], made.sites, cutoffs_used=made.cutoffs,
        as_of="2026-01-01 00:00:00", crosswalk=_crosswalk(),
    )  # fmt: skip
    _add_demo(con, folder)
    # the first export is a workbook of two sheets
    con.execute("INSERT INTO input_sheet VALUES ('a1', 'results', 0, 200), ('a1', 'more', 200, 5000)")
    engines.on_duckdb(con)
    _decide(con)
    return con


def _numbers() -> list[dict[str, Any]]:
    """Two exports of numbers, some held: their middles move, and what is decided of them is bound to how they read."""
    return [
        {"arrival": arrival, "accession": f"N{arrival}-{n}", "patient_key": f"n{n}", "value": value * arrival,
         "result_kind": "number", "unit": "%", **(UNIT_HELD if n % 3 == 0 else {})}
        for arrival in (1, 2) for n, value in enumerate(NUMBERS * 5)
    ]  # fmt: skip


def _one_study_twice() -> list[dict[str, Any]]:
    """A study sent again, and a treatment between samples."""
    first = {"patient_key": "n1", "study_id": "S1", "reported_at": "2025-02-02 00:00:00", "ever_ivig": "yes",
             "first_ivig_on": "2025-01-05", "last_ivig_on": "2025-01-05"}  # fmt: skip
    return [first, {**first, "reported_at": "2025-02-03 12:00:00.5"}]


def _crosswalk() -> list[dict[str, Any]]:
    """Two keys of one person, a key that two persons claim, and a person nobody has seen."""
    pairs = (("person1", "n1"), ("person1", "n2"), ("person2", "n3"), ("person3", "n3"), ("person4", "unseen"))
    return [{"person_key": person, "namespace": "lab", "patient_key": key} for person, key in pairs]


def _add_demo(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Puts the landed demo exports behind the rows that are there."""
    settings = Settings.load(folder / "demo", {})
    prepare(settings)
    ingest(settings)
    home = Home.open(settings)
    with duckdb.connect() as landed:
        book = rulebook.load(settings.rules_dirs)
        inputs.create(landed, home, generations.counted(home), book)
        for name in inputs.names(book):
            if name.startswith("input_") and name != "input_build":
                _append(con, landed, name, folder / f"{name}.parquet")


def _append(con: duckdb.DuckDBPyConnection, landed: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    columns = [row[0] for row in landed.execute(f"DESCRIBE {name}").fetchall()]
    shifts = {place: f"{place} + {BEHIND}" for place in ("row_id", "arrival_position")}
    listed = ", ".join(f"{shifts.get(column, column)} AS {column}" for column in columns)
    landed.execute(f"COPY (SELECT {listed} FROM {name}) TO '{file}'")
    con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet('{file}')")


def _decide(con: duckdb.DuckDBPyConnection) -> None:
    """A decision about every held row: two of three are used, the third is rejected; each seventh is about other content."""
    held = con.execute("""
        SELECT arrival_id, row_number, slot, reasons FROM mart_row_disposition WHERE disposition = 'held' AND record <> 'none'
        ORDER BY arrival_id, row_number, slot""").fetchall()
    assert len(held) > 20
    con.executemany("INSERT INTO input_decision VALUES (?, ?, ?, ?, ?, 'A. Reviewer', '2026-01-01', 'asked', NULL)", [
        (arrival, row_number, slot, reason, "reject" if n % 3 == 2 else "use")
        for n, (arrival, row_number, slot, reason) in enumerate(held)
    ])  # fmt: skip
    engines.on_duckdb(con)
    con.execute("""
        UPDATE input_decision SET fingerprint = CASE WHEN s.row_id % 7 = 0 THEN 'another' ELSE c.fingerprint END
        FROM core_decision c JOIN (
            SELECT row_id, arrival_id, row_number, slot FROM stg_titre
            UNION ALL SELECT row_id, arrival_id, row_number, slot FROM stg_ncs_study
            UNION ALL SELECT row_id, arrival_id, row_number, slot FROM stg_ncs_site) s ON s.row_id = c.row_id
        WHERE s.arrival_id = input_decision.arrival_id AND s.row_number = input_decision.row_number
          AND s.slot = input_decision.slot AND c.reason_code = input_decision.reason_code""")
