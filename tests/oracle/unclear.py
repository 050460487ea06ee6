"""Corrections and withdrawals that may mean a result without saying so, or that were refused at intake."""

from collections.abc import Mapping, Sequence

from .fates import DECIDING, Fate, Fates, grouped, is_candidate, result_key, test_of
from .landed import Row, as_day


def endangered(rows: Sequence[Row], fates: Mapping[int, Fate]) -> Fates:
    """Used results that a correction may mean without saying so, or that one that was refused may have meant."""
    decided_nothing = {
        r["row_id"]
        for group in grouped((r for r in rows if is_candidate(r)), result_key).values()
        if all(r["status"] in DECIDING for r in group)
        for r in group
    }
    messages = [
        (reason, r) for r in rows
        for reason in _reasons(r, decided_nothing)
        if fates[r["row_id"]].reason != "exact_copy"
    ]  # fmt: skip
    found: Fates = {}
    for row in rows:
        if fates[row["row_id"]].disposition == "used":
            meant = [(reason, m["row_id"]) for reason, m in messages if m is not row and may_mean(m, row)]
            if meant:
                found[row["row_id"]] = Fate("held", min(r for r, _ in meant), min(n for _, n in meant))
    return found


def _reasons(row: Row, decided_nothing: set[int]) -> list[str]:
    if row["row_id"] in decided_nothing:
        return ["correction_unclear"]
    refused = row.get("intake_disposition") == "rejected" and row.get("status") in (*DECIDING, None)
    return ["correction_rejected"] if refused else []


def may_mean(message: Row, known: Row) -> bool:
    """Whether a correction names the result, as far as it names anything."""
    lab_unknown = message.get("performing_lab") is None or message.get("intake_reason") == "performing_lab_undeclared"
    same_lab = message.get("performing_lab") == known.get("performing_lab") or (
        lab_unknown and message["sending_lab"] == known["sending_lab"]
    )
    same_test = None in test_of(message)[:2] or test_of(message) == test_of(known)  # type: ignore[index]
    patient, day = message.get("patient_key"), as_day(message.get("collected_on"))
    same_patient, same_day = patient == known["patient_key"], day == as_day(known["collected_on"])
    if message.get("accession") is None:
        same_sample = same_patient and same_day
    else:
        same_sample = message["accession"] == known["accession"] and (
            same_patient or same_day or patient is None or day is None
        )
    return same_lab and same_test and same_sample


def claimed_twice(rows: Sequence[Row], fates: Mapping[int, Fate]) -> Fates:
    """Used results of one sample that stands under two patients: it belongs to one of them, and nobody knows to which."""
    claims = [r for r in rows if fates[r["row_id"]].disposition in ("used", "held")]
    samples = grouped(claims, lambda r: (r["performing_lab"], r["accession"], as_day(r["collected_on"])))
    found: Fates = {}
    for sample in samples.values():
        for row in sample:
            others = [r["row_id"] for r in sample if r["patient_key"] != row["patient_key"]]
            if others and fates[row["row_id"]].disposition == "used":
                found[row["row_id"]] = Fate("held", "accession_under_two_patients", min(others))
    return found
