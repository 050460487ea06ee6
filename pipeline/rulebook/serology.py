"""Titre series and windows after treatment: proof that they are sound, and the steps a titre can have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline.errors import RulebookUnsound

# A series with more steps than this was typed wrongly.
MOST_STEPS = 64
STEP_TYPES: Mapping[str, str] = MappingProxyType({
    "series_id": "VARCHAR", "performing_lab": "VARCHAR", "assay": "VARCHAR", "step": "INTEGER", "titre": "DOUBLE",
})  # fmt: skip


def prove_series(rows: pd.DataFrame) -> None:
    """Raises RulebookUnsound for a series that has no steps, or two active ones of one laboratory and assay."""
    for row in rows.to_dict("records"):
        where = f"titre_series.csv, series {row['series_id']}"
        _refuse_state(where, row)
        if not (row["first_titre"] > 0 and row["factor"] > 1 and row["last_titre"] >= row["first_titre"]):
            raise RulebookUnsound(
                f"{where}: expected a first titre above 0, a factor above 1 and a last titre not below the first"
            )
        if len(_titres(row)) > MOST_STEPS:
            raise RulebookUnsound(f"{where}: more than {MOST_STEPS} steps; correct its factor or its last titre")
    active = rows[rows["state"] == "active"]
    repeated = active[active.duplicated(["performing_lab", "assay"])]
    if len(repeated):
        raise RulebookUnsound(f"titre_series.csv, series {repeated['series_id'].iloc[0]}: another active series is declared "
                              "for the same laboratory and assay; keep one of them")  # fmt: skip


def prove_windows(rows: pd.DataFrame) -> None:
    """Raises RulebookUnsound unless the active windows follow one another by days, without gap and without overlap."""
    for row in rows.to_dict("records"):
        _refuse_state(f"ivig_windows.csv, {row['ivig_timing']}", row)
    expected = 0.0
    windows = rows[(rows["state"] == "active") & rows["days_from"].notna()]
    for row in windows.sort_values("position").to_dict("records"):
        last = row["days_to"]
        if row["days_from"] != expected or (not pd.isna(last) and last < row["days_from"]):
            raise RulebookUnsound(f"ivig_windows.csv, {row['ivig_timing']}: expected to begin {expected:.0f} days after an "
                                  "infusion, where the window before it ends")  # fmt: skip
        expected = float("inf") if pd.isna(last) else last + 1
    if expected != float("inf"):
        raise RulebookUnsound("ivig_windows.csv: the last window must have no end (days_to empty)")


def _refuse_state(where: str, row: Mapping[Any, Any]) -> None:
    if row["state"] not in ("active", "draft"):
        raise RulebookUnsound(f"{where}: state must be one of active, draft")


def steps(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a titre of an active series, numbered from the first; sound rows are assumed."""
    found = [
        {**{name: row[name] for name in ("series_id", "performing_lab", "assay")}, "step": number, "titre": titre}
        for row in rows[rows["state"] == "active"].to_dict("records")
        for number, titre in enumerate(_titres(row))
    ]
    return pd.DataFrame(found, columns=list(STEP_TYPES))


def _titres(row: Mapping[Any, Any]) -> list[float]:
    found: list[float] = []
    titre = float(row["first_titre"])
    while titre <= row["last_titre"] and len(found) <= MOST_STEPS:
        found.append(titre)
        titre *= row["factor"]
    return found
