"""What an expert checks first of cohorts, figures and reports, mistake by mistake: entries 6, 7, 9, 13, 14, 16 and 17."""

import json
import re
from pathlib import Path

import pytest
import report_warehouse as warehouse
from click.testing import CliRunner
from harness import Row, built, cutoff, rules_dir, two_bands

from pipeline import rulebook
from pipeline.cli import cli
from pipeline.errors import RulebookUnsound
from pipeline.report import report
from pipeline.resources import RULES_DIR
from pipeline.run import run

from .expert_home import FIRST, LATER, Expert, text_of

HEADLINE = "SELECT {} FROM mart_positive_rate WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'all'"
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


@pytest.mark.parametrize(
    ("number", "flow_class"),
    [
        pytest.param(602, "other_diagnosis", id="labelled ALS"),
        pytest.param(603, "mmn_possible", id="MMN only possible"),
        pytest.param(604, "label_rests_on_anti_gm1", id="MMN because of the antibody"),
        pytest.param(605, "no_study_row", id="referred and never labelled"),
    ],
)
def test_06_only_labelled_mmn_whose_label_is_not_the_antibody_is_the_cohort(
    number: int, flow_class: str, home_of_mistakes: Expert
) -> None:
    """Mistake: whoever was referred and is positive is MMN; or the antibody made the label and is then found in all."""
    columns = "flow_class, is_in_primary, interpretation"
    assert home_of_mistakes.patient(number, columns) == (flow_class, False, "positive")
    assert home_of_mistakes.patient(601, columns) == ("tested", True, "positive")


def test_06_every_patient_of_the_headline_has_a_label_of_his_own(home_of_mistakes: Expert) -> None:
    """Mistake: the denominator of the range is all who were tested."""
    con = home_of_mistakes.con
    (tested,) = con.execute(HEADLINE.format("n_tested")).fetchall()
    counted = "SELECT count(*) FROM mart_patient WHERE is_in_primary AND {}"
    sound = (
        "diagnosis = 'MMN' AND certainty IN ('definite', 'probable') AND label_rests_on_anti_gm1 IS DISTINCT FROM 'yes'"
    )
    assert con.execute(counted.format(sound)).fetchall() == [tested] == con.execute(counted.format("true")).fetchall()
    (everybody,) = con.execute("SELECT count(*) FROM mart_patient WHERE serology_state = 'tested'").fetchall()
    assert everybody > tested, "the home has tested patients who are no MMN patients"


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


def test_09_no_row_is_dropped_without_a_word(home_of_mistakes: Expert) -> None:
    """Mistake: a row with a cell too few, one without an identifier, a blank line and the footer go missing, and the
    counts still look well."""
    ends = [home_of_mistakes.place("alder_09.csv", row)[0] for row in range(1, 8)]
    assert ends == ["layout", "used", "rejected", "rejected", "layout", "used", "layout"]
    con = home_of_mistakes.con
    counted = "SELECT file_name, rows_counted FROM mart_reconciliation WHERE difference <> 0 OR slot_difference <> 0"
    assert con.execute(counted).fetchall() == []
    exports = {**FIRST, **LATER}
    by_bytes = {Path(place).name: len(text.splitlines()) for place, text in exports.items() if place.endswith(".csv")}
    by_report = dict(con.execute("SELECT file_name, rows_counted FROM mart_reconciliation").fetchall())
    assert {name: by_report[name] for name in by_bytes} == by_bytes
    content = json.loads(home_of_mistakes.summary.report.report_file.read_text())["reconciliation"]
    assert content["rows"] == sum(content["by_disposition"].values()) == sum(by_report.values())
    assert "nothing is unaccounted for" in home_of_mistakes.page


def test_13_a_patient_has_one_vote_and_it_is_the_first_result(home_of_mistakes: Expert) -> None:
    """Mistake: five positive samples of one patient are five positives; or ever positive makes the patient positive."""
    assert home_of_mistakes.patient(1301, "interpretation, accession, n_results") == ("negative", "S0", 6)
    con = home_of_mistakes.con
    n_tested, n_positive = con.execute(HEADLINE.format("n_tested, n_positive")).fetchall()[0]
    # by samples the figure would be another one: five more of this patient, and a later positive one of another
    samples = con.execute("""
        SELECT count(*), count(*) FILTER (r.interpretation = 'positive') FROM mart_result r
        JOIN mart_patient p ON p.patient_key = r.patient_key
        WHERE p.is_in_primary AND r.is_primary_analyte AND r.interpretation <> 'not_evaluable'""").fetchall()[0]
    assert samples == (n_tested + 6, n_positive + 6)
    assert con.execute("SELECT count(DISTINCT patient_key) FROM mart_patient WHERE is_in_primary").fetchall() == [
        (n_tested,)
    ]
    assert "Each patient counts once, by the earliest collected result" in home_of_mistakes.page


