"""Patients: label, population, the one result that counts, the place in the flow, the five statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .diagnosis import course
from .fates import Fates
from .landed import Row, accepted, as_day
from .meaning import SURE, Meaning, is_primary
from .record_fates import study_time
from .rule_rows import Rules
from .treatment import Timing, timing


@dataclass(frozen=True, slots=True)
class Records:
    """All rows of one patient."""

    titres: Sequence[Row]
    studies: Sequence[Row]


@dataclass(frozen=True, slots=True)
class World:
    """What was decided about every row before patients are looked at."""

    titre_fates: Fates
    study_fates: Fates
    meanings: Mapping[int, Meaning]
    titre_assays: Mapping[tuple[str, str], str]
    rules: Rules


ANALYTES = ("GM1", "GM1:GalC", "NP-9", "Co-GM1")


def describe(own: Records, world: World) -> dict[str, Any]:
    """One patient as mart_patient has it, nerve conduction apart."""
    used = [s for s in own.studies if world.study_fates[s["row_id"]].disposition == "used"]
    label = _latest(used)
    chosen = choose(own, world)
    state = serology_state(own, world)
    population = population_of(label)
    place = flow_class(own, world, label, population, state)
    counted = [
        t for t in own.titres
        if world.titre_fates[t["row_id"]].disposition == "used" and not world.meanings[t["row_id"]].is_carried
    ]  # fmt: skip
    primary = [t for t in counted if is_primary(t)]
    first = min((d for s in used if (d := as_day(s.get("first_ivig_on")))), default=None)
    last = max((d for s in used if (d := as_day(s.get("last_ivig_on")))), default=None)
    taken = as_day(chosen["collected_on"]) if chosen else None
    found = timing(taken, used, world.rules) if taken else None
    return {
        "population": population if population else None,
        "diagnosis": label.get("diagnosis") if label else None,
        "certainty": label.get("certainty") if label else None,
        "criteria_set": label.get("criteria_set") if label else None,
        "label_rests_on_anti_gm1": label.get("label_rests_on_anti_gm1") if label else None,
        "first_ivig_on": first,
        "last_ivig_on": last,
        "has_held_study_row": any(world.study_fates[s["row_id"]].disposition == "held" for s in own.studies),
        "flow_class": place,
        "is_in_primary": place == "tested",
        "serology_state": state if label else None,
        "chosen_row_id": chosen["row_id"] if chosen else None,
        "interpretation": world.meanings[chosen["row_id"]].interpretation if chosen else None,
        "collected_on": taken,
        "performing_lab": chosen["performing_lab"] if chosen else None,
        "assay_of_test": assay_of_test(chosen, world) if chosen else None,
        "rule_id": world.meanings[chosen["row_id"]].rule_id if chosen else None,
        "is_before_first_ivig": _is_before_first(taken, first, found),
        "ivig_timing": found.name if found else None,
        "days_since_ivig": found.days if found else None,
        **course(used),
        "label": label,
        "n_results": len(counted),
        "n_igm_gm1_serum_final": len(primary),
        "n_igm_gm1_serum_evaluable": sum(world.meanings[t["row_id"]].interpretation in SURE for t in primary),
    }


def _latest(used: Sequence[Row]) -> Row | None:
    """The newest study row; of several equally new ones what they agree on, and nothing of what they disagree about."""
    newest = [s for s in used if study_time(s) == max(study_time(other) for other in used)]
    if not newest:
        return None
    label = dict(newest[0])
    for name in (
        "sex",
        "birth_year",
        "onset_age",
        "ever_ivig",
        "purely_motor",
        "umn_signs",
        "bulbar_signs",
        "sensory_signs",
    ):
        said = {s[name] for s in newest if s.get(name) not in (None, "unknown")}
        if len(newest) > 1:
            label[name] = said.pop() if len(said) == 1 else None
    return label


def _is_before_first(taken: date | None, first: date | None, found: Timing | None) -> bool | None:
    if taken is None or first is None or found is None:
        return None
    # records that contradict each other about the first infusion leave it open
    return None if taken < first and found.name != "before_first" else taken < first


def assay_of_test(row: Row, world: World) -> str | None:
    """The assay a result is filed under: of a panel that of its titre, also where the screen alone decides."""
    if row.get("panel"):
        return world.titre_assays.get((row["performing_lab"], row["panel"]), row.get("assay"))
    return row.get("assay")


def choose(own: Records, world: World) -> Row | None:
    """The earliest collected evaluable IgM anti-GM1 serum result, ties by accession."""
    able = [
        t for t in own.titres
        if world.titre_fates[t["row_id"]].disposition == "used" and is_primary(t)
        and world.meanings[t["row_id"]].interpretation in SURE
    ]  # fmt: skip
    return min(able, key=lambda t: (as_day(t["collected_on"]), t["accession"], t["row_id"]), default=None)


def serology_state(own: Records, world: World) -> str:
    """What the antibody rows of a patient amount to."""
    if choose(own, world):
        return "tested"
    fates = world.titre_fates
    # a row whose analyte could not be read may have been the one asked for
    said = {
        fates[t["row_id"]].disposition for t in own.titres
        if is_primary(t) or (fates[t["row_id"]].disposition == "rejected" and _may_be_primary(t))
    }  # fmt: skip
    for disposition, state in (
        ("used", "unclassifiable"),
        ("held", "held"),
        ("withdrawn", "withdrawn"),
        ("rejected", "rejected"),
    ):
        if disposition in said:
            return state
    about_gm1 = [t for t in own.titres if t.get("antigen") == "GM1"]
    if any(t.get("isotype") == "IgM" for t in about_gm1):
        return "other_specimen_only"
    if about_gm1:
        return "other_isotype_only"
    return "other_analyte_only" if own.titres else "not_tested"


def _may_be_primary(row: Row) -> bool:
    asked = {"antigen": "GM1", "isotype": "IgM", "specimen": "serum"}
    return all(row.get(name) in (None, value) for name, value in asked.items())


def population_of(label: Row | None) -> str | None:
    """The group of a label."""
    if label is None:
        return None
    if label["diagnosis"] != "MMN":
        return str(label["diagnosis"])
    if label.get("certainty") not in ("definite", "probable"):
        return "MMN possible"
    return "MMN resting on anti-GM1" if label.get("label_rests_on_anti_gm1") == "yes" else "MMN"


def flow_class(own: Records, world: World, label: Row | None, population: str | None, state: str) -> str:
    """Where the patient left the flow, or tested."""
    if label is None:
        said = {world.study_fates[s["row_id"]].disposition for s in own.studies}
        if "held" in said:
            return "study_row_held"
        return "study_row_rejected" if said else "no_study_row"
    places = {"MMN possible": "mmn_possible", "MMN resting on anti-GM1": "label_rests_on_anti_gm1", "MMN": state}
    return places.get(population or "", "other_diagnosis")


def seen(rows: Sequence[Row]) -> set[str]:
    """Patients whom any row names."""
    return {
        row["patient_key"]
        for row in rows
        if row.get("patient_key")
        and (accepted(row) or row["intake_disposition"] != "excluded" or row.get("intake_reason") == "other_analyte")
    }
