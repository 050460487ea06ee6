"""Tables that are computed, not selected: intervals and verdicts of counts, by the statistics module."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb

from pipeline import statistics
from pipeline.warehouse import fact_figures
from pipeline.warehouse.inputs import table_from_rows

INTERVAL_TYPES = {
    "n_tested": "BIGINT", "n_positive": "BIGINT", "ci_low": "DOUBLE", "ci_high": "DOUBLE", "ci_method": "VARCHAR",
    "verdict": "VARCHAR", "verdict_reason": "VARCHAR",
}  # fmt: skip
TYPES: Mapping[str, Mapping[str, str]] = {"figure_interval": INTERVAL_TYPES, **fact_figures.TYPES}
# What each computed table comes after.
AFTER: Mapping[str, tuple[str, ...]] = {
    "figure_interval": (
        "core_rate_count",
        "core_fact_count",
        "core_analyte_count",
        "rule_published_range",
        "rule_published_cohort",
    ),
    **fact_figures.AFTER,
}


def create(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes the computed table `name`."""
    rows = computed(name, lambda sql: con.execute(sql).fetchall())
    table_from_rows(con, name, TYPES[name], rows, temporary=True)


def computed(name: str, ask: Callable[[str], Sequence[Sequence[Any]]]) -> list[dict[str, Any]]:
    """The rows of the computed table `name`, whatever engine answers `ask`; KeyError for one nobody makes."""
    if name != "figure_interval":
        return fact_figures.computed(name, ask)
    counts = ask("""
        SELECT DISTINCT n_tested, n_positive FROM (
          SELECT n_tested, n_positive FROM core_rate_count UNION ALL SELECT n_tested, n_positive FROM core_fact_count
          UNION ALL SELECT n_tested, n_positive FROM core_analyte_count
          UNION ALL SELECT n_tested, n_positive FROM rule_published_cohort WHERE n_positive IS NOT NULL) counted""")
    published = ask("SELECT low, high, ci_method, confidence, minimum_n FROM rule_published_range")
    if not published:
        raise KeyError("rule_published_range is empty")
    return [_interval(n_tested, n_positive, *published[0]) for n_tested, n_positive in sorted(map(tuple, counts))]


def _interval(
    n_tested: int,
    n_positive: int,
    published_low: float,
    published_high: float,
    method: str,
    confidence: float,
    minimum_n: int,
) -> dict[str, Any]:
    low, high = statistics.interval(n_positive, n_tested, method, confidence) if n_tested else (None, None)
    verdict, reason = statistics.verdict(n_tested, low, high, published_low, published_high, minimum_n)
    return {
        "n_tested": n_tested, "n_positive": n_positive, "ci_low": low, "ci_high": high, "ci_method": method,
        "verdict": verdict, "verdict_reason": reason,
    }  # fmt: skip
