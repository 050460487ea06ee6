"""How one result of an invented patient came to be sent several times: copies, corrections, withdrawals, in every order."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from .cohort_rules import BOUNDS

Row = dict[str, Any]


def _at(row: Row, days: int, **changed: Any) -> Row:
    on = date.fromisoformat(row["collected_on"]) + timedelta(days=3 + days)
    return row | {"reported_at": f"{on} 08:00:00"} | changed


def _other_value(rng: Random, row: Row) -> Row:
    if row["result_kind"] not in ("titre", "number"):
        return {"word_meaning": "negative" if row.get("word_meaning") == "positive" else "positive", "result_kind": "word",
                "no_result_reason": None, "value": None, "comparator": None}  # fmt: skip
    values = [v for v in BOUNDS[row["performing_lab"]] if v != row["value"]]
    return {"value": rng.choice(values), "comparator": ""}


def _copy(rng: Random, row: Row) -> list[Row]:
    return [row, row | {"arrival": rng.choice((1, 3))}]


def _again(_: Random, row: Row) -> list[Row]:
    return [row, _at(row, 5)]


def _conflict(rng: Random, row: Row) -> list[Row]:
    return [row, _at(row, rng.choice((0, 5)), **_other_value(rng, row))]


def _corrected(rng: Random, row: Row) -> list[Row]:
    return [row, _at(row, 5, status="corrected", arrival=rng.choice((1, 2, 3)), **_other_value(rng, row))]


def _corrected_twice(rng: Random, row: Row) -> list[Row]:
    second = _at(row, 9, status="corrected", **_other_value(rng, row))
    return [*_corrected(rng, row), second]


def _correction_and_late_copy(rng: Random, row: Row) -> list[Row]:
    return [*_corrected(rng, row), _at(row, 8)]


def _two_corrections_at_once(rng: Random, row: Row) -> list[Row]:
    return [
        row,
        _at(row, 5, status="corrected", value=row["value"]),
        _at(row, 5, status="corrected", **_other_value(rng, row)),
    ]


def _correction_alone(_: Random, row: Row) -> list[Row]:
    return [row | {"status": "corrected"}]


def _withdrawn(_: Random, row: Row) -> list[Row]:
    return [row, _at(row, 6, status="withdrawn")]


def _withdrawal_alone(_: Random, row: Row) -> list[Row]:
    return [row | {"status": "withdrawn"}]


def _withdrawn_and_sent_again(_: Random, row: Row) -> list[Row]:
    return [row, _at(row, 6, status="withdrawn"), _at(row, 9)]


def _withdrawn_and_corrected(rng: Random, row: Row) -> list[Row]:
    return [row, _at(row, 6, status="withdrawn"), _at(row, 9, status="corrected", **_other_value(rng, row))]


def _corrected_and_withdrawn(rng: Random, row: Row) -> list[Row]:
    return [*_corrected(rng, row), _at(row, 9, status="withdrawn")]


def _early(_: Random, row: Row) -> list[Row]:
    return [row | {"status": "preliminary"}]


def _early_and_final(rng: Random, row: Row) -> list[Row]:
    changed = _other_value(rng, row) if rng.random() < 0.5 else {}
    return [_at(row, -1, status="preliminary"), row | changed]


def _early_and_confirmed(_: Random, row: Row) -> list[Row]:
    silent = {"value": None, "comparator": None, "result_kind": None, "word_meaning": None, "no_result_reason": None}
    return [_at(row, -1, status="preliminary"), row | silent | {"status": "confirmed", "result_text": None}]


def _confirmed_alone(rng: Random, row: Row) -> list[Row]:
    return _early_and_confirmed(rng, row)[1:]


def _final_and_confirmed(rng: Random, row: Row) -> list[Row]:
    return [_at(row, -1), *_confirmed_alone(rng, row)]


def _early_and_withdrawn(_: Random, row: Row) -> list[Row]:
    return [_at(row, -1, status="preliminary"), _at(row, 2, status="withdrawn")]


def _two_early(rng: Random, row: Row) -> list[Row]:
    return [_at(row, -1, status="preliminary"), row | {"status": "preliminary"} | _other_value(rng, row)]


def _timeless(rng: Random, row: Row) -> list[Row]:
    return [row | {"reported_at": None}, row | {"reported_at": None, "status": "corrected"} | _other_value(rng, row)]


def _refused_correction(rng: Random, row: Row) -> list[Row]:
    status = rng.choice(({"status": "corrected"}, {"status": None, "status_text": "K"}))
    return [row, _at(row, 5, intake_disposition="rejected", intake_reason="titre_result_readable", **status)]


def _correction_of_another_day(_: Random, row: Row) -> list[Row]:
    on = date.fromisoformat(row["collected_on"]) + timedelta(days=1)
    return [row, _at(row, 5, status="corrected", collected_on=str(on))]


def _correction_of_another_patient(_: Random, row: Row) -> list[Row]:
    return [row, _at(row, 5, status="withdrawn", patient_key=row["patient_key"] + "q")]


def _sample_of_two_patients(_: Random, row: Row) -> list[Row]:
    return [row, row | {"patient_key": row["patient_key"] + "q", "arrival": 2}]


HISTORIES: Sequence[Callable[[Random, Row], list[Row]]] = (
    _copy, _again, _conflict, _corrected, _corrected_twice, _correction_and_late_copy, _two_corrections_at_once,
    _correction_alone, _withdrawn, _withdrawal_alone, _withdrawn_and_sent_again, _withdrawn_and_corrected,
    _corrected_and_withdrawn, _early, _early_and_final, _early_and_confirmed, _confirmed_alone, _final_and_confirmed,
    _early_and_withdrawn, _two_early, _timeless, _refused_correction, _correction_of_another_day,
    _correction_of_another_patient, _sample_of_two_patients,
)  # fmt: skip
