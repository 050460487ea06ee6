"""What the page says of stated diagnoses, of what the data support, and of the documents' statements."""

from pathlib import Path

import pytest
import report_warehouse as warehouse
from test_report_page import Written


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("diagnosis") / "home")


def test_statements_findings_and_labels_are_counted_for_the_cohort(written: Written) -> None:
    text = written.tags.text.replace("\u00a0", " ")
    for said in (
        "All five statements are met in 26 patients; at least one is not met in 4; in 65 none is contradicted",
        "Purely motor 2 1 0",
        "Stated definite, and an adequate study found no block 1 2",
        "Of the 95 labels of the cohort, 90 are known not to rest on anti-GM1 and for 5 nobody says.",
        "Nothing here changes a label or the cohort",
    ):
        assert said in text, said


def test_a_share_of_the_little_tested_is_said_to_count_them_as_without(written: Written) -> None:
    """The statement calls a patient who was little tested not recorded; the share counts the same patient."""
    assert "one who was little tested counts as without" in written.tags.text


def test_a_statement_without_a_share_has_no_share_not_no_number(tmp_path: Path) -> None:
    fact = {**warehouse.ROWS["mart_reference_fact"][0], "published_low": None, "published_high": None}
    text = Written(tmp_path / "home", mart_reference_fact=[fact]).tags.text
    assert "no share" in text
    assert "no number Share" not in text


def test_a_finding_that_nobody_has_is_shown_with_zero(written: Written) -> None:
    assert "Stated definite, and a statement is not met 0 0" in written.tags.text
    rows = {row["finding_id"]: row["n_cohort"] for row in written.table("diagnosis_findings")}
    assert rows == {"definite_without_block": "1", "contradicted_by_statement": "0"}


def test_a_statement_that_cannot_be_observed_says_why_and_keeps_the_published_number(written: Written) -> None:
    text = written.tags.text.replace("\u00a0", " ")
    assert "0.6 per 100,000 inhabitants Prevalence of MMN Not observable. No catchment is configured." in text
    assert "Share of MMN patients with anti-GM1 detected 43.2 % of 88 (33.3–53.6 %)" in text


def test_documents_are_named_once_and_cited_in_full_below(written: Written) -> None:
    text = written.tags.text
    assert "Document B, line 5" in text
    assert "Document B Patient information on MMN, no author and no date (file b.txt)" in text


def test_prevalence_is_shown_per_inhabitants_with_its_caveat(tmp_path: Path) -> None:
    prevalence = {
        **warehouse.ROWS["mart_reference_fact"][1], "observed": 0.7, "n": 7, "n_counted": 7, "ci_low": 0.28144,
        "ci_high": 1.44227, "inhabitants": 1_000_000, "outcome": "observed", "reason": None, "reason_code": None,
        "beside": "7 labelled patients. Where patients live is in no export.",
    }  # fmt: skip
    facts = [warehouse.ROWS["mart_reference_fact"][0], prevalence]
    text = Written(tmp_path / "home", mart_reference_fact=facts).tags.text
    assert "Prevalence of MMN 0.70 per 100,000 inhabitants (0.28–1.44)" in text
    assert "Where patients live is in no export." in text


def test_a_line_break_in_other_tables_is_shown_as_what_it_is(tmp_path: Path) -> None:
    """Only cells that were written with lines break; a file name with one stays one line."""
    exports = [{**row, "file_name": "a\nb.csv"} for row in warehouse.ROWS["mart_reconciliation"]]
    html = Written(tmp_path / "home", mart_reconciliation=exports).html
    assert "a\\nb.csv" in html
    assert "a\nb.csv" not in html
