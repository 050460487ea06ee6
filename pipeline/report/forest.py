"""The forest plot of rates: where each label, point and interval stands. The template only draws."""

from dataclasses import dataclass

from pipeline.pages import interval_text, percent
from pipeline.report.drawing import Text, fitted
from pipeline.report.findings import Findings, Row

SIZE = 13
_STRATA = (("performing_lab", "Performing laboratory"), ("assay", "Assay"), ("period", "Year of collection"),
           ("criteria_set", "Criteria of the diagnosis"), ("label_rests_on_anti_gm1", "Label resting on anti-GM1"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of the plot. `is_stacked` puts the numbers on a line of their own, for a narrow screen."""

    name: str
    width: float
    label_width: float
    n_x: float
    plot_x: float
    plot_width: float
    row_height: float
    is_stacked: bool = False


WIDE = Layout("wide", 860, 270, 345, 375, 290, 27)
NARROW = Layout("narrow", 360, 350, 4, 10, 340, 62, is_stacked=True)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading, `name` for short; `is_mmn` rows have the published range behind them."""

    heading: str
    name: str
    rows: list[Row]
    is_mmn: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One row: its texts and, where there is a rate, the x of its point and of both ends."""

    label: Text
    n: Text
    rate: Text
    y: float
    point: float | None
    low: float
    high: float
    is_headline: bool
    is_context: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Forest:
    """Everything the template needs; x and y in units of the view box."""

    layout: Layout
    height: float
    headings: list[Text]
    marks: list[Mark]
    bands: list[Box]
    band_label: str
    ticks: list[Text]
    axis_bottom: float
    description: str


def groups(findings: Findings) -> list[Group]:
    """MMN undivided, MMN by each stratum, and the other groups of labels, all by the primary analysis."""
    primary = [row for row in findings.rates if row["analysis"] == "primary"]
    mmn = [row for row in primary if row["population"] == "MMN"]
    found = [Group("MMN, primary analysis", "MMN", [row for row in mmn if row["stratum"] == "all"], True)]
    for stratum, name in _STRATA:
        found.append(
            Group(f"MMN by {name[0].lower()}{name[1:]}", name, [row for row in mmn if row["stratum"] == stratum], True)
        )
    others = [row for row in primary if row["population"] != "MMN" and row["stratum"] == "all"]
    found.append(Group("Other groups of labels (no published range)", "Other label", others, False))
    return [group for group in found if group.rows]


def with_context(findings: Findings) -> list[Group]:
    """The same with published MMN cohorts by GM1 alone behind the rows of this cohort: context, and no part of them."""
    own = groups(findings)
    cohorts = [
        {**row, "stratum": "published", "stratum_value": _cohort_label(row)}
        for row in findings.published_cohorts
        if (row["state"], row["population"], row["analyte"], row["isotype"]) == ("active", "MMN", "GM1", "IgM")
    ]
    if not cohorts:
        return own
    n_mmn = sum(group.is_mmn for group in own)
    context = Group("Published cohorts by assay (context)", "Published cohort", cohorts, True)
    return [*own[:n_mmn], context, *own[n_mmn:]]


def _cohort_label(row: Row) -> str:
    named = f"{row['study'].replace(' and colleagues', '')} {row['year'] or ''}".strip()
    return f"{named}, {row['assay']}"


def label_of(row: Row) -> str:
    """What a row of the plot is about, in one or two words."""
    if row["stratum"] == "label_rests_on_anti_gm1":
        return {"no": "Known not to", "unknown": "Not known"}.get(row["stratum_value"], str(row["stratum_value"]))
    if row["stratum"] == "criteria_set":
        return str(row["stratum_value"]).replace("EFNS_PNS", "EFNS/PNS").replace("_", " ")
    if row["stratum"] != "all":
        return str(row["stratum_value"])
    return {"MMN": "All MMN patients", "other": "Any other label"}.get(row["population"], str(row["population"]))


def forest(findings: Findings, layout: Layout) -> Forest:
    """The plot of these findings for one layout."""
    top = y = 18.0 if layout.is_stacked else 34.0
    headings: list[Text] = []
    marks: list[Mark] = []
    mmn: list[Box] = []
    for group in with_context(findings):
        y += 24
        # bold, so wider than its size says
        headings.append(fitted(0, y, group.heading, layout.width - 8, SIZE + 1))
        y += 8
        for row in group.rows:
            marks.append(_mark(row, y, layout))
            y += layout.row_height
            if group.is_mmn:
                mmn.append(_strip(marks[-1], top, y, layout))
        y += 6
    bands = _bands(findings.headline, mmn, layout)
    ticks = [
        Text(_x(share / 100, layout), y + 18, f"{share}{' %' if share == 100 else ''}") for share in range(0, 101, 20)
    ]
    return Forest(
        layout, y + 28, headings, marks, bands, _band_label(findings.headline), ticks, y, _described(findings)
    )


def _mark(row: Row, y: float, layout: Layout) -> Mark:
    middle = y + (48 if layout.is_stacked else layout.row_height / 2)
    base = y + (15 if layout.is_stacked else layout.row_height / 2 + 4.5)
    label = fitted(4, base, label_of(row), layout.label_width - 8, SIZE)
    n = Text(layout.n_x, base + (17 if layout.is_stacked else 0), f"{row['n_positive']:,} of {row['n_tested']:,}")
    is_known = row["n_tested"] > 0
    words = f"{percent(row['rate'])} ({interval_text(row['ci_low'], row['ci_high'])})" if is_known else "not estimable"
    rate = Text(layout.width - 2, n.y, words)
    ends = (_x(row["ci_low"], layout), _x(row["ci_high"], layout)) if is_known else (0.0, 0.0)
    is_headline = row["population"] == "MMN" and row["stratum"] == "all"
    is_context = row["stratum"] == "published"
    return Mark(label, n, rate, middle, _x(row["rate"], layout) if is_known else None, *ends, is_headline, is_context)


def _x(share: float, layout: Layout) -> float:
    return round(layout.plot_x + share * layout.plot_width, 2)


def _strip(mark: Mark, top: float, bottom: float, layout: Layout) -> Box:
    """What the band covers of the height so far: everything down to this row, or in a stacked plot its line alone."""
    if layout.is_stacked:
        return Box(0, mark.y - 10, layout.width, 20)
    return Box(0, top, layout.width, bottom - top)


def _bands(row: Row, strips: list[Box], layout: Layout) -> list[Box]:
    if row["published_low"] is None or not strips:
        return []
    left, right = _x(row["published_low"], layout), _x(row["published_high"], layout)
    kept = strips if layout.is_stacked else strips[-1:]
    return [Box(left, strip.y, round(right - left, 2), strip.height) for strip in kept]


def _band_label(row: Row) -> str:
    if row["published_low"] is None:
        return ""
    return f"published {100 * row['published_low']:.0f}–{100 * row['published_high']:.0f} %"


def _described(findings: Findings) -> str:
    """The plot for somebody who does not see it: how many rows, and the headline."""
    parts = [f"{group.heading}: {len(group.rows)} rows" for group in with_context(findings)]
    row = findings.headline
    said = (
        f"{percent(row['rate'])}, interval {interval_text(row['ci_low'], row['ci_high'])}"
        if row["n_tested"]
        else "not estimable"
    )
    return f"All MMN patients: {said}. {'; '.join(parts)}. The table below the figure holds every number."
