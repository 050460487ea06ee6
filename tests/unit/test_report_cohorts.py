"""Published cohorts on the page: context by assay, with drafts kept apart from what can be counted."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
import report_warehouse as warehouse

from pipeline.report import cohort_tables, forest
from pipeline.report.findings import Findings, read


def findings(**replaced: Any) -> Findings:
    con = duckdb.connect()
    warehouse.fill(con, **replaced)
    return read(con)


def test_a_counted_cohort_has_its_test_counts_rate_and_interval() -> None:
    table = cohort_tables.counted(findings())
    for said in (
        "Invented and colleagues (Nowhere, 2001)",
        "IgM GM1, ELISA, 1:800 or more",
        "62.5 %</td>",
        "38.6–81.5",
        "<td>16</td>",
    ):
        assert said in str(table).replace("\u00a0", " "), said
    assert "Remembered" not in str(table)


def test_a_draft_says_what_is_known_and_that_it_is_from_memory() -> None:
    table = str(cohort_tables.drafts(findings()))
    assert "90 tested; 39 positive (from memory); 43 %" in table
    assert "<td>11–84 %</td>" in table and "read the paper first" in table
    assert "Invented and colleagues" not in table


def test_without_cohorts_there_is_no_table_and_no_row_in_the_figure() -> None:
    found = findings(mart_published_cohort=[])
    assert cohort_tables.counted(found) is None and cohort_tables.drafts(found) is None
    assert forest.with_context(found) == forest.groups(found)


@pytest.mark.parametrize(
    "other", [{"state": "draft"}, {"population": "ALS"}, {"analyte": "GM1:GalC"}, {"isotype": "IgG"}], ids=str
)
def test_only_counted_mmn_cohorts_by_igm_gm1_stand_in_the_figure(other: dict[str, str]) -> None:
    (row, *_) = warehouse.ROWS["mart_published_cohort"]
    shown = forest.with_context(findings(mart_published_cohort=[row, {**row, **other, "cohort_id": "other"}]))
    (context,) = [group for group in shown if group.name == "Published cohort"]
    assert [one["cohort_id"] for one in context.rows] == ["invented.counted"]


def test_cohorts_are_drawn_as_context_and_stay_out_of_the_table_of_this_cohort() -> None:
    found = findings()
    (mark,) = [mark for mark in forest.forest(found, forest.WIDE).marks if mark.is_context]
    assert mark.label.text == "Invented 2001, ELISA" and not mark.is_headline
    assert "Published cohort" not in [group.name for group in forest.groups(found)]


def test_the_page_says_that_the_range_is_of_no_one_assay(tmp_path: Path) -> None:
    from pipeline.report import report

    home, settings = warehouse.home(tmp_path / "home")
    warehouse.publish(home)
    html = report(settings).page.read_text(encoding="utf-8")
    assert "the range refers to unspecified\nassays" in html
    assert "Drafts: cohorts and reviews of which too little is known (2)" in html
