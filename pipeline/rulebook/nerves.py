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
_NERVE = {"nerve": VOCABULARY["nerve"]}
# the bounds by which models raise each flag; a flag of another name would never be raised
_BOUNDS_OF_FLAG: Mapping[str, tuple[str, ...]] = {
    "velocity_disagrees": ("above",), "distance_in_other_unit": ("below",), "area_in_other_unit": ("below", "above"),
    "proximal_larger": ("above",), "martin_gruber_possible": ("above",), "martin_gruber_not_excluded": ("above",),
    "proximal_submaximal_possible": ("above",),
}  # fmt: skip


def prove_sound(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raises RulebookUnsound for the first rule of nerve conduction that is malformed or contradicts another."""
    criteria, sets = tables["rule_block_criterion"], tables["rule_block_requirement"]
    sites = tables["rule_stimulation_site"].set_index("site")
    words: Mapping[str, Mapping[str, Iterable[str]]] = {
        "block_requirement": {}, "study_requirement": {"up_to_site": list(sites.index)}, "nerve_limit": _NERVE,
        "sensory_limit": _NERVE, "nerve_integrity": {"flag": _BOUNDS_OF_FLAG},
    }  # fmt: skip
    for row in criteria.to_dict("records"):
        _refuse_criterion(row)
    for name, known in words.items():
        frame = tables[f"rule_{name}"]
        for row in frame.to_dict("records"):
            _refuse_words(f"{name.replace('_', ' ')} {row[str(frame.columns[0])]}", row, {"state": STATES, **known})
    _refuse_sets(criteria, sets, tables["rule_study_requirement"])
    _refuse_segments(tables["rule_nerve_segment"], sites)
    _refuse_idle(criteria, tables["rule_nerve_segment"])
    _refuse_flags(tables["rule_nerve_integrity"])


def _refuse_criterion(row: Mapping[Any, Any]) -> None:
    where = f"conduction_block_criteria.csv, criterion {row['criterion_id']}"
    _refuse_words(where, row, _WORDS)
    bounds = [[name for name in (f"{of}_at_or_above", f"{of}_above") if not pd.isna(row[name])] for of in REDUCTIONS]
    if not any(bounds):
        raise RulebookUnsound(f"{where}: states no fall of area or amplitude, so that every segment would meet it")
    for both in bounds:
        if len(both) > 1:
            raise RulebookUnsound(f"{where}: {' and '.join(both)} are both filled; keep the one that the source states")
    for name in (name for both in bounds for name in both):
        if not 0 < row[name] <= 100:
            raise RulebookUnsound(f"{where}: {name} must lie between 0 and 100, as a fall in percent")
    if row["duration_increase_pct_at_or_below"] <= row["duration_increase_pct_above"]:
        raise RulebookUnsound(f"{where}: no duration meets both of its bounds; the upper one must be the larger")


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


def _refuse_idle(criteria: pd.DataFrame, segments: pd.DataFrame) -> None:
    """An active criterion that nothing could ever meet would pass for one that is never met."""
    for row in criteria[criteria["state"] == "active"].to_dict("records"):
        where = f"conduction_block_criteria.csv, criterion {row['criterion_id']}"
        asked = {"nerve": row["nerve"], "segment_length": row["segment_length"], "segment_part": row["segment_part"]}
        named = {name: word for name, word in asked.items() if word != "any"}
        if not any(all(s[name] == word for name, word in named.items()) for s in segments.to_dict("records")):
            raise RulebookUnsound(f"{where}: no segment in nerve_segments.csv is of {', '.join(map(str, named.values()))}; "
                                  "add the segment, or leave the criterion a draft")  # fmt: skip


def _refuse_flags(integrity: pd.DataFrame) -> None:
    for row in integrity[integrity["state"] == "active"].to_dict("records"):
        for name in _BOUNDS_OF_FLAG[row["flag"]]:
            if pd.isna(row[name]):
                raise RulebookUnsound(f"nerve_integrity.csv, {row['flag']}: states no bound in {name}, so that it would never be "
                                      "raised; fill it, or make the row a draft")  # fmt: skip


def _refuse_segments(segments: pd.DataFrame, sites: pd.DataFrame) -> None:
    for row in segments.to_dict("records"):
        where = f"nerve_segments.csv, {row['nerve']} {row['distal_site']}-{row['proximal_site']}"
        _refuse_words(where, row, {"nerve": VOCABULARY["nerve"], "segment_length": LENGTHS, "segment_part": PARTS})
        if not {row["distal_site"], row["proximal_site"]} <= set(sites.index):
            raise RulebookUnsound(f"{where}: a site is not in stimulation_sites.csv")
        near, far = sites.loc[row["distal_site"]], sites.loc[row["proximal_site"]]
        if near["limb"] != far["limb"] or near["position"] >= far["position"]:
            raise RulebookUnsound(f"{where}: {row['proximal_site']} lies not farther from the muscle than {row['distal_site']} "
                                  "on the same limb, so that no pair would be of this segment")  # fmt: skip
    repeated = segments[segments.duplicated(["nerve", "distal_site", "proximal_site"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise RulebookUnsound(f"nerve_segments.csv: {first['nerve']} {first['distal_site']}-{first['proximal_site']} stands "
                              "there twice and would be judged twice; keep one row, of a shipped one the shipped")  # fmt: skip
