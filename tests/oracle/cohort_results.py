"""Antibody rows of invented patients: values at every bound, versions in every order, panels with a half missing."""

from datetime import date, timedelta
from random import Random
from typing import Any

from .cohort_histories import HISTORIES
from .cohort_rules import BOUNDS, UNIT

Row = dict[str, Any]
COMPARATORS = ("", "", "", "", "<", "<=", ">", ">=")


def titres(rng: Random, key: str, taken: date) -> list[Row]:
    """The antibody rows of one patient."""
    rows: list[Row] = []
    for number in range(rng.choices((0, 1, 2, 3), weights=(1, 5, 3, 1))[0]):
        on = taken + timedelta(days=rng.choice((0, 0, 0, 1, 30, 400)))
        accession = f"A{key}{rng.choice('xy') if number else 'm'}{number}"
        make = rng.choices((_single, _panel), weights=(4, 1))[0]
        rows += make(rng, key, accession, on)
    return rows


def nobodys(rng: Random) -> list[Row]:
    """Rows that are of no patient, or of one whom nobody else names."""
    control = _row(rng, None, "QC1", date(2024, 5, 5)) | {"intake_disposition": "excluded", "intake_reason": "control"}
    test = _row(rng, "zztest", "T1", date(2024, 5, 5)) | {
        "intake_disposition": "excluded",
        "intake_reason": "test_patient",
    }
    torn = _row(rng, None, "T2", date(2024, 5, 5)) | {
        "intake_disposition": "rejected",
        "intake_reason": "titre_patient_present",
    }
    return [control, test, torn]


def _row(rng: Random, key: str | None, accession: str, on: date) -> Row:
    lab = rng.choice(("DATED", "DATED", "DATED", "GAPS", "GAPS", "GAPS", "CLOSED", "ONESIDE", "SPINAL", "NORULE"))
    kind = "titre" if UNIT[lab] == "{titer}" else "number"
    specimen = "CSF" if lab == "SPINAL" else rng.choices(("serum", "CSF", "plasma", None), weights=(40, 2, 1, 1))[0]
    isotype = rng.choices(("IgM", "IgG", "IgA", "IgG+IgM", "unknown"), weights=(30, 5, 1, 2, 1))[0]
    antigen = rng.choices(("GM1", "GM1:GalC", "NP-9"), weights=(30, 3, 1))[0]
    row = {
        "sending_lab": "lab", "format_id": "form", "patient_key": key, "patient_id_is_well_formed": key is not None,
        "accession": accession, "test_code": f"{antigen}-{isotype}", "performing_lab": lab, "assay": "ELISA",
        "antigen": antigen, "isotype": isotype, "specimen": specimen,
        "unit": "{other}" if rng.random() < 0.03 else UNIT[lab], "collected_on": str(on),
        "reported_at": f"{on + timedelta(days=3)} 08:00:00", "status": "final", "status_text": "F",
        "arrival": rng.choice((1, 2, 3)), "lab_interpretation": rng.choice((None, None, "positive", "equivocal", "negative")),
        **_value(rng, kind, lab),
    }  # fmt: skip
    return row | _other_kind(rng, row)


def _value(rng: Random, kind: str, lab: str) -> Row:
    value, comparator = rng.choice(BOUNDS[lab]), rng.choice(COMPARATORS)
    return {"result_kind": kind, "value": value, "comparator": comparator, "result_text": f"{comparator}{value}"}


def _other_kind(rng: Random, row: Row) -> Row:
    """Now and then a word, no result at all, a row that intake set aside, or another antibody."""
    nothing = {"value": None, "comparator": None}
    picked = rng.random()
    if picked < 0.06:
        word = rng.choice(("positive", "equivocal", "negative"))
        return nothing | {"result_kind": "word", "word_meaning": word, "result_text": word, "unit": ""}
    if picked < 0.10:
        reason = rng.choice(("insufficient", "not_done"))
        return nothing | {"result_kind": "no_result", "no_result_reason": reason, "result_text": reason}
    if picked < 0.12:
        return {
            "intake_disposition": "held",
            "intake_reason": rng.choice(("unit_undeclared", "performing_lab_undeclared")),
        }
    if picked < 0.15:
        return nothing | {
            "intake_disposition": "rejected", "intake_reason": "titre_result_readable", "result_kind": None,
            "result_problem": "unreadable", "result_text": None,
        }  # fmt: skip
    if picked < 0.18:
        return {"antigen": "asialo-GM1", "intake_disposition": "excluded", "intake_reason": "other_analyte"}
    return {}


def _single(rng: Random, key: str, accession: str, on: date) -> list[Row]:
    row = _row(rng, key, accession, on)
    if row.get("intake_disposition") not in (None, "held"):
        return [row]
    return rng.choice(HISTORIES)(rng, row) if rng.random() < 0.45 else [row]


def _panel(rng: Random, key: str, accession: str, on: date) -> list[Row]:
    isotype = rng.choice(("IgM", "IgM", "IgM", "IgG"))
    base = {
        "sending_lab": "lab", "format_id": "reflex", "patient_key": key, "patient_id_is_well_formed": True,
        "accession": accession, "performing_lab": "REFLEX", "antigen": "GM1", "isotype": isotype, "specimen": "serum",
        "collected_on": str(on), "reported_at": f"{on + timedelta(days=3)} 08:00:00", "status_text": "F", "panel": isotype,
        "lab_interpretation": None,
    }  # fmt: skip
    said = rng.choice(("positive", "positive", "negative", "equivocal", None))
    screen = base | {
        "test_code": f"SCR-{isotype}", "assay": "SCREEN", "panel_role": "screen", "unit": "", "result_kind": "word",
        "word_meaning": said, "result_text": said, "value": None, "comparator": None, "arrival": rng.choice((1, 2)),
        "status": rng.choices(("final", "preliminary", "corrected"), weights=(12, 1, 1))[0],
    }  # fmt: skip
    if said is None:
        screen |= {"result_kind": "no_result", "no_result_reason": "insufficient", "result_text": "QNS"}
    titre = base | {
        "test_code": f"TTR-{isotype}", "assay": "TITRE", "panel_role": "titre", "unit": "{titer}", "arrival": rng.choice((1, 2)),
        "status": rng.choices(("final", "preliminary", "withdrawn"), weights=(12, 1, 1))[0], **_value(rng, "titre", "REFLEX"),
    }  # fmt: skip
    if rng.random() < 0.1:
        titre |= {"result_kind": "no_result", "no_result_reason": "not_done", "value": None, "comparator": None}
    return rng.choice(([screen], [screen, titre], [screen, titre], [titre]))


def sure(key: str, is_positive: bool) -> Row:
    """The one result of a patient about whom nothing is odd."""
    return {
        "sending_lab": "lab", "format_id": "form", "patient_key": key, "patient_id_is_well_formed": True,
        "accession": f"A{key}", "test_code": "GM1-IgM", "performing_lab": "DATED", "assay": "ELISA", "antigen": "GM1",
        "isotype": "IgM", "specimen": "serum", "unit": "{titer}", "collected_on": "2024-05-01",
        "reported_at": "2024-05-04 08:00:00", "status": "final", "status_text": "F", "result_kind": "titre",
        "value": "6400" if is_positive else "100", "comparator": "", "result_text": "-", "arrival": 1,
    }  # fmt: skip
