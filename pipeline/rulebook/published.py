"""Published cohorts: proof that an active one can be counted, and that its counts give the rate its paper states."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.errors import RulebookUnsound

STATES = ("active", "draft")
# Where the number of positive patients comes from; only a number that the source itself gives can be active.
BASES = ("stated", "computed", "remembered", "rate_only", "not_stated")


def prove_sound(rows: pd.DataFrame, sources: pd.DataFrame) -> None:
    """Raises RulebookUnsound for a cohort that contradicts itself, and for an active one that cannot be counted."""
    known = set(sources["source_id"])
    for row in rows.to_dict("records"):
        where = f"published_cohorts.csv, cohort {row['cohort_id']}"
        for name, words in (("state", STATES), ("count_basis", BASES)):
            if row[name] not in words:
                raise RulebookUnsound(f"{where}: {name} must be one of {', '.join(words)}")
        if row["source_id"] not in known:
            raise RulebookUnsound(f"{where}: source {row['source_id']} is not in sources.csv; add it there")
        _refuse_counts(where, row)
        _refuse_unstated(where, row)


def _refuse_counts(where: str, row: Mapping[Any, Any]) -> None:
    """More positive than tested, or positive ones of nobody knows how many."""
    tested, positive = row["n_tested"], row["n_positive"]
    if not pd.isna(positive) and (pd.isna(tested) or not 0 <= positive <= tested):
        raise RulebookUnsound(f"{where}: expected n_tested, and no more n_positive than that")
    if not pd.isna(tested) and tested < 1:
        raise RulebookUnsound(f"{where}: n_tested must be at least 1, or empty where it is not known")


def _refuse_unstated(where: str, row: Mapping[Any, Any]) -> None:
    """An active cohort has both counts from its source, and they round to the rate that its source prints."""
    if row["state"] != "active":
        return
    if row["count_basis"] != "stated" or pd.isna(row["n_positive"]) or pd.isna(row["stated_rate_pct"]):
        raise RulebookUnsound(f"{where}: an active cohort needs n_tested, n_positive and stated_rate_pct as its source states "
                              "them (count_basis stated); make it a draft otherwise")  # fmt: skip
    printed = Decimal(f"{row['stated_rate_pct']:g}")
    last_digit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    exact = 100 * Decimal(int(row["n_positive"])) / Decimal(int(row["n_tested"]))
    if 2 * abs(exact - printed) > last_digit:
        raise RulebookUnsound(f"{where}: {row['n_positive']:.0f} of {row['n_tested']:.0f} is not {printed} %; "
                              "correct the counts or the rate, or make it a draft")  # fmt: skip
