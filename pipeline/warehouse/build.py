"""From the landed data to the published warehouse file: read, combine, check, describe, swap."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline import rulebook as rules
from pipeline import validation
from pipeline.checks import CheckOutcome, expectations_sha256, load_checks, run_checks
from pipeline.errors import PublicationStopped
from pipeline.home import SCHEMA_VERSION, Home, write_json
from pipeline.settings import Settings
from pipeline.warehouse import figures, generations, inputs, lock, models, provenance, publish

log = logging.getLogger("gm1")

BUILD_TYPES = {
    "schema_version": "INTEGER", "run_id": "VARCHAR", "built_at": "TIMESTAMP", "as_of": "TIMESTAMP",
    "sql_sha256": "VARCHAR", "rulebook_sha256": "VARCHAR", "expectations_sha256": "VARCHAR", "labs_sha256": "VARCHAR",
    "crosswalk_sha256": "VARCHAR",
    "code_version": "VARCHAR", "python_version": "VARCHAR", "duckdb_version": "VARCHAR", "packages": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build published, and from how much."""

    run_id: str
    exports: int
    rows: int
    checks_failed: int
    warehouse_file: Path

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON and for a task's return value."""
        return {**asdict(self), "warehouse_file": str(self.warehouse_file)}


def build(settings: Settings, as_of: str | None = None) -> BuildSummary:
    """Builds and publishes warehouse/gm1.duckdb from everything landed, or from what had arrived by `as_of` (ISO, UTC).

    Raises Busy while another build holds the home, RulebookUnsound, SettingsError, and PublicationStopped when a critical
    check fails or a check errors: the file published before then stays as it was.
    """
    home = Home.open(settings)
    with lock.held(home.warehouse_file.parent / "build.lock"):
        for leftover in home.warehouse_file.parent.glob(".building-*"):
            leftover.unlink()
        book = rules.load(settings.rules_dirs)
        counted = generations.counted(home, as_of)
        now = datetime.now(UTC)
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        built = home.warehouse_file.parent / f".building-{run_id}.duckdb"
        try:
            return _build(settings, home, book, counted, run_id, now, built)
        finally:
            for leftover in built.parent.glob(f"{built.name}*"):
                leftover.unlink()


def _build(
    settings: Settings,
    home: Home,
    book: rules.Rulebook,
    counted: generations.Counted,
    run_id: str,
    now: datetime,
    built: Path,
) -> BuildSummary:
    publish.create_file(built)
    con = duckdb.connect(str(built), config=_config(settings, built))
    try:
        log.info("combining %d exports", len(counted.arrivals))
        _combine(con, settings, home, book, counted)
        log.info("checking the combined tables")
        outcomes = _check(con, settings)
        _add_check_results(con, counted, outcomes)
        _add_build_row(con, settings, counted, book, run_id, now)
        con.execute("DROP TABLE IF EXISTS mart_failure")
        publish.comment(con, models.load_meanings(settings.sql_dir))
        validation.write_site(con, home, run_id)
        _record_run(con, home, run_id, counted)
        _stop_if_unsound(con, home, run_id)
        rows = con.execute("SELECT coalesce(sum(rows_counted), 0) FROM mart_reconciliation").fetchone()
        failed = con.execute("SELECT count(*) FROM mart_check_result WHERE outcome = 'failed'").fetchone()
        con.execute("CHECKPOINT")
    finally:
        con.close()
    publish.swap(built, home.warehouse_file)
    return BuildSummary(
        run_id, len(counted.arrivals), int((rows or (0,))[0]), int((failed or (0,))[0]), home.warehouse_file
    )


def combine(settings: Settings, home: Home, book: rules.Rulebook, counted: generations.Counted, file: Path) -> None:
    """Combines what `counted` names under the rules of `book` into a new database `file`; nothing is checked or published."""
    publish.create_file(file)
    with duckdb.connect(str(file), config=_config(settings, file)) as con:
        _combine(con, settings, home, book, counted)


def _combine(
    con: duckdb.DuckDBPyConnection, settings: Settings, home: Home, book: rules.Rulebook, counted: generations.Counted
) -> None:
    inputs.create(con, home, counted, book)
    _run_models(con, settings.sql_dir, book)


