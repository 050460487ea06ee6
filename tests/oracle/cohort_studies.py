"""Study rows of invented patients: labels that agree and disagree, versions, and treatment around the day of a sample."""

from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
DAYS_BEFORE = (0, 1, 41, 42, 43, 60, 89, 90, 91, 92, 300)
WORDS = ("yes", "no", "unknown", None)


def studies(rng: Random, key: str, taken: date) -> list[Row]:
    """The study rows of one patient whose sample was taken on a day."""
    row = _row(rng, key, taken)
    match rng.choices(range(10), weights=(6, 40, 2, 4, 4, 4, 4, 4, 2, 4))[0]:
        case 0:
            return []
        case 1:
            return [row]
        case 2:
            return [
                row
                | {"intake_disposition": "rejected", "intake_reason": "ncs_study_diagnosis_known", "diagnosis": None}
            ]
        case 3:  # two labels on one day
            other = "ALS" if row["diagnosis"] == "MMN" else "MMN"
            return [row, row | {"study_id": row["study_id"] + "b", "diagnosis": other}]
        case 4:  # the same label twice on one day
            return [row, row | {"study_id": row["study_id"] + "b", "sex": "F"}]
        case 5:  # sent again as it was
            return [row, dict(row, arrival=2)]
        case 6:  # a later version of the same study
            return [row, _later(rng, row) | {"study_id": row["study_id"]}]
        case 7:  # another study later
            return [row, _later(rng, row)]
        case 8:  # one study, one time, two contents
            return [row, row | {"onset_age": 77}]
        case _:  # only one of the two sends is certain of the day of report
            return [row | {"reported_at": None}, row | {"certainty": rng.choice(("definite", "possible", None))}]


def _later(rng: Random, row: Row) -> Row:
    on = date.fromisoformat(row["study_on"]) + timedelta(days=rng.randint(1, 200))
    changed = _row(rng, row["patient_key"], date.fromisoformat(row["study_on"]))
    return changed | {
        "study_id": row["study_id"] + "z",
        "study_on": str(on),
        "reported_at": f"{on} 12:00:00",
        "arrival": 3,
    }


def _row(rng: Random, key: str, taken: date) -> Row:
    on = taken + timedelta(days=rng.choice((-300, -30, 0, 1, 30, 200)))
    return {
        "sending_lab": rng.choice(("clinic", "harbour")), "patient_key": key, "patient_id_is_well_formed": True,
        "study_id": f"S{key}", "study_on": str(on), "reported_at": f"{on} 12:00:00",
        "diagnosis": rng.choice(("MMN", "MMN", "MMN", "MMN", "CIDP", "GBS", "ALS", "other")),
        "certainty": rng.choice(("definite", "definite", "probable", "probable", "possible", None)),
        "label_rests_on_anti_gm1": rng.choice(("no", "no", "no", "unknown", None, "yes")),
        "sex": rng.choice(("M", "F", None)), "birth_year": rng.choice((1950, 1980, None)), "onset_age": rng.choice((40, None)),
        "criteria_set": ("EFNS_PNS_2010", "AAEM_2003", None)[int(key[-1]) % 3],
        "purely_motor": rng.choice(WORDS), "umn_signs": rng.choice(WORDS), "bulbar_signs": rng.choice(WORDS),
        "sensory_signs": rng.choice(WORDS), "arrival": rng.choice((1, 2, 3)), **_ivig(rng, taken),
    }  # fmt: skip


def _ivig(rng: Random, taken: date) -> Row:
    last = taken - timedelta(days=rng.choice(DAYS_BEFORE))
    first = last - timedelta(days=rng.choice((0, 0, 30, 100, 400)))
    after = taken + timedelta(days=rng.choice((1, 30)))
    first_on, last_on = rng.choice((
        (None, None), (None, None), (first, last), (first, last), (first, None), (None, last), (after, after), (after, None),
        (None, after), (first, after), (taken, None),
    ))  # fmt: skip
    stated = (
        rng.choice(("yes", "unknown", None))
        if first_on or last_on
        else rng.choice(("no", "no", "yes", "unknown", None))
    )
    return {
        "previous_ivig_on": str(last - timedelta(days=rng.choice((-3, 0, 14, 35)))) if rng.random() < 0.3 else None,
        "ivig_effect_ended_on": str(last + timedelta(days=rng.choice((-3, 0, 21, 42)))) if rng.random() < 0.3 else None,
        "ever_ivig": "no" if rng.random() < 0.05 else stated, "first_ivig_on": str(first_on) if first_on else None,
        "last_ivig_on": str(last_on) if last_on else None,
    }  # fmt: skip


def sure(key: str) -> Row:
    """The study row of a patient about whom nothing is odd."""
    return {
        "sending_lab": "clinic", "patient_key": key, "patient_id_is_well_formed": True, "study_id": f"S{key}",
        "study_on": "2024-06-01", "reported_at": "2024-06-01 12:00:00", "diagnosis": "MMN", "certainty": "definite",
        "label_rests_on_anti_gm1": "no", "criteria_set": "EFNS_PNS_2010", "purely_motor": "yes", "umn_signs": "no",
        "bulbar_signs": "no", "sensory_signs": "no", "ever_ivig": "no", "arrival": 1,
    }  # fmt: skip
