"""What an expert checks first of figures and reports, mistake by mistake: entries 7, 16 and 17."""

import re
from pathlib import Path

import pytest
import report_warehouse as warehouse
from click.testing import CliRunner
from harness import Row, built

from pipeline.cli import cli
from pipeline.report import report

from .expert_home import HEADLINE, Expert, text_of

# What a page about patients would say and a page about research must not.
CLINICAL = ("suffers", "should be treated", "treatment should", "we recommend", "is recommended", "diagnosed with", "has mmn",
            "confirms mmn", "rules out", "prognosis")  # fmt: skip


def page(folder: Path, n_positive: int, n_tested: int) -> str:
    """The text of a report on this many MMN patients."""
    place, settings = warehouse.home(folder)
    names = ("primary", "equivocal_excluded", "equivocal_as_positive", "before_first_ivig")
    warehouse.publish(place, mart_positive_rate=[warehouse.rate(n_positive, n_tested, analysis=name) for name in names])
    return text_of(report(settings).page.read_text(encoding="utf-8"))


def cohort(n_positive: int, n_tested: int) -> tuple[list[Row], list[Row]]:
    """Results and studies of this many MMN patients."""
    titres: list[Row] = [
        {"patient_key": f"p{n}", "accession": f"A{n}", "value": 800 if n < n_positive else 100} for n in range(n_tested)
    ]
    return titres, [{"patient_key": f"p{n}"} for n in range(n_tested)]


def test_07_six_patients_have_an_interval_and_no_verdict_on_the_range(tmp_path: Path) -> None:
    """Mistake: three of six are positive, so the rate is 50 % and within the range."""
    con = built(tmp_path, *cohort(3, 6))
    n_tested, low, high, verdict = con.execute(HEADLINE.format("n_tested, ci_low, ci_high, verdict")).fetchall()[0]
    assert (n_tested, verdict) == (6, "too_few")
    assert low == pytest.approx(0.18761, abs=1e-5) and high == pytest.approx(0.81239, abs=1e-5)
    text = page(tmp_path / "home", 3, 6)
    assert "Too few patients to decide" in text
    assert "3 of 6 tested MMN patients are IgM anti-GM1 positive; 95 % Wilson interval 18.8–81.2 %." in text
    assert "Within the published range" not in text


def test_07_inconclusive_is_said_and_looks_like_no_pass(tmp_path: Path) -> None:
    """Mistake: the rate lies inside the range and its interval does not, and the page shows a pass."""
    con = built(tmp_path, *cohort(10, 20))
    assert con.execute(HEADLINE.format("rate, verdict")).fetchall() == [(0.5, "inconclusive")]
    place, settings = warehouse.home(tmp_path / "home")
    warehouse.publish(place, mart_positive_rate=[
        warehouse.rate(10, 20, analysis=name)
        for name in ("primary", "equivocal_excluded", "equivocal_as_positive", "before_first_ivig")
    ])  # fmt: skip
    html = report(settings).page.read_text(encoding="utf-8")
    chip = re.search(r'<span class="chip ([a-z]+)">Inconclusive against the published range</span>', html)
    assert chip and chip[1] != "good"
    assert "The rate itself lies inside the range; the verdict is about its interval." in text_of(html)


def test_07_within_the_range_validates_nobody(tmp_path: Path) -> None:
    """Mistake: within 30-80 % means a good laboratory; or the range is a reference interval; or the document says more
    than it says."""
    text = page(tmp_path / "home", 38, 88)
    assert "Within the published range" in text
    said = "does not mean that an assay, a laboratory or a cohort is validated"
    assert text.lower().count("validated") == text.count(said) == 1, "the word stands in its denial alone"
    assert "The range is context, not an acceptance limit" in text
    assert "The document names no assay, no isotype, no cut-off and no number of patients" in text


def test_07_the_range_is_held_against_nothing_but_the_declared_analysis(home_of_mistakes: Expert) -> None:
    """Mistake: laboratories, years, other diseases or single results are judged by the range."""
    judged = home_of_mistakes.con.execute("""
        SELECT DISTINCT population, stratum FROM mart_positive_rate
        WHERE published_low IS NOT NULL OR published_high IS NOT NULL OR verdict IS NOT NULL""").fetchall()
    assert judged == [("MMN", "all")]
    with_range = home_of_mistakes.con.execute("""
        SELECT DISTINCT table_name FROM duckdb_columns() WHERE column_name = 'verdict' AND table_name LIKE 'mart_%'""").fetchall()
    assert ("mart_result",) not in with_range and ("mart_patient",) not in with_range


