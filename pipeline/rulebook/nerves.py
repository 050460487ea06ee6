"""Criteria of conduction block: proof that every row says something, in words the models know, and that sets are whole.

A misspelt word in a criterion would match no segment and pass for a criterion that is never met.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from pipeline.errors import RulebookUnsound
from pipeline.records import VOCABULARY

STATES = ("active", "draft")
LENGTHS = ("long", "short", "other")
PARTS = ("distal", "proximal")
REDUCTIONS = tuple(f"{of}_reduction_pct" for of in ("area", "amplitude"))
_WORDS: Mapping[str, tuple[str, ...]] = {
    "grade": ("definite", "probable"), "nerve": VOCABULARY["nerve"], "state": STATES,
    "segment_length": ("any", *LENGTHS), "segment_part": ("any", *PARTS),
}  # fmt: skip


def prove_sound(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raises RulebookUnsound for the first rule of nerve conduction that is malformed or contradicts another."""
    criteria, sets = tables["rule_block_criterion"], tables["rule_block_requirement"]
    for row in criteria.to_dict("records"):
        _refuse_criterion(row)
    for name in ("block_requirement", "study_requirement", "nerve_limit", "sensory_limit", "nerve_integrity"):
        frame = tables[f"rule_{name}"]
        for row in frame.to_dict("records"):
            _refuse_words(f"{name.replace('_', ' ')} {row[str(frame.columns[0])]}", row, {"state": STATES})
    _refuse_sets(criteria, sets, tables["rule_study_requirement"])
    _refuse_segments(tables["rule_nerve_segment"], set(tables["rule_stimulation_site"]["site"]))


def _refuse_criterion(row: Mapping[Any, Any]) -> None:
    where = f"conduction_block_criteria.csv, criterion {row['criterion_id']}"
    _refuse_words(where, row, _WORDS)
    bounds = [[name for name in (f"{of}_at_or_above", f"{of}_above") if not pd.isna(row[name])] for of in REDUCTIONS]
    if not any(bounds):
        raise RulebookUnsound(f"{where}: states no fall of area or amplitude, so that every segment would meet it")
    for both in bounds:
        if len(both) > 1:
            raise RulebookUnsound(f"{where}: {' and '.join(both)} are both filled; keep the one that the source states")


def _refuse_words(where: str, row: Mapping[Any, Any], words: Mapping[str, Iterable[str]]) -> None:
    for name, known in words.items():
        if row[name] not in known:
            raise RulebookUnsound(f"{where}: {name} must be one of {', '.join(known)}")


def _refuse_sets(criteria: pd.DataFrame, sets: pd.DataFrame, studies: pd.DataFrame) -> None:
    active = sets[sets["state"] == "active"]
    if list(active["is_default"]).count(True) != 1:
        raise RulebookUnsound("conduction_block_requirements.csv: exactly one active criteria set must be the default")
    declared = set(sets["criteria_set"])
    for name, frame in (("conduction_block_criteria.csv", criteria), ("nerve_study_requirements.csv", studies)):
        for unknown in sorted(set(frame["criteria_set"]) - declared):
            raise RulebookUnsound(f"{name}: criteria set {unknown} has no row in conduction_block_requirements.csv")
    with_criteria = set(criteria[criteria["state"] == "active"]["criteria_set"])
    for bare in sorted(set(active["criteria_set"]) - with_criteria):
        raise RulebookUnsound(f"conduction_block_requirements.csv: criteria set {bare} is active and has no criterion")


def _refuse_segments(segments: pd.DataFrame, sites: set[str]) -> None:
    for row in segments.to_dict("records"):
        where = f"nerve_segments.csv, {row['nerve']} {row['distal_site']}-{row['proximal_site']}"
        _refuse_words(where, row, {"nerve": VOCABULARY["nerve"], "segment_length": LENGTHS, "segment_part": PARTS})
        if not {row["distal_site"], row["proximal_site"]} <= sites:
            raise RulebookUnsound(f"{where}: a site is not in stimulation_sites.csv")
    repeated = segments[segments.duplicated(["nerve", "distal_site", "proximal_site"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise RulebookUnsound(f"nerve_segments.csv: {first['nerve']} {first['distal_site']}-{first['proximal_site']} stands "
                              "there twice and would be judged twice; keep one row")  # fmt: skip
