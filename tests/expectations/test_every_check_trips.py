"""Every check finds its faulty row and lets the clean ones through: a check that cannot fail is no check."""

from functools import cache
from pathlib import Path

import pytest
import yaml
from expectation_rows import read_rows

from pipeline.checks import CheckOutcome, checked_tables, load_checks, run_checks
from pipeline.checks.model import ROW_KEYS
from pipeline.resources import EXPECTATIONS_DIR

TABLES = checked_tables(EXPECTATIONS_DIR)
CHECKS = [(table, check.id) for table in TABLES for check in load_checks(EXPECTATIONS_DIR, table)]


@cache
def outcomes_of_clean_rows(table: str) -> dict[str, CheckOutcome]:
    rows = read_rows(table)
    con = rows.connect(rows.clean_rows())
    return {o.check.id: o for o in run_checks(con, table, load_checks(EXPECTATIONS_DIR, table))}


@cache
def failures_of_faulty_rows(table: str) -> dict[str, set[int]]:
    """check id -> the row numbers it failed, all faulty rows of a table in one run."""
    rows = read_rows(table)
    con = rows.connect([row for faulty in rows.tripping_rows().values() for row in faulty])
    run_checks(con, table, load_checks(EXPECTATIONS_DIR, table), "check_failure", keys=ROW_KEYS)
    failed: dict[str, set[int]] = {}
    for check_id, row_number in con.execute("SELECT check_id, row_number FROM check_failure").fetchall():
        failed.setdefault(check_id, set()).add(row_number)
    return failed


@pytest.mark.parametrize(("table", "check_id"), CHECKS, ids=[check_id for _, check_id in CHECKS])
def test_check_passes_clean_rows_and_finds_its_faulty_rows(table: str, check_id: str) -> None:
    clean = outcomes_of_clean_rows(table)[check_id]
    assert clean.outcome == "passed", (
        f"{check_id} on clean rows: {clean.outcome}, {clean.n_failed} failed, {clean.error}"
    )
    faulty = read_rows(table).tripping_rows().get(check_id)
    assert faulty, f"rows/{table}.yaml has no row that trips {check_id}; add one under trips"
    numbers = {row["row_number"] for row in faulty}
    found = failures_of_faulty_rows(table).get(check_id, set()) & numbers
    # where several rows make one fault together, the last of them shows it; where each is a fault, all do
    assert max(numbers) in found


@pytest.mark.parametrize("table", TABLES)
def test_rows_trip_only_checks_that_exist(table: str) -> None:
    assert set(read_rows(table).trips) <= {check.id for check in load_checks(EXPECTATIONS_DIR, table)}


def test_check_ids_are_unique_over_all_tables() -> None:
    ids = [check_id for _, check_id in CHECKS]
    assert len(ids) == len(set(ids))
    assert len(ids) > 200


def test_deleting_an_entry_lets_its_row_through(tmp_path: Path) -> None:
    document = yaml.safe_load((EXPECTATIONS_DIR / "titre.yaml").read_text(encoding="utf-8"))
    document["checks"] = [entry for entry in document["checks"] if entry["id"] != "titre_reciprocal_whole"]
    (tmp_path / "titre.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    rows = read_rows("titre")
    faulty = rows.tripping_rows()["titre_reciprocal_whole"]
    for folder, expected in ((EXPECTATIONS_DIR, {"titre_reciprocal_whole"}), (tmp_path, set())):
        con = rows.connect(faulty)
        run_checks(con, "titre", load_checks(folder, "titre"), "check_failure")
        found = {check_id for (check_id,) in con.execute("SELECT check_id FROM check_failure").fetchall()}
        assert found == expected
