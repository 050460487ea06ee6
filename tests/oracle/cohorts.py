"""Invented cohorts, drawn from a seed, in which every edge of the requirements comes up; nothing here exists."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from . import cohort_nerves, cohort_results, cohort_rules, cohort_studies

Row = dict[str, Any]


# in some cohorts enough patients without any oddity for each verdict to come up, by their share of positives
SURE = 80
SURE_SHARE = {17: 0.0, 18: 0.55, 19: 0.8, 20: 1.0}


@dataclass(slots=True)
class Cohort:
    """Landed rows of one invented home, and the rules of its site beside the shipped ones."""

    titres: list[Row] = field(default_factory=list)
    studies: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    cutoffs: Sequence[Mapping[str, Any]] = ()
    site_rules: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def cohort(seed: int) -> Cohort:
    """The cohort of a seed: the same rows on every machine."""
    rng = random.Random(seed)  # noqa: S311 - invented patients are drawn from a seed, on purpose
    made = Cohort(cutoffs=cohort_rules.CUTOFFS, site_rules=cohort_rules.SITE_RULES)
    share = SURE_SHARE.get(seed)
    if share is not None:
        for number in range(SURE):
            key = f"c{seed:02d}s{number:03d}"
            made.studies.append(cohort_studies.sure(key))
            made.titres.append(cohort_results.sure(key, number < SURE * share))
    for number in range(rng.randint(60, 90)):
        key, taken = f"c{seed:02d}p{number:03d}", date(2024, 1, 1) + timedelta(days=rng.randint(0, 700))
        made.studies += cohort_studies.studies(rng, key, taken)
        made.titres += cohort_results.titres(rng, key, taken)
        made.sites += cohort_nerves.sites(rng, key, taken)
    made.titres += cohort_results.nobodys(rng)
    for rows in (made.titres, made.studies, made.sites):
        rng.shuffle(rows)
    return made
