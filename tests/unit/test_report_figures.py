"""Figures: they add up, the band stands behind MMN rows only, nothing overlaps and labels stay text."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import duckdb
import pytest
import report_warehouse as warehouse
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import forest, waterfall
from pipeline.report.drawing import fitted, width_of, wrapped
from pipeline.report.findings import Findings, read
from pipeline.report.page import figures

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - a figure of our own


def findings(**replaced: warehouse.Rows) -> Findings:
    with duckdb.connect() as con:
        warehouse.fill(con, **replaced)
        return read(con)


@pytest.fixture(scope="module")
def found() -> Findings:
    return findings()


def test_rows_of_all_exports_add_up(found: Findings) -> None:
    steps = waterfall.row_steps(found)
    assert waterfall.adds_up(steps)
    assert steps[0].number == found.rows_counted() == 2457
    assert steps[-1].number == 2271


def test_patients_add_up_to_the_headline(found: Findings) -> None:
    steps = waterfall.patient_steps(found)
    assert waterfall.adds_up(steps)
    assert steps[-1].number == found.headline["n_tested"]


def test_a_lost_row_is_noticed() -> None:
    exports = [dict(row) for row in warehouse.ROWS["mart_reconciliation"]]
    exports[0]["rejected"] -= 1
    assert not waterfall.adds_up(waterfall.row_steps(findings(mart_reconciliation=exports)))


@pytest.mark.parametrize("layout", [waterfall.WIDE, waterfall.NARROW])
def test_each_bar_begins_where_the_last_one_ended(found: Findings, layout: waterfall.Layout) -> None:
    for steps in (waterfall.row_steps(found), waterfall.patient_steps(found)):
        figure = waterfall.waterfall("rows", "t", "d", steps, layout)
        scale = layout.bar_width / steps[0].number
        for bar in figure.bars:
            drawn_left = layout.bar_x + (bar.step.left if bar.step.is_loss else 0) * scale
            assert bar.x == pytest.approx(drawn_left, abs=0.01)
            assert bar.width == pytest.approx(max(bar.step.number * scale, 1.5 if bar.step.number else 0), abs=0.01)
            assert bar.x + bar.width <= layout.width + 0.01


def test_the_band_stands_behind_all_mmn_rows_and_no_other(found: Findings) -> None:
    for layout in (forest.WIDE, forest.NARROW):
        figure = forest.forest(found, layout)
        rows = [(group.is_mmn, row) for group in forest.with_context(found) for row in group.rows]
        for (is_mmn, _), mark in zip(rows, figure.marks, strict=True):
            assert any(b.y <= mark.y <= b.y + b.height for b in figure.bands) == is_mmn
        left = layout.plot_x + 0.3 * layout.plot_width
        right = layout.plot_x + 0.8 * layout.plot_width
        for band in figure.bands:
            assert (band.x, band.x + band.width) == (pytest.approx(left), pytest.approx(right))


def test_without_a_published_range_there_is_no_band() -> None:
    rates = [{**row, "published_low": None, "published_high": None} for row in warehouse.ROWS["mart_positive_rate"]]
    assert forest.forest(findings(mart_positive_rate=rates), forest.WIDE).bands == []


def test_nobody_tested_is_not_estimable_and_has_no_point(found: Findings) -> None:
    mark = next(m for m in forest.forest(found, forest.WIDE).marks if m.label.text == "GBS")
    assert (mark.point, mark.rate.text, mark.n.text) == (None, "not estimable", "0 of 0")


@pytest.mark.parametrize("layout", [forest.WIDE, forest.NARROW])
def test_rows_of_the_forest_plot_do_not_touch(found: Findings, layout: forest.Layout) -> None:
    marks = forest.forest(found, layout).marks
    for above, below in pairwise(marks):
        assert below.label.y - max(above.y, above.n.y) >= 13
    for mark in marks:
        label_end = mark.label.x + width_of(mark.label.text, forest.SIZE)
        assert label_end <= (layout.width if layout.is_stacked else layout.n_x - width_of(mark.n.text, forest.SIZE))


def test_headings_of_the_narrow_plot_are_not_cut_off(found: Findings) -> None:
    """They are bold, so wider than their size says."""
    shown = forest.forest(found, forest.NARROW).headings
    assert "Published cohorts by assay (context)" in [one.text for one in shown]
    assert [one.full for one in shown if one.full] == []


def test_figures_are_xml_with_title_and_description_and_text_as_text(found: Findings) -> None:
    drawn = figures(found)
    assert sorted(drawn) == [f"{n}_{w}.svg" for n in ("forest", "patients", "rows") for w in ("narrow", "wide")]
    ids = []
    for svg in drawn.values():
        root = parsed(svg)
        names = {e.get("id"): e.text for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")}
        assert [names[i] for i in (root.get("aria-labelledby") or "").split()] == list(names.values())
        assert all(names.values())
        assert root.findall(f".//{SVG}text")
        assert not root.findall(f".//{SVG}image")
        ids += list(names)
    assert len(ids) == len(set(ids))


def test_a_shortened_label_keeps_the_whole_as_its_title(found: Findings) -> None:
    svg = figures(found)["forest_wide.svg"]
    assert re.search(
        r"<title>EASTMOOR-UNIVERSITY-HOSPITAL-IMMUNOLOGY-REFERENCE-SERVICE: LINE</title>EASTMOOR[^<]*…", svg
    )


def test_hostile_labels_are_escaped() -> None:
    rates = [*warehouse.ROWS["mart_positive_rate"]]
    rates.append(warehouse.rate(1, 2, stratum="performing_lab", value="</text><script>x</script>&"))
    svg = figures(findings(mart_positive_rate=rates))["forest_wide.svg"]
    assert "<script" not in svg
    parsed(svg)


@given(st.text(max_size=80), st.floats(30, 400))
def test_fitted_text_is_no_wider_than_its_place(text: str, width: float) -> None:
    found = fitted(0, 0, text, width, 13)
    assert width_of(found.text, 13) <= width
    assert found.full in ("", " ".join(text.split()))


@given(st.lists(st.text("abcdef", min_size=1, max_size=9), max_size=12), st.integers(1, 3))
def test_wrapped_text_keeps_its_words_in_order(words: list[str], most: int) -> None:
    lines = wrapped(0, 10, " ".join(words), 200, 13, most)
    assert len(lines) <= most
    assert " ".join(line.full or line.text for line in lines) == " ".join(words)


def test_an_empty_warehouse_still_has_figures() -> None:
    drawn = figures(findings(mart_positive_rate=_nobody(), mart_patient_flow=[], mart_reconciliation=[]))
    for svg in drawn.values():
        parsed(svg)


def _nobody() -> warehouse.Rows:
    names = ("primary", "equivocal_excluded", "equivocal_as_positive", "before_first_ivig")
    return [warehouse.rate(0, 0, analysis=name) for name in names]
