"""What a run on the planned exports must find, computed from the plan alone."""

from collections import Counter
from typing import Any

from statsmodels.stats.proportion import proportion_confint

from pipeline.demo.plan import Plan, Sample

LOW, HIGH, FEWEST = 0.30, 0.80, 14


def manifest_of(plan: Plan, months: int) -> dict[str, Any]:
    """Rows by disposition for each file, every planted row, headline and variants, all after `months` months."""
    files: dict[str, dict[str, Any]] = {}
    planted = []
    for file, number, row in plan.rows():
        if file.month > months:
            continue
        entry = files.setdefault(f"{file.lab}/{file.name}", {"rows": 0, "dispositions": Counter()})
        entry["rows"] += 1
        entry["dispositions"][row.ends[months - 1]] += 1
        if row.reason:
            planted.append({"file": f"{file.lab}/{file.name}", "row_number": number,
                            "disposition": row.ends[months - 1], "reason": row.reason})  # fmt: skip
    for entry in files.values():
        entry["dispositions"] = dict(sorted(entry["dispositions"].items()))
    return {"files": files, "planted": planted, **_figures(plan, months)}


def _figures(plan: Plan, months: int) -> dict[str, Any]:
    """The headline and its variants: one result a patient, the earliest evaluable, ties by accession."""
    used: dict[str, list[Sample]] = {}
    for file, _, row in plan.rows():
        if file.month <= months and row.sample and row.ends[months - 1] == "used" and row.sample.is_igm_gm1_serum:
            used.setdefault(row.sample.person.identifier, []).append(row.sample)
    cohort = [person for person in plan.people if person.is_in_cohort]
    chosen = {p.identifier: _chosen(used[p.identifier]) for p in cohort if p.identifier in used}
    votes = [sample for sample in chosen.values() if sample]
    unclassifiable = sum(sample is None for sample in chosen.values())
    meanings = [sample.interpretation for sample in votes]
    before = [s.interpretation for s in votes if s.person.first_ivig_on and s.collected_on < s.person.first_ivig_on]
    n_equivocal = meanings.count("equivocal")
    return {
        "headline": _rate(meanings, "positive") | {"n_equivocal": n_equivocal, "n_unclassifiable": unclassifiable},
        "equivocal_excluded": _rate([m for m in meanings if m != "equivocal"], "positive"),
        "equivocal_as_positive": _rate(meanings, "positive", "equivocal"),
        "before_first_ivig": _rate(before, "positive"),
    }


def _chosen(samples: list[Sample]) -> Sample | None:
    evaluable = [s for s in samples if s.interpretation != "not_evaluable"]
    return min(evaluable, key=lambda s: (s.collected_on, s.accession), default=None)


def _rate(meanings: list[str], *positive: str) -> dict[str, Any]:
    n, k = len(meanings), sum(m in positive for m in meanings)
    if not n:
        return {"n_tested": 0, "n_positive": 0, "rate": None, "verdict": "not_estimable"}
    low, high = proportion_confint(k, n, alpha=0.05, method="wilson")
    if n < FEWEST:
        verdict = "too_few"
    elif low >= LOW and high <= HIGH:
        verdict = "within"
    else:
        verdict = "below" if high < LOW else "above" if low > HIGH else "inconclusive"
    return {"n_tested": n, "n_positive": k, "rate": k / n, "verdict": verdict}