CHANGED = [
    cutoff("negative", "then.negative", below=800, valid_to="2024-06-30"),
    cutoff("positive", "then.positive", at_or_above=800, valid_to="2024-06-30"),
    cutoff("negative", "now.negative", below=1600, valid_from="2024-07-01"),
    cutoff("positive", "now.positive", at_or_above=1600, valid_from="2024-07-01"),
]


def test_14_a_changed_cut_off_reclassifies_nothing_and_is_announced(tmp_path: Path) -> None:
    """Mistake: today's limit is applied to the samples of years, and a published rate becomes another one overnight."""
    days = ["2024-06-30", "2024-07-01"]
    titres: list[Row] = [{"patient_key": day, "accession": day, "collected_on": day} for day in days]
    con = built(tmp_path, titres, cutoffs_used=CHANGED, as_of="2024-12-01 00:00:00")
    found = con.execute("""
        SELECT interpretation, rule_id, interpretation_by_current_rule, current_rule_id FROM mart_result ORDER BY row_id""").fetchall()
    assert found == [
        ("positive", "then.positive", "negative", "now.negative"),
        ("negative", "now.negative", "negative", "now.negative"),
    ]
    assert con.execute("SELECT interpretation FROM mart_patient ORDER BY patient_key").fetchall() == [
        ("positive",),
        ("negative",),
    ]
    place, settings = warehouse.home(tmp_path / "home")
    warehouse.publish(place)
    assert "1 result would be read otherwise by the cut-off in force on the as-of date" in text_of(
        report(settings).page.read_text()
    )


def test_14_the_same_exports_give_the_same_report(home_of_mistakes: Expert) -> None:
    """Mistake: the figures of last week cannot be had again."""
    again = run(home_of_mistakes.settings)
    first, second = (json.loads(one.report.report_file.read_text()) for one in (home_of_mistakes.summary, again))
    for content in (first, second):
        assert content.pop("run_id") and content.pop("generated_at")
    assert first == second
    tables = [sorted((one.report.page.parent / "tables").iterdir()) for one in (home_of_mistakes.summary, again)]
    assert [(file.name, file.read_bytes()) for file in tables[0]] == [
        (file.name, file.read_bytes()) for file in tables[1]
    ]


@pytest.mark.parametrize(
    "missing",
    [{"approved_by": ""}, {"approved_on": ""}, {"source_id": ""}, {"source_locator": ""}],
    ids=lambda row: next(iter(row)),
)
def test_14_a_rule_without_source_or_approver_is_refused(missing: Row, tmp_path: Path) -> None:
    """Mistake: a number decides about results and nobody can say where it is from, or who let it in and when."""
    rows = [*two_bands(), cutoff("positive", "bare", assay="OTHER", at_or_above=1, **missing)]
    with pytest.raises(RulebookUnsound, match=r"bare|source|line 4"):
        rulebook.load([RULES_DIR, rules_dir(tmp_path / "rules", rows)])


def test_14_the_report_shows_source_dates_and_approver_of_each_rule(home_of_mistakes: Expert) -> None:
    """Mistake: the registry knows and the reader does not; a rule without dates looks like one that always held."""
    assert re.search(r"ALDER\.positive ALDER ELISA IgM GM1 serum positive ≥ 800 \{titer\} undated tester, 2025-01-01 DEMO, invented",
                     home_of_mistakes.page)  # fmt: skip


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


def test_07_the_verdicts_above_are_the_programs_own() -> None:
    """Mistake: the pages above were made of verdicts that nothing reckoned."""
    assert [warehouse.rate(k, n)["verdict"] for k, n in ((3, 6), (10, 20), (38, 88))] == [
        "too_few",
        "inconclusive",
        "within",
    ]
