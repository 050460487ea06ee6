"""The pipeline's marts in the shape of the oracle's answers, and where the two differ."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import duckdb

from .answers import Answer, Answers
from .landed import as_day

Place = tuple[str, int, int]
TOLERANCE = 1e-9


def records(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    found = con.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def read(con: duckdb.DuckDBPyConnection, row_ids: Mapping[Place, int]) -> Answers:
    """The marts of a built warehouse; `row_ids` says which row stands at which place of which arrival."""
    return Answers(
        {r["row_id"]: {**r, "original": _original(r, row_ids)} for r in records(con, "FROM mart_result")},
        {
            row_ids[r["arrival_id"], r["row_number"], r["slot"]]:
            {"disposition": r["disposition"], "reason": r["reasons"], "original": _original(r, row_ids)}
            for r in records(con, "FROM mart_row_disposition WHERE record IN ('ncs_study', 'ncs_site')")
        },
        {_segment_key(r): r for r in records(con, "FROM mart_conduction_block")},
        {(*_exam_key(r), r["criteria_set"]): r for r in records(con, "FROM mart_nerve_study")},
        {r["patient_key"]: r for r in records(con, "FROM mart_patient")},
        {(r["patient_key"], r["statement_id"]): r for r in records(con, "FROM mart_diagnostic_statement")},
        {
            (r["analysis"], r["population"], r["stratum"], r["stratum_value"]): r
            for r in records(con, "FROM mart_positive_rate")
        },
    )  # fmt: skip


def _original(row: Mapping[str, Any], row_ids: Mapping[Place, int]) -> int | None:
    place = row["original_arrival_id"], row["original_row_number"], row["original_slot"]
    return None if None in place else row_ids[place]


def _exam_key(row: Mapping[str, Any]) -> tuple[Hashable, ...]:
    return row["sending_lab"], row["patient_key"], row["exam_id"], as_day(row["exam_on"])


def _segment_key(row: Mapping[str, Any]) -> Hashable:
    return (
        *_exam_key(row),
        row["nerve"],
        row["side"],
        row["muscle"],
        row["distal_site"],
        row["proximal_site"],
        row["criteria_set"],
    )


def differences(expected: Answers, found: Answers) -> list[str]:
    """What differs: for each kind of difference how often, and the rows; all is synthetic."""
    said: dict[str, list[str]] = defaultdict(list)
    for part in ("results", "dispositions", "segments", "studies", "patients", "statements", "rates"):
        ours, theirs = getattr(expected, part), getattr(found, part)
        said[f"{part}: only the oracle has"] += [str(k) for k in ours if k not in theirs]
        said[f"{part}: only the pipeline has"] += [str(k) for k in theirs if k not in ours]
        for key in ours.keys() & theirs.keys():
            for column in _unequal(ours[key], theirs[key]):
                what = f"{part}.{column}: oracle {_short(ours[key][column])}, pipeline {_short(theirs[key][column])}"
                said[what].append(str(key))
    ordered = sorted(((what, rows) for what, rows in said.items() if rows), key=lambda one: -len(one[1]))
    return [f"{len(rows)} x {what} at {'; '.join(sorted(rows)[:3])}" for what, rows in ordered]


def _unequal(ours: Answer, theirs: Answer) -> list[str]:
    return [column for column, value in ours.items() if not _same(value, theirs[column])]


def _same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None or isinstance(ours, bool):
        return ours is theirs
    if isinstance(ours, Fraction | float):
        return abs(float(ours) - float(theirs)) <= TOLERANCE * max(1.0, abs(float(ours)))
    return bool(ours == theirs)


def _short(value: Any) -> str:
    return f"{float(value):.6g}" if isinstance(value, Fraction | float) else str(value)


def branches(one: Answers) -> Counter[str]:
    """How often each branch was taken, by column and word."""
    columns: Sequence[tuple[str, Sequence[str]]] = (
        (
            "results",
            ("disposition", "reason_code", "interpretation", "ivig_timing", "is_off_series", "agrees_with_lab"),
        ),
        ("dispositions", ("disposition", "reason")),
        ("segments", ("conduction_block", "reason_code", "lower_limit_from", "sensory_sparing")),
        ("studies", ("conclusion", "reason_code", "is_adequate", "sensory_sparing")),
        (
            "patients",
            ("flow_class", "population", "serology_state", "is_before_first_ivig", "data_support", "block_conclusion"),
        ),
        ("statements", ("outcome",)),
        ("rates", ("verdict",)),
    )
    found: Counter[str] = Counter()
    for part, names in columns:
        for row in getattr(one, part).values():
            found.update(f"{part}.{name}={row[name]}" for name in names if name in row)
    found.update("patients.slowed" for row in one.patients.values() if row["n_segments_slowed"])
    for row in one.segments.values():
        found.update(f"segments.flag={flag}" for flag in (row["flags"] or "").split("; ") if flag)
    return found