def _config(settings: Settings, built: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "temp_directory": str(built) + ".tmp",
        "preserve_insertion_order": False,
        # nothing may be fetched: every function the models use is in the wheel
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _run_models(con: duckdb.DuckDBPyConnection, sql_dir: Path, book: rules.Rulebook) -> None:
    """Staging and core become temporary tables, marts tables of the file."""
    found = {model.name: model for model in models.load_models(sql_dir)}
    given: dict[str, tuple[str, ...]] = dict.fromkeys(inputs.names(book), ())
    given.update(figures.AFTER)
    for name in models.in_order(found.values(), given):
        if name in figures.AFTER:
            figures.create(con, name)
        elif name in found:
            kind = "TABLE" if found[name].layer == "mart" else "TEMP TABLE"
            con.execute(f"CREATE {kind} {name} AS {found[name].sql}")


def _check(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[CheckOutcome]:
    outcomes: list[CheckOutcome] = []
    for file in sorted(settings.expectations_dir.glob("mart_*.yaml")):
        outcomes += run_checks(con, file.stem, load_checks(settings, file.stem))
    return outcomes


def _add_check_results(
    con: duckdb.DuckDBPyConnection, counted: generations.Counted, outcomes: Sequence[CheckOutcome]
) -> None:
    of_marts = [
        {
            "check_id": o.check.id, "table_name": o.check.table, "severity": o.check.severity, "category": o.check.category,
            "expect": o.check.expect, "why": o.check.why, "if_failed": o.check.if_failed, "n_checked": o.n_checked,
            "n_failed": o.n_failed, "outcome": o.outcome, "error": o.error,
        }
        for o in outcomes
    ]  # fmt: skip
    inputs.table_from_rows(con, "mart_check_result", inputs.CHECK_TYPES, inputs.aggregated_checks(counted) + of_marts)


def _add_build_row(
    con: duckdb.DuckDBPyConnection, settings: Settings, counted: generations.Counted, book: rules.Rulebook, run_id: str,
    now: datetime,
) -> None:  # fmt: skip
    row = {
        "schema_version": SCHEMA_VERSION, "run_id": run_id, "built_at": now.replace(tzinfo=None).isoformat(sep=" "),
        "as_of": inputs.utc(counted.as_of),
        "sql_sha256": models.sql_sha256(settings.sql_dir), "rulebook_sha256": book.sha256,
        "expectations_sha256": expectations_sha256(settings),
        "labs_sha256": inputs.manifest_hash(counted.manifests, "labs_sha256"),
        "crosswalk_sha256": counted.crosswalk_sha256,
        "code_version": provenance.code_version(), "duckdb_version": duckdb.__version__,
        "python_version": provenance.python_version(), "packages": provenance.packages(),
    }  # fmt: skip
    inputs.table_from_rows(con, "_build", BUILD_TYPES, [row])


def _record_run(con: duckdb.DuckDBPyConnection, home: Home, run_id: str, counted: generations.Counted) -> None:
    """What ran, on what and with which outcome: kept whether or not the build is published."""
    checks = con.execute("SELECT * FROM mart_check_result ORDER BY table_name, check_id")
    names = [column[0] for column in checks.description or []]
    outcomes = [dict(zip(names, row, strict=True)) for row in checks.fetchall()]
    build_row = con.execute("SELECT * FROM _build")
    stamp = dict(zip([c[0] for c in build_row.description or []], build_row.fetchall()[0], strict=True))
    arrivals = [{"arrival_id": a.arrival_id, "batch": a.batch} for a in counted.arrivals]
    record = {"build": {k: str(v) for k, v in stamp.items()}, "arrivals": arrivals, "checks": outcomes,
              "decisions": [asdict(one) for one in counted.decisions],
              "crosswalk_sha256": counted.crosswalk_sha256}  # fmt: skip
    write_json(home.runs / run_id / "build.json", record)


def _stop_if_unsound(con: duckdb.DuckDBPyConnection, home: Home, run_id: str) -> None:
    """PublicationStopped for any check that errored, and for a critical one that failed on a table of the warehouse.

    A critical check on a landed record has already rejected the rows that failed it.
    """
    stopping = con.execute("""
        SELECT check_id, table_name, outcome FROM mart_check_result
        WHERE outcome = 'error' OR (outcome = 'failed' AND severity = 'critical' AND table_name LIKE 'mart_%')
        ORDER BY table_name, check_id""").fetchall()
    if stopping:
        named = ", ".join(f"{check} on {table} ({outcome})" for check, table, outcome in stopping)
        page = home.validation / f"{run_id}.html"
        raise PublicationStopped(f"nothing was published: {named}; read {page} and mend what it names")
