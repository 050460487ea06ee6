"""The oracle's answers to one home: every result, segment, examination, patient and rate from landed rows and rules."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import diagnosis, examinations, fates, grades, meaning, nerves, people, rates, record_fates, treatment, unclear
from .landed import Row, as_day
from .rule_rows import Rules

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """Each mart as rows by their key."""

    results: dict[Hashable, Answer]
    dispositions: dict[Hashable, Answer]
    segments: dict[Hashable, Answer]
    studies: dict[Hashable, Answer]
    patients: dict[Hashable, Answer]
    statements: dict[Hashable, Answer]
    rates: dict[Hashable, Answer]


def answer(titres: Sequence[Row], studies: Sequence[Row], sites: Sequence[Row], rules: Rules) -> Answers:
    """All that can be said of these rows."""
    titre_fates, read = fates.results(titres)
    titre_fates |= unclear.endangered(list(read.values()), titre_fates)
    titre_fates |= unclear.claimed_twice(list(read.values()), titre_fates)
    study_fates, site_fates = record_fates.studies(studies), record_fates.sites(sites)
    meanings = meaning.of_all(list(read.values()), titre_fates, rules)
    world = people.World(titre_fates, study_fates, meanings, _titre_assays(titres), rules)
    of_patient = _by_patient(studies, study_fates)
    used_sites = [s for s in sites if site_fates[s["row_id"]].disposition == "used"]
    segments = nerves.segments(used_sites, sites, rules)
    exams: dict[Hashable, list[Row]] = defaultdict(list)
    for site in used_sites:
        exams[nerves.exam_key(site)].append(site)
    found = examinations.conclusions(exams, segments, rules)
    slowed: dict[str, list[bool | None]] = defaultdict(list)
    for own in segments.values():
        for segment in own:
            slowed[segment.pair.distal["patient_key"]].append(diagnosis.is_slowed(segment, rules))
    persons = _people(titres, studies, sites, world, found)
    said = {
        p["patient_key"]: diagnosis.statements(p.pop("label"), p["block_conclusion"], slowed[p["patient_key"]])
        for p in persons
    }
    for person in persons:
        judged = [one for one in slowed[person["patient_key"]] if one is not None]
        person |= {
            "data_support": diagnosis.support(said[person["patient_key"]]),
            "n_segments_velocity_judged": len(judged), "n_segments_slowed": sum(judged),
        }  # fmt: skip
    return Answers(
        {t["row_id"]: _result(t, world, of_patient) for t in read.values()},
        {
            r["row_id"]: {"disposition": f.disposition, "reason": f.reason, "original": f.original}
            for rows, all_fates in ((studies, study_fates), (sites, site_fates))
            for r in rows
            for f in (all_fates[r["row_id"]],)
        },
        _segments(segments),
        {(*key, of_set): _study(c) for (key, of_set), c in found.items()},  # type: ignore[misc]
        {p["patient_key"]: p for p in persons},
        {(key, name): {"outcome": outcome} for key, own in said.items() for name, outcome in own.items()},
        rates.all_rates(persons, rules),
    )


def _titre_assays(titres: Sequence[Row]) -> dict[tuple[str, str], str]:
    return {(t["performing_lab"], t["panel"]): t["assay"] for t in titres if t.get("panel_role") == "titre"}


def _by_patient(studies: Sequence[Row], found: fates.Fates) -> dict[str, list[Row]]:
    used: dict[str, list[Row]] = defaultdict(list)
    for study in studies:
        if found[study["row_id"]].disposition == "used":
            used[study["patient_key"]].append(study)
    return used


def _result(row: Row, world: people.World, of_patient: Mapping[str, Sequence[Row]]) -> Answer:
    fate = world.titre_fates[row["row_id"]]
    found: Answer = {
        "disposition": fate.disposition,
        "original": fate.original,
        "is_primary_analyte": meaning.is_primary(row),
    }
    if fate.disposition != "used":
        return found | {
            "interpretation": None, "reason_code": fate.reason, "rule_id": None, "is_carried_by_partner": False,
            "agrees_with_lab": None, "ivig_timing": None, "days_since_ivig": None,
        }  # fmt: skip
    said = world.meanings[row["row_id"]]
    taken = as_day(row["collected_on"])
    assert taken is not None
    when = treatment.timing(taken, of_patient.get(row["patient_key"], ()), world.rules)
    return found | {
        "interpretation": said.interpretation, "reason_code": said.reason, "rule_id": said.rule_id,
        "is_carried_by_partner": said.is_carried, "agrees_with_lab": meaning.agrees(row, said),
        "is_off_series": meaning.is_off_series(row, world.rules), "ivig_timing": when.name, "days_since_ivig": when.days,
    }  # fmt: skip


def _segments(found: Mapping[Hashable, Sequence[nerves.Segment]]) -> dict[Hashable, Answer]:
    rows: dict[Hashable, Answer] = {}
    for exam, segments in found.items():
        for segment in segments:
            pair = segment.pair
            place = (
                pair.distal["nerve"],
                pair.distal["side"],
                pair.distal.get("muscle"),
                pair.distal["site"],
                pair.proximal["site"],
            )
            for of_set, grade in segment.grades.items():
                has_block = grade.block in examinations.BLOCK
                rows[*exam, *place, of_set] = {  # type: ignore[misc]
                    "area_reduction_pct": pair.reduction("area_mv_ms"),
                    "amplitude_reduction_pct": pair.reduction("amplitude_mv"),
                    "duration_increase_pct": pair.increase(),
                    "velocity_m_per_s": pair.velocity(),
                    "lower_limit_mv": segment.limit.millivolt,
                    "lower_limit_from": segment.limit.whose,
                    "conduction_block": grade.block,
                    "reason_code": grade.reason,
                    "criterion_id": grade.criterion,
                    "sensory_sparing": segment.sensory if has_block else None,
                    "flags": "; ".join(segment.flags) or None,
                }
    return rows


def _study(found: examinations.Conclusion) -> Answer:
    return {
        "conclusion": found.said, "reason_code": found.reason, "is_adequate": found.is_adequate,
        "n_nerves_tested": len(found.nerves), "nerves_tested": "; ".join(found.nerves) or None,
        "n_segments_tested": found.tested, "n_segments_assessed": len(found.assessed),
        "segments_assessed": "; ".join(found.assessed) or None, "blocks": "; ".join(found.blocks) or None,
        "n_definite_block": found.definite, "n_probable_block": found.probable, "sensory_sparing": found.sensory,
        "rests_on_flagged_only": found.rests_on_flagged_only, "n_segments_flagged": found.flagged,
        "n_by_fallback_limit": found.by_fallback, "reasons": found.reasons,
    }  # fmt: skip


def _people(
    titres: Sequence[Row], studies: Sequence[Row], sites: Sequence[Row], world: people.World,
    found: Mapping[tuple[Any, str], examinations.Conclusion],
) -> list[Answer]:  # fmt: skip
    default = next(s["criteria_set"] for s in grades.sets(world.rules) if s["is_default"] == "yes")
    persons = []
    for key in sorted(people.seen([*titres, *studies, *sites])):
        own = people.Records(
            [t for t in titres if t.get("patient_key") == key], [s for s in studies if s.get("patient_key") == key]
        )
        exams = [c for (exam, of_set), c in found.items() if exam[1] == key and of_set == default]
        persons.append({"patient_key": key, **people.describe(own, world), **examinations.of_patient(exams)})
    return persons