def test_07_the_verdicts_above_are_the_programs_own() -> None:
    """Mistake: the pages above were made of verdicts that nothing reckoned."""
    assert [warehouse.rate(k, n)["verdict"] for k, n in ((3, 6), (10, 20), (38, 88))] == [
        "too_few",
        "inconclusive",
        "within",
    ]


def test_16_assays_stand_side_by_side_and_are_pooled_by_nobody(home_of_mistakes: Expert) -> None:
    """Mistake: one pooled number over assays that cannot be compared, and no word of how they differ."""
    con = home_of_mistakes.con
    analyses = con.execute("SELECT DISTINCT analysis FROM mart_positive_rate ORDER BY 1").fetchall()
    assert analyses == [("before_first_ivig",), ("equivocal_as_positive",), ("equivocal_excluded",), ("primary",)]
    # the patients of the undivided rate are each in one assay, and every assay is shown with its interval
    by_assay = con.execute("""
        SELECT stratum_value, n_tested, ci_low IS NOT NULL FROM mart_positive_rate
        WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'assay' AND n_tested > 0 ORDER BY 1""").fetchall()
    assert [name for name, _, _ in by_assay] == ["ALDER: ELISA", "CEDAR: INDEX", "REED: ENDPOINT"]
    assert sum(n for _, n, _ in by_assay) == con.execute(HEADLINE.format("n_tested")).fetchall()[0][0]
    assert all(has_interval for _, _, has_interval in by_assay)
    text = home_of_mistakes.page
    assert "there is no common reference preparation, and the undivided rate mixes them" in text
    assert not re.search(r"\bpooled\b", text, re.IGNORECASE)


def test_16_three_patients_a_month_make_no_chart(home_of_mistakes: Expert) -> None:
    """Mistake: a control chart with limits from three patients a month, where chance alone breaks them."""
    periods = home_of_mistakes.con.execute(
        "SELECT DISTINCT stratum_value FROM mart_positive_rate WHERE stratum = 'period'"
    ).fetchall()
    assert periods and all(re.fullmatch(r"\d{4}|not stated", period) for (period,) in periods), "years, not months"
    figures = {
        file.stem.rpartition("_")[0] for file in (home_of_mistakes.summary.report.page.parent / "figures").glob("*.svg")
    }
    assert figures == {"forest", "rows", "patients"}
    for words in ("control limit", "control chart", "p-chart", "trend", "drift"):
        assert words not in home_of_mistakes.page.lower(), words


def texts(home_of_mistakes: Expert, tmp_path: Path) -> dict[str, str]:
    """Everything that is written for people: report, validation page, feedback, and what `gm1 explain` says."""
    home = home_of_mistakes.home
    files = [*home.reports.rglob("*.html"), *home.validation.rglob("*.html"), *home.feedback.rglob("*summary*")]
    said = {str(file.relative_to(home.root)): text_of(file.read_text(encoding="utf-8")) for file in files}
    for what in (["headline"], ["--accession", "T3"]):
        done = CliRunner().invoke(cli, ["explain", *what, "--home", str(home.root)])
        assert done.exit_code == 0, done.output
        said[f"explain {what[-1]}"] = done.output
    return said


def test_17_nothing_that_is_written_speaks_as_a_clinic(home_of_mistakes: Expert, tmp_path: Path) -> None:
    """Mistake: the output says what a patient has, or what is to be done."""
    found = texts(home_of_mistakes, tmp_path)
    assert {name.split("/")[0].split()[0] for name in found} == {"reports", "validation", "feedback", "explain"}
    for name, text in found.items():
        for words in CLINICAL:
            assert words not in text.lower(), (name, words)
        assert text.lower().count("validated") == text.count("a laboratory or a cohort is validated"), name


def test_17_the_report_says_what_it_is_for(home_of_mistakes: Expert) -> None:
    """Mistake: a rate is printed without saying that it is for research and quality assurance and diagnoses nobody."""
    text = home_of_mistakes.page
    assert "This page is for research and quality assurance. It is not a diagnosis" in text
    assert "anti-GM1 alone is not diagnostic" in text
    assert text.rstrip().endswith("for research and quality assurance, not for diagnosis.")
    assert "not for diagnosis" in CliRunner().invoke(cli, ["--help"]).output
