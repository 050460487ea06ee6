"""The tables of published cohorts: those whose counts a paper states, and drafts of which too little is known."""

import pandas as pd
from markupsafe import Markup

from pipeline.pages import count, html_table, interval_text, percent
from pipeline.report.findings import Findings, Row
from pipeline.report.sentences import confidence

_BASES = {"computed": "reckoned back from the percentage", "remembered": "from memory"}


def counted(findings: Findings) -> Markup | None:
    """Active cohorts with their own intervals; None when the rules hold none."""
    interval = f"{confidence(findings)} interval"
    rows = [
        {
            **_cohort(row),
            "Positive": count(row["n_positive"]),
            "Tested": count(row["n_tested"]),
            "Rate": percent(row["rate"]),
            interval: interval_text(row["ci_low"], row["ci_high"]),
            "As printed": _printed(row),
        }
        for row in findings.published_cohorts
        if row["state"] == "active"
    ]
    caption = "Published cohorts whose counts their source states, each by its own test"
    numbers = ("Positive", "Tested", "Rate", interval, "As printed")
    return html_table(pd.DataFrame(rows), caption, numbers, "cohorts") if rows else None


def drafts(findings: Findings) -> Markup | None:
    """What is known of each draft, and what is not; None when the rules hold none."""
    rows = [
        {**_cohort(row), "Known": _known(row) or "nothing yet", "Remark": row["note"] or "", "Source": row["citation"]}
        for row in findings.published_cohorts
        if row["state"] == "draft"
    ]
    return html_table(pd.DataFrame(rows), "Drafts, counted nowhere", classes="wordy cohorts") if rows else None


def _cohort(row: Row) -> dict[str, str]:
    """Whose cohort, of whom, by which test."""
    # a whole number that others lack comes back as itself, an empty one as None
    place = ", ".join(str(part) for part in (row["country"], row["year"]) if part)
    test = " ".join(part for part in (row["isotype"], row["analyte"]) if part and part != "not stated")
    how = "assay not stated" if row["assay"] == "not stated" else row["assay"]
    return {
        "Study": f"{row['study']} ({place})" if place else row["study"],
        "Who was tested": row["population"],
        "Test": ", ".join(part for part in (test, how, row["cutoff_words"]) if part),
    }


def _known(row: Row) -> str:
    """The counts and the percentage of a draft, each said to be what it is."""
    found = []
    if row["n_tested"]:
        found.append(f"{row['n_tested']:,} tested")
    elif row["n_patients"]:
        found.append(f"{row['n_patients']:,} patients")
    if row["n_positive"] is not None:
        found.append(f"{row['n_positive']:,} positive ({_BASES.get(row['count_basis'], row['count_basis'])})")
    return "; ".join([*found, *([_printed(row)] if _printed(row) else [])])


def _printed(row: Row) -> str:
    low, high = row["stated_low_pct"], row["stated_high_pct"]
    if row["stated_rate_pct"] is not None:
        return f"{float(row['stated_rate_pct']):g} %"
    return f"{float(low):g}–{float(high):g} %" if low is not None and high is not None else ""
