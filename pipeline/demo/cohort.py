"""Who is in the invented cohort: labels, signs and treatment, drawn from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

# Patients with a story of their own, in the order in which MMN patients are given one.
STORIES = (
    "untested", "untested", "untested", "untested_until_month_2", "igg_only", "igg_only", "asialo_only",
    "rejected_only", "conflict", "withdrawn", "preliminary", "csf_only", "between_bands", "panel_titre_missing",
    "panel_screen_missing", "insufficient", "lab_undeclared", "unit_undeclared", "corrected_to_negative",
    "corrected_within_class", "withdrawn_in_month_2", "corrected_at_once", "second_sample", "not_evaluable_first",
    "straddles",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """A cohort with a true rate: how many MMN patients, how many of the tested ones are positive, and the seed."""

    name: str
    seed: int
    n_mmn: int
    positive_rate: float
    equivocal_rate: float
    # In small cohorts the stories happen to patients with another label, so that the headline is what its name says.
    has_mmn_stories: bool = True


VARIANTS: Mapping[str, Variant] = MappingProxyType({
    v.name: v
    for v in (
        Variant("within", 1, 92, 0.55, 0.06),
        Variant("below", 2, 92, 0.10, 0.06),
        Variant("above", 3, 92, 0.97, 0.0),
        Variant("inconclusive", 4, 92, 0.34, 0.06),
        Variant("too_few", 5, 9, 0.55, 0.0, has_mmn_stories=False),
        Variant("not_estimable", 6, 0, 0.5, 0.0, has_mmn_stories=False),
    )
})  # fmt: skip

OTHERS = (("ALS", 70), ("CIDP", 75), ("GBS", 45), ("Other", 40))
N_RESTING, N_POSSIBLE, N_UNLABELLED = 6, 9, 12
FIRST_DAY, LAST_DAY = date(2023, 1, 9), date(2026, 2, 13)


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient; `wanted` is the interpretation his or her IgM result is made to have."""

    identifier: str
    diagnosis: str | None
    certainty: str
    rests_on_anti_gm1: str
    story: str
    wanted: str
    lab: str
    sex: str
    birth_year: int
    onset_age: int
    umn_signs: str
    bulbar_signs: str
    sensory_signs: str
    sampled_on: date
    first_ivig_on: date | None
    last_ivig_on: date | None
    study_on: date

    @property
    def is_in_cohort(self) -> bool:
        """MMN definite or probable, label not known to rest on anti-GM1."""
        return self.diagnosis == "MMN" and self.certainty in ("definite", "probable") and self.rests_on_anti_gm1 != "Y"


def people(variant: Variant, seed: int | None) -> list[Person]:
    """The whole cohort, in order of identifier."""
    draw = random.Random(variant.seed if seed is None else seed)
    plain = variant.n_mmn - (len(STORIES) if variant.has_mmn_stories else 0)
    told = "MMN" if variant.has_mmn_stories else "ALS"
    cohort: list[tuple[str | None, str, str, str]]
    cohort = [(told, "definite" if n % 3 else "probable", "NU"[n % 5 == 0], story) for n, story in enumerate(STORIES)]
    cohort += [("MMN", "probable" if n % 3 == 0 else "definite", "N" if n % 7 else "", "") for n in range(plain)]
    cohort += [("MMN", "probable", "Y", "")] * N_RESTING + [("MMN", "possible", "N", "")] * N_POSSIBLE
    for diagnosis, count in OTHERS:
        cohort += [(diagnosis, "", "N", "untested" if n % 6 == 0 else "") for n in range(count)]
    cohort += [(None, "", "", "")] * N_UNLABELLED
    wanted = _wanted(draw, variant, cohort)
    # Identifiers say nothing about labels.
    numbers = draw.sample(range(100_000, 999_999), len(cohort))
    made = [
        _person(draw, f"EX{number}", *row, want, place)
        for place, (number, row, want) in enumerate(zip(numbers, cohort, wanted, strict=True))
    ]
    return sorted(made, key=lambda person: person.identifier)


def _wanted(draw: random.Random, variant: Variant, cohort: list[tuple[str | None, str, str, str]]) -> list[str]:
    """An interpretation for each: exact shares among plain MMN patients, so that the verdict is no matter of luck."""
    plain = [n for n, (diagnosis, certainty, rests, story) in enumerate(cohort)
             if diagnosis == "MMN" and certainty != "possible" and rests != "Y" and not story]  # fmt: skip
    draw.shuffle(plain)
    positive = set(plain[: round(variant.positive_rate * len(plain))])
    equivocal = set(plain[len(positive) : len(positive) + round(variant.equivocal_rate * len(plain))])
    share = {"MMN": variant.positive_rate, "ALS": 0.12, "CIDP": 0.08, "GBS": 0.1, "Other": 0.05, None: 0.1}
    wanted = []
    for n, (diagnosis, _, _, _) in enumerate(cohort):
        if n in positive or n in equivocal or n in plain:
            wanted.append("positive" if n in positive else "equivocal" if n in equivocal else "negative")
        else:
            wanted.append("positive" if draw.random() < share[diagnosis] else "negative")
    return wanted


def _person(
    draw: random.Random,
    identifier: str,
    diagnosis: str | None,
    certainty: str,
    rests: str,
    story: str,
    wanted: str,
    place: int,
) -> Person:
    sampled = FIRST_DAY + timedelta(days=draw.randrange((LAST_DAY - FIRST_DAY).days))
    onset = draw.randint(24, 68)
    # Only Northgate and Marlow have the panels and statuses that some stories need.
    lab = LAB_OF_STORY.get(story, ("northgate", "rheinau", "marlow")[place % 3])
    if wanted == "equivocal" and lab == "northgate":
        lab = "rheinau"
    first = last = None
    if diagnosis in ("MMN", "CIDP", "GBS") and draw.random() < 0.7:
        first = min(sampled + timedelta(days=draw.choice((-400, -60, 0, 12, 45, 200))), LAST_DAY)
        last = min(first + timedelta(days=28 * draw.randint(0, 20)), LAST_DAY)
    return Person(
        identifier=identifier, diagnosis=diagnosis, certainty=certainty, rests_on_anti_gm1=rests, story=story,
        wanted=wanted, lab=lab, sex="M" if draw.random() < (0.73 if diagnosis == "MMN" else 0.55) else "F",
        birth_year=sampled.year - onset - draw.randint(1, 9), onset_age=onset,
        umn_signs="Y" if diagnosis == "ALS" else draw.choice("NNNU"),
        bulbar_signs="Y" if diagnosis == "ALS" and draw.random() < 0.4 else "N",
        sensory_signs="N" if diagnosis == "MMN" else draw.choice("YN"), sampled_on=sampled,
        first_ivig_on=first, last_ivig_on=last,
        study_on=sampled - timedelta(days=draw.randint(1, 30)),
    )  # fmt: skip


LAB_OF_STORY: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(
        ("panel_titre_missing", "panel_screen_missing", "straddles", "untested_until_month_2"), "northgate"
    ),
    **dict.fromkeys(("rejected_only", "csf_only", "insufficient"), "rheinau"),
    **dict.fromkeys(
        ("igg_only", "asialo_only", "conflict", "withdrawn", "preliminary", "between_bands", "lab_undeclared",
         "unit_undeclared", "corrected_to_negative", "corrected_within_class", "withdrawn_in_month_2",
         "corrected_at_once", "second_sample", "not_evaluable_first"),
        "marlow",
    ),
})  # fmt: skip
