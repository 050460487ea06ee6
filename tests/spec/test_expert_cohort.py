"""What an expert checks first of cohorts and of the record behind a figure, mistake by mistake: entries 6, 9, 13 and 14."""

import json
import re
from pathlib import Path

import pytest
import report_warehouse as warehouse
from harness import Row, built, cutoff, rules_dir, two_bands

from pipeline import rulebook
from pipeline.errors import RulebookUnsound
from pipeline.report import report
from pipeline.resources import RULES_DIR
from pipeline.run import run

from .expert_home import FIRST, HEADLINE, LATER, Expert, text_of


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
    assert again.report.report_file != home_of_mistakes.summary.report.report_file, (
        "another run, and a report of its own"
    )
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
    shown = r"ALDER\.positive ALDER ELISA IgM GM1 serum positive ≥ 800 \S+ undated tester, 2025-01-01 DEMO, invented"
    assert re.search(shown, home_of_mistakes.page)
