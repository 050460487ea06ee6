"""Rules about diagnoses and documents: proof that every row says something in words the models know.

A statement that names a field nobody records would be not recorded for ever, and nobody would see why.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from pipeline.errors import RulebookUnsound
from pipeline.messages import MESSAGES
from pipeline.records import VOCABULARY

STATES = ("active", "draft")
SIGNS = ("purely_motor", "umn_signs", "bulbar_signs", "sensory_signs")
# What the models can count for a statement of the documents, beside the diagnostic statements themselves; days and years
# are counted inside a window.
COUNTED = ("antibody_positive", "men", "conduction_block", "block_or_slowing", "sensory_conduction", "prevalence")
WINDOWED = ("onset_age", "ivig_effect_days", "ivig_interval_days")


def prove_sound(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raises RulebookUnsound for the first rule about diagnoses or documents that is malformed or contradicts another."""
    for row in tables["rule_nerve_slowing"].to_dict("records"):
        where = f"nerve_slowing.csv, {row['limit_id']}"
        _refuse_words(where, row, state=STATES, nerve=VOCABULARY["nerve"])
        if not (row["velocity_lower_limit_m_per_s"] > 0 and row["velocity_pct_of_limit_below"] > 0):
            raise RulebookUnsound(f"{where}: expected a limit and a percentage above 0")
    for row in tables["rule_diagnostic_statement"].to_dict("records"):
        words = ("found",) if row["recorded_in"] == "nerve_conduction" else ("yes", "no")
        where = f"diagnostic_statements.csv, {row['statement_id']}"
        _refuse_words(where, row, recorded_in=(*SIGNS, "nerve_conduction"), met_when=words)
    _refuse_categories(tables["rule_diagnostic_category"], set(tables["rule_block_requirement"]["criteria_set"]))
    _refuse_catchments(tables["rule_catchment"])
    statements = tables["rule_diagnostic_statement"]["statement_id"]
    for row in tables["rule_reference_fact"].to_dict("records"):
        _refuse_fact(row, (*COUNTED, *WINDOWED, *statements))


def _refuse_words(where: str, row: Mapping[Any, Any], **words: Iterable[str]) -> None:
    for name, known in words.items():
        if row[name] not in known:
            raise RulebookUnsound(f"{where}: {name} must be one of {', '.join(known)}")


def _refuse_categories(rows: pd.DataFrame, criteria_sets: set[str]) -> None:
    for row in rows.to_dict("records"):
        where = f"diagnostic_categories.csv, {row['category_id']}"
        _refuse_words(where, row, state=STATES, category=("definite", "probable"),
                      counts_block=("definite", "definite or probable"), criteria_set=sorted(criteria_sets))  # fmt: skip
        if row["nerves_at_or_above"] < 1:
            raise RulebookUnsound(f"{where}: expected at least one nerve, or every patient would be in the category")


def _refuse_catchments(rows: pd.DataFrame) -> None:
    for row in rows.to_dict("records"):
        where = f"catchments.csv, {row['catchment_id']}"
        _refuse_words(where, row, state=STATES)
        if row["inhabitants"] < 1:
            raise RulebookUnsound(f"{where}: expected somebody to live there")
    active = rows[rows["state"] == "active"]
    if len(active) > 1:
        raise RulebookUnsound(f"catchments.csv: {', '.join(active['catchment_id'])} are all active; patients are counted "
                              "against one catchment, so keep one and state the others as draft")  # fmt: skip


def _refuse_fact(row: Mapping[Any, Any], known: Iterable[str]) -> None:
    where = f"reference_facts.csv, {row['fact_id']}"
    _refuse_words(where, row, observed_by=("", *known))
    has_window = not (pd.isna(row["window_low"]) and pd.isna(row["window_high"]))
    if has_window != (row["observed_by"] in WINDOWED):
        raise RulebookUnsound(f"{where}: {', '.join(WINDOWED)} are counted inside a window, and nothing else is")
    if (row["observed_by"] == "prevalence") != (not pd.isna(row["per_inhabitants"])):
        raise RulebookUnsound(f"{where}: per_inhabitants belongs to a prevalence, and a prevalence needs it")
    if row["reason_code"] not in ("", *MESSAGES):
        raise RulebookUnsound(f"{where}: reason_code is not in the catalogue of messages")
    if not row["observed_by"] and not row["reason_code"]:
        raise RulebookUnsound(f"{where}: states neither what it is observed by nor why it cannot be (reason_code)")
