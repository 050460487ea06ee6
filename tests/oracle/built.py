"""Cohorts through the pipeline: their marts, and the same rows with their places for the oracle."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import harness

from . import marts
from .answers import Answers, answer
from .cohorts import Cohort
from .rule_rows import Rules, read

SHIPPED_RULES = Path(__file__).parents[2] / "pipeline" / "rules"
# where `harness.built` starts counting rows, by kind of record
FIRST = {"titres": 100, "studies": 1000, "sites": 2000}


def both(folder: Path, made: Cohort) -> tuple[Answers, Answers]:
    """The oracle's answers and the pipeline's, to the same cohort."""
    write_rules(folder / "rules", made.site_rules)
    con = harness.built(folder, made.titres, made.studies, made.sites, cutoffs_used=made.cutoffs)
    rows = placed(made)
    return answer(*rows, read([SHIPPED_RULES, folder / "rules"])), marts.read(con, places(rows))


def placed(made: Cohort) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows with arrival, row number, slot and the number that stands for the three."""
    kinds = {"titres": made.titres, "studies": made.studies, "sites": made.sites}
    arrivals = sorted({f"a{row.get('arrival', 1)}" for rows in kinds.values() for row in rows})
    found = []
    for kind, rows in kinds.items():
        with_place = []
        for number, row in enumerate(rows, FIRST[kind]):
            arrival = f"a{row.get('arrival', 1)}"
            said = {name: value for name, value in row.items() if name != "arrival"}
            place = {"arrival_id": arrival, "row_number": number, "slot": 1}
            with_place.append({**said, **place, "row_id": arrivals.index(arrival) * 10**6 + number})
        found.append(with_place)
    return found[0], found[1], found[2]


def places(kinds: Sequence[Sequence[Mapping[str, Any]]]) -> dict[marts.Place, int]:
    """The number of a row by its place."""
    return {(r["arrival_id"], r["row_number"], r["slot"]): r["row_id"] for rows in kinds for r in rows}


def of_home(warehouse: duckdb.DuckDBPyConnection, landed: Path, rules: Rules) -> tuple[Answers, Answers]:
    """The oracle's answers and the pipeline's, to a home that was run."""
    arrivals = marts.records(warehouse, "FROM mart_reconciliation ORDER BY received_at, sending_lab, file_name")
    position = {row["arrival_id"]: n for n, row in enumerate(arrivals)}
    rows = [_landed(landed / kind, position) for kind in ("titre", "ncs_study", "ncs_site")]
    return answer(rows[0], rows[1], rows[2], rules), marts.read(warehouse, places(rows))


def _landed(folder: Path, position: Mapping[str, int]) -> list[dict[str, Any]]:
    with duckdb.connect() as con:
        rows = marts.records(con, f"FROM read_parquet('{folder}/*.parquet', union_by_name = true)")
    # the numbers of the warehouse's own: arrival, row, slot
    return [{**r, "row_id": (position[r["arrival_id"]] << 44) + (r["row_number"] << 12) + r["slot"]} for r in rows]


def write_rules(folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (SHIPPED_RULES / f"{name}.csv").open(newline="", encoding="utf-8") as shipped:
            head = next(csv.reader(shipped))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, head, restval="")
            writer.writeheader()
            writer.writerows(rows)
