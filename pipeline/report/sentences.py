"""The sentences of the report that depend on its figures."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.pages import count, interval_text, percent, plural
from pipeline.report.findings import Findings, Row

METHOD_NAMES: Mapping[str, str] = MappingProxyType({
    "wilson": "Wilson", "clopper_pearson": "Clopper-Pearson", "jeffreys": "Jeffreys",
})  # fmt: skip
VERDICTS: Mapping[str, str] = MappingProxyType({
    "within": "Within the published range",
    "below": "Below the published range",
    "above": "Above the published range",
    "inconclusive": "Inconclusive against the published range",
    "too_few": "Too few patients to decide",
    "not_estimable": "Not estimable",
})  # fmt: skip
DISPOSITION_WORDS: Mapping[str, str] = MappingProxyType({
    "layout": "Layout: headers, units, footers, blank rows",
    "excluded": "Excluded: controls, test patients, other analytes",
    "rejected": "Rejected: unreadable, or a critical check failed",
    "duplicate": "Duplicate: the same record again",
    "withdrawn": "Withdrawn by the laboratory",
    "superseded": "Superseded by a correction",
    "held": "Held: waits for a person",
    "used": "Used",
})  # fmt: skip
# The three ways to count an equivocal result.
EQUIVOCAL_ANALYSES = ("primary", "equivocal_excluded", "equivocal_as_positive")


def confidence(findings: Findings) -> str:
    """`95 %`, as the rule of the published range states it."""
    stated = findings.published[0]["confidence"] if findings.published else 0.95
    return percent(float(stated), 0)


def headline(findings: Findings) -> str:
    """Who is positive of whom, with the interval and its name; plain about there being nobody."""
    row = findings.headline
    if not row["n_tested"]:
        return "No MMN patient has an evaluable IgM anti-GM1 serum result, so no rate can be given."
    return (
        f"{row['n_positive']:,} of {plural(row['n_tested'], 'tested MMN patient')} "
        f"{'is' if row['n_positive'] == 1 else 'are'} IgM anti-GM1 positive; {confidence(findings)} "
        f"{METHOD_NAMES.get(row['ci_method'], row['ci_method'])} interval "
        f"{interval_text(row['ci_low'], row['ci_high'])}."
    )


def point_estimate(row: Row) -> str:
    """Where the rate itself lies, apart from its interval; empty where too few were tested to say anything by it."""
    if row["rate"] is None or row["published_low"] is None or row["verdict"] == "too_few":
        return ""
    inside = row["published_low"] <= row["rate"] <= row["published_high"]
    return f"The rate itself lies {'inside' if inside else 'outside'} the range; the verdict is about its interval."


def range_source(findings: Findings) -> str:
    """Document and place of the published range, as the reference facts cite them."""
    row = findings.headline
    ends = (row["published_low"], row["published_high"])
    for fact in findings.reference_facts:
        if ends[0] is not None and (fact["published_low"], fact["published_high"]) == ends:
            return f"{fact['source_document']}, {fact['source_line']}"
    return "source not stated"


def equivocals(findings: Findings) -> tuple[bool, str]:
    """Whether the verdict depends on how equivocal results count, and the sentence that says so."""
    verdicts = {name: findings.analysis(name)["verdict"] for name in EQUIVOCAL_ANALYSES}
    n_equivocal = findings.headline["n_equivocal"]
    if not n_equivocal:
        return False, "No tested patient has an equivocal result, so the answer does not depend on how those count."
    found = plural(n_equivocal, "tested patient has", "tested patients have") + " an equivocal result."
    if len(set(verdicts.values())) == 1:
        words = VERDICTS.get(verdicts["primary"], "").lower()
        return False, f"{found} The verdict is the same whichever way they count: {words}."
    listed = "; ".join(
        f"{findings.label('analysis', n).lower()}: {(v or '').replace('_', ' ')}" for n, v in verdicts.items()
    )
    return True, f"{found} The verdict depends on how they count. {listed[:1].upper()}{listed[1:]}."


def block(findings: Findings) -> str:
    """By which criteria block is judged; the set that figures use is a rule, so it is named from the data."""
    sets = sorted(
        {str(row["criteria_set"]).replace("EFNS_PNS", "EFNS/PNS").replace("_", " ") for row in findings.block_segments}
    )
    by = f" by the criteria of {' and '.join(sets)}" if sets else ""
    return (
        f"Block is judged{by}, from the fall of the response between two sites. An amplitude never stands in for a "
        "negative-peak area that was not sent."
    )


def timing(findings: Findings) -> str:
    """How many of the tested were sampled before their first IVIG; empty where nobody was tested."""
    row = findings.timing[0]
    if not findings.headline["n_tested"]:
        return ""
    return (
        f"Of the {plural(findings.headline['n_tested'], 'tested patient')}, {count(row['n_before'])} "
        f"{_was(row['n_before'])} sampled before the day of the first IVIG, {count(row['n_after'])} on or after it, "
        f"and for {count(row['n_unknown'])} that cannot be said: no first IVIG is on record, records contradict each other "
        "about it, or its day and that of the sample do not compare. Unknown is not taken to be before."
    )


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def unclassifiable_bounds(row: Row) -> str:
    """What the rate could be at most and at least had the unclassifiable patients been evaluable."""
    n_open = row["n_unclassifiable"] or 0
    n_all = row["n_tested"] + n_open
    if not n_open:
        return "No labelled patient is left out for want of an evaluable result."
    low, high = row["n_positive"] / n_all, (row["n_positive"] + n_open) / n_all
    return (
        f"{plural(n_open, 'labelled patient has', 'labelled patients have')} final IgM anti-GM1 serum results of which "
        f"none is evaluable, and {_is(n_open)} in neither number. Had all of them been negative the rate would be "
        f"{percent(low)}, had all been positive {percent(high)}."
    )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def row_sum(findings: Findings) -> str:
    """The equation of the rows: counted from the bytes on one side, each disposition on the other."""
    parts = findings.rows_by_disposition()
    sum_of_parts = sum(parts.values())
    terms = " + ".join(f"{number:,} {name}" for name, number in reversed(parts.items()))
    difference = findings.rows_counted() - sum_of_parts
    end = "nothing is unaccounted for" if not difference else f"{difference:,} rows are UNACCOUNTED FOR"
    return f"{findings.rows_counted():,} rows in {plural(len(findings.exports), 'export')} = {terms}: {end}."


def patient_sum(findings: Findings) -> str:
    """The equation of the patients: all of them less every loss is those tested."""
    flow = findings.patient_flow
    start = next((r["n_patients"] for r in flow if r["kind"] == "start"), 0)
    lost = sum(r["n_patients"] for r in flow if r["kind"] == "loss")
    end = next((r["n_patients"] for r in flow if r["kind"] == "end"), 0)
    difference = start - lost - end
    words = "nobody is unaccounted for" if not difference else f"{difference:,} are UNACCOUNTED FOR"
    return f"{start:,} patients − {lost:,} lost on the way = {end:,} tested: {words}."
