"""What an expert in antibody assays checks first, mistake by mistake: entries 1 to 5, 8 and 10.

The exports are those of `expert_home`; where a case needs rules of its own the models are built from a few rows.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, column, cutoff, two_bands

from pipeline.checks import load_checks, run_checks
from pipeline.resources import EXPECTATIONS_DIR

from .expert_home import Expert

ALARM = "mart_result_not_all_positive"
USED_POSITIVE, USED_NEGATIVE = ("used", "positive", None), ("used", "negative", None)


def alarm(folder: Path, rows: list[Row], *rules: Row) -> tuple[str, int]:
    """Outcome of the alarm on these results, and on how many of them it was asked."""
    con = built(folder, rows, wanted="mart_result", cutoffs_used=[*two_bands(), *rules])
    checks = [check for check in load_checks(EXPECTATIONS_DIR, "mart_result") if check.id == ALARM]
    (outcome,) = run_checks(con, "mart_result", checks)
    assert outcome.check.severity == "warning"
    return outcome.outcome, outcome.n_checked


def patients(number: int, **each: Any) -> list[Row]:
    return [{"patient_key": f"p{n}", "accession": f"A{n}", **each} for n in range(number)]


def test_01_titre_rows_without_their_negative_screens_do_not_make_a_rate(home_of_mistakes: Expert) -> None:
    """Mistake: a laboratory titrates only positive screens, its export holds the titres alone, and all tested are positive.

    A titre waits for its screen and is in neither number; a negative screen without a titre is a tested negative.
    """
    assert home_of_mistakes.result("Q1") == ("used", "not_evaluable", "panel_incomplete")
    assert home_of_mistakes.patient(101) == ("unclassifiable", None)
    assert home_of_mistakes.patient(102) == ("tested", "negative")
    assert home_of_mistakes.patient(103) == ("tested", "positive")
    # the denominator of this laboratory has its negative in it, and counts the positive panel once
    rate = """SELECT n_positive, n_tested FROM mart_positive_rate
              WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'performing_lab' AND stratum_value = 'REED'"""
    assert home_of_mistakes.con.execute(rate).fetchall() == [(1, 2)]


def test_01_a_laboratory_that_is_all_positive_raises_an_alarm_in_the_report(home_of_mistakes: Expert) -> None:
    """Mistake: the same export, of a laboratory that never said its titres are reflex tests; nobody wonders at 100 %."""
    found = home_of_mistakes.con.execute(
        "SELECT outcome, severity, n_failed FROM mart_check_result WHERE check_id = ?", [ALARM]
    ).fetchall()
    assert found == [("failed", "warning", 20)], "the twenty titres of Bold, and no other laboratory's"
    assert f"warning {ALARM} mart_result 20 " in home_of_mistakes.page


def test_01_the_alarm_hears_nearly_all_and_is_silent_where_there_is_nothing_to_hear(tmp_path: Path) -> None:
    """Mistake: one stray negative silences the alarm; too few results pass it; a sound panel sets it off."""
    negative: Row = {"value": 100}
    assert alarm(tmp_path, patients(20)) == ("failed", 20)
    assert alarm(tmp_path, [*patients(21), {**negative, "patient_key": "n", "accession": "N"}]) == ("failed", 22)
    assert alarm(tmp_path, [*patients(19), {**negative, "patient_key": "n", "accession": "N"}]) == ("passed", 20)
    # nineteen results say nothing either way, which is no pass
    assert alarm(tmp_path, patients(19)) == ("not_applicable", 0)
    screen = {"panel": "igm", "panel_role": "screen", "assay": "SCREEN", "test_code": "SCR", "result_kind": "word",
              "value": None, "format_id": "f"}  # fmt: skip
    panel: list[Row] = [
        *patients(20, panel="igm", panel_role="titre"), *patients(20, **screen, word_meaning="positive"),
        *({**row, "accession": f"N{n}", "patient_key": f"n{n}"}
          for n, row in enumerate(patients(20, **screen, word_meaning="negative"))),
    ]  # fmt: skip
    # twenty positive panels and twenty negative screens are forty tests, whatever assay each is filed under
    assert alarm(tmp_path, panel)[0] == "passed"


def test_02_a_withdrawn_result_leaves_every_figure_and_stays_on_record(home_of_mistakes: Expert) -> None:
    """Mistake: a result that was deleted, posted to the wrong patient or entered in error is counted on."""
    for accession, patient in (("C2", 202), ("W1", 211), ("W2", 212), ("W3", 213)):
        assert home_of_mistakes.before[accession][0] == "used", "it counted until the laboratory took it back"
        rows = home_of_mistakes.results(accession)
        assert len(rows) == 2 and {row[0] for row in rows} == {"withdrawn"}, "kept, and used nowhere"
        assert {row[1] for row in rows} == {None}
        assert home_of_mistakes.patient(patient) == ("withdrawn", None)
    changes = home_of_mistakes.con.execute(
        "SELECT accession, interpretation_before FROM mart_change WHERE kind = 'withdrawn' ORDER BY 1"
    ).fetchall()
    assert changes == [("C2", "negative"), ("W1", "positive"), ("W2", "positive"), ("W3", "positive")]


def test_02_a_corrected_report_replaces_its_predecessor_and_keeps_it(home_of_mistakes: Expert) -> None:
    """Mistake: the corrected value is ignored, or it overwrites the first one so that nobody can see the change."""
    assert home_of_mistakes.before["C1"] == ("used", "positive")
    columns = "disposition, interpretation, value, original_row_number IS NOT NULL"
    assert home_of_mistakes.results("C1", columns) == [
        ("superseded", None, 3200, True),
        ("used", "negative", 200, False),
    ]
    assert home_of_mistakes.patient(201) == ("tested", "negative")
    change = (
        "SELECT interpretation_before, interpretation_after, is_class_change FROM mart_change WHERE accession = 'C1'"
    )
    assert home_of_mistakes.con.execute(change).fetchall() == [("positive", "negative", True)]
    # four withdrawals and one correction, listed where the reader of the report sees them
    assert "5 results were corrected or withdrawn by a later row" in home_of_mistakes.page


def test_03_titres_are_reciprocals_and_their_signs_are_kept(home_of_mistakes: Expert) -> None:
    """Mistake: `<1:400` is read as positive; 1:1600 is less than 1:400 because a ratio was compared; `>` is dropped."""
    assert home_of_mistakes.result("T1") == USED_NEGATIVE
    assert home_of_mistakes.result("T2") == USED_NEGATIVE
    assert home_of_mistakes.result("T3") == USED_POSITIVE
    # without its sign this titre would be a plain 400, and negative
    assert home_of_mistakes.result("T4") == ("used", "not_evaluable", "straddles_cut_off")
    assert home_of_mistakes.result("T5") == USED_POSITIVE
    # and this one a plain 1600, and positive
    assert home_of_mistakes.result("T9") == ("used", "not_evaluable", "straddles_cut_off")
    assert home_of_mistakes.patient(304) == ("unclassifiable", None)


@pytest.mark.parametrize("accession", ["T6", "T7", "T8"])
def test_03_a_titre_that_a_spreadsheet_made_a_time_or_a_date_is_not_accepted(
    accession: str, home_of_mistakes: Expert
) -> None:
    """Mistake: 14:20:00, 01-Jan-40 or the fraction of a day is taken for a result, or decoded without a word."""
    assert home_of_mistakes.result(accession) == ("rejected", None, "titre_result_not_spreadsheet")


def test_04_each_laboratory_has_its_own_cut_off_and_an_unknown_one_has_none(home_of_mistakes: Expert) -> None:
    """Mistake: one cut-off for all; a default for a laboratory without one; the sender's in place of the measurer's."""
    assert home_of_mistakes.result("L1", "interpretation, rule_id") == ("positive", "ALDER.positive")
    # the same titre in the same export, measured elsewhere
    assert home_of_mistakes.result("L2", "interpretation, rule_id") == ("negative", "BIRCH.negative")
    assert home_of_mistakes.result("L3") == ("used", "not_evaluable", "no_rule")
    assert home_of_mistakes.patient(403) == ("unclassifiable", None), "in neither number, and counted by name"
    assert home_of_mistakes.result("L4") == ("held", None, "performing_lab_undeclared")
    assert "NEWLAB" in home_of_mistakes.page, "a laboratory without a cut-off is named in the report"


def test_04_units_are_neither_mixed_nor_converted(home_of_mistakes: Expert, tmp_path: Path) -> None:
    """Mistake: an index of 60 is held against a limit for titres, or 60 % is taken for an index of 60."""
    assert home_of_mistakes.result("L6", "interpretation, rule_id") == ("positive", "cedar.positive")
    assert home_of_mistakes.result("L5") == ("held", None, "unit_undeclared")
    assert home_of_mistakes.result("L7") == ("held", None, "unit_undeclared")
    # and where a format lets every unit in, the rule still asks for its own
    index = [cutoff("positive", "index", at_or_above=51, unit="{index_val}")]
    con = built(
        tmp_path, [{"value": 60, "unit": "%", "result_kind": "number"}], cutoffs_used=index, wanted="mart_result"
    )
    assert con.execute("SELECT interpretation, reason_code FROM mart_result").fetchall() == [
        ("not_evaluable", "unit_differs_from_rule")
    ]


@pytest.mark.parametrize(
    ("number", "disposition", "state"),
    [
        pytest.param(1, "used", "other_isotype_only", id="IgG"),
        pytest.param(2, "used", "other_isotype_only", id="IgG and IgM combined"),
        pytest.param(3, "excluded", "other_analyte_only", id="asialo-GM1"),
        pytest.param(4, "used", "other_analyte_only", id="GM1:GalC"),
    ],
)
def test_05_what_is_no_igm_anti_gm1_is_in_neither_number(
    number: int, disposition: str, state: str, home_of_mistakes: Expert
) -> None:
    """Mistake: IgG, a combined result, asialo-GM1 or a complex is counted as IgM anti-GM1, because its name is alike."""
    assert home_of_mistakes.result(f"G{number}", "disposition, is_primary_analyte") == (disposition, False)
    assert home_of_mistakes.patient(500 + number) == (state, None)
    strata = home_of_mistakes.con.execute(
        "SELECT antigen, isotype, n_positive FROM mart_analyte_rate WHERE population = 'MMN' AND (antigen, isotype) <> ('GM1', 'IgM')"
    ).fetchall()
    assert sorted(strata) == [("GM1", "IgG", 1), ("GM1", "IgG+IgM", 1), ("GM1:GalC", "IgM", 1)], (
        "each beside the others"
    )


@pytest.mark.parametrize(
    ("number", "disposition", "reason", "state"),
    [
        pytest.param(1, "used", "no_result_insufficient", "unclassifiable", id="too little serum"),
        pytest.param(2, "used", "no_result_haemolysed", "unclassifiable", id="haemolysed"),
        pytest.param(3, "used", "no_result_pending", "unclassifiable", id="pending"),
        pytest.param(4, "rejected", "titre_result_word_declared", "rejected", id="ND, which may mean three things"),
        pytest.param(5, "rejected", "titre_result_present", "rejected", id="blank"),
        pytest.param(6, "rejected", "titre_reciprocal_plausible", "rejected", id="0"),
        pytest.param(7, "rejected", "titre_result_word_declared", "rejected", id="a dash"),
        pytest.param(10, "held", "preliminary", "held", id="preliminary"),
    ],
)
def test_08_what_is_missing_is_never_negative(
    number: int, disposition: str, reason: str, state: str, home_of_mistakes: Expert
) -> None:
    """Mistake: no material, haemolysis, a result still to come, ND or an empty cell is a patient without antibodies."""
    found = home_of_mistakes.result(f"N{number}")
    assert (found[0], found[2]) == (disposition, reason)
    assert found[1] in (None, "not_evaluable")
    assert home_of_mistakes.patient(800 + number) == (state, None)


def test_08_an_equivocal_result_is_counted_three_ways_and_in_the_open(home_of_mistakes: Expert) -> None:
    """Mistake: equivocal results are dropped without a word, or are positive without a word."""
    assert home_of_mistakes.patient(811) == ("tested", "equivocal")
    rates = {
        row[0]: row[1:]
        for row in home_of_mistakes.con.execute("""
            SELECT analysis, n_positive, n_tested, n_equivocal FROM mart_positive_rate
            WHERE population = 'MMN' AND stratum = 'all'""").fetchall()
    }
    n_positive, n_tested, n_equivocal = rates["primary"]
    assert n_equivocal == 1
    assert rates["equivocal_excluded"][:2] == (n_positive, n_tested - 1)
    assert rates["equivocal_as_positive"][:2] == (n_positive + 1, n_tested)
    assert "1 tested patient has an equivocal result" in home_of_mistakes.page


def test_10_day_and_month_are_read_as_declared_and_never_row_by_row(home_of_mistakes: Expert) -> None:
    """Mistake: 03/04/2021 is taken for 4 March because another row looks American, and the first test is the wrong one."""
    assert str(home_of_mistakes.result("D1", "collected_on")[0]) == "2021-04-03"
    assert str(home_of_mistakes.result("D2", "collected_on")[0]) == "2021-03-05"
    # flipped, the positive sample of 3 April would come before the negative one of 5 March
    assert home_of_mistakes.patient(1001, "interpretation, accession") == ("negative", "D2")
    # an export whose dates speak against its declaration waits whole, the row that looks harmless too
    assert [home_of_mistakes.place("alder_10b.csv", row) for row in (2, 3, 4)] == [
        ("held", "dates_contradict_format")
    ] * 3


def test_10_treatment_that_nobody_recorded_is_not_before_treatment(home_of_mistakes: Expert) -> None:
    """Mistake: a blank first infusion means never treated; a flipped date moves a sample before or after it."""
    # collected on 5 March, first infusion on 10 March; flipped it would be 3 May and 3 October
    assert home_of_mistakes.patient(1002, "is_before_first_ivig, ivig_timing") == (True, "before_first")
    assert home_of_mistakes.patient(1003, "is_before_first_ivig, ivig_timing") == (None, "unknown")
    before = """SELECT n_tested FROM mart_positive_rate
                WHERE analysis = 'before_first_ivig' AND population = 'MMN' AND stratum = 'all'"""
    assert column(home_of_mistakes.con, before) == [1], "the one patient known to be before it, and none of the unknown"
    assert "Unknown is not taken to be before." in home_of_mistakes.page
