"""Checks: what must hold of every record and every table, read from YAML and run by Great Expectations on DuckDB."""

from pipeline.checks.counting import judged_by_arrival
from pipeline.checks.execute import run_checks
from pipeline.checks.exit_noise import silence_exit
from pipeline.checks.load import checked_tables, expectations_sha256, load_checks
from pipeline.checks.model import Check, CheckOutcome, Condition, stops_publication
from pipeline.checks.suite import warm

__all__ = [
    "Check",
    "CheckOutcome",
    "Condition",
    "checked_tables",
    "expectations_sha256",
    "judged_by_arrival",
    "load_checks",
    "run_checks",
    "silence_exit",
    "stops_publication",
    "warm",
]
