"""What is noted beside a result: titres off their series, repeats within one dilution, a laboratory that says otherwise,
and tests that must not be mixed. A note changes neither the value nor what it means."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, column, cutoff, two_bands

NORTHGATE = {"performing_lab": "NRL", "assay": "ENDPOINT"}


@pytest.mark.parametrize(
    ("titre", "is_off_series"),
    [
        pytest.param({"value": 500}, False, id="the first step of the series 500, 1000, 2000 … 64000"),
        pytest.param({"value": 4000}, False, id="a step in the middle"),
        pytest.param({"value": 64000}, False, id="the last step"),
        pytest.param({"value": 1500}, True, id="between two steps"),
        pytest.param({"value": 250}, True, id="below the first step"),
        pytest.param({"value": 128000}, True, id="above the last step"),
        pytest.param({"comparator": "<", "value": 500}, False, id="a bound that is a step"),
        pytest.param({"comparator": ">", "value": 1500}, True, id="a bound that is none"),
        pytest.param(
            {"performing_lab": "LAB", "assay": "ELISA", "value": 1500}, None, id="a laboratory that declares no series"
        ),
        pytest.param(
            {"performing_lab": "MAYO", "assay": "ELISA_TITRE", "value": 1500}, None, id="a series that is a draft"
        ),
        pytest.param({"result_kind": "number", "unit": "%", "value": 1500}, None, id="a percentage is no titre"),
    ],
)
def test_a_titre_off_the_declared_series_is_noted_and_read_all_the_same(
    titre: Row, is_off_series: bool | None, tmp_path: Path
) -> None:
    con = built(tmp_path, [{**NORTHGATE, **titre}])
    assert con.execute("SELECT is_off_series, disposition FROM mart_result").fetchall() == [(is_off_series, "used")]


def censored(text: str) -> Row:
    """A titre as it is written: its sign, if it has one, and its number."""
    value = text.lstrip("<>=")
    return {"comparator": text.removesuffix(value), "value": value}


def repeat(tmp_path: Path, earlier: Row, later: Row) -> tuple[Any, ...]:
    rows = [
        {**earlier, "collected_on": "2024-01-01", "accession": "A1"},
        {**later, "collected_on": "2024-06-01", "accession": "A2"},
    ]
    con = built(tmp_path, rows, cutoffs_used=two_bands(800))
    return con.execute("SELECT interpretation_before, interpretation_after, change FROM mart_repeat").fetchall()[0]


@pytest.mark.parametrize(
    ("earlier", "later", "before_after_change"),
    [
        pytest.param(
            "400",
            "800",
            ("negative", "positive", "within_one_dilution"),
            id="one step up a two-fold series turns the meaning over and is no change",
        ),
        pytest.param("800", "400", ("positive", "negative", "within_one_dilution"), id="one step down"),
        pytest.param("399", "800", ("negative", "positive", "changed"), id="a little more than one step"),
        pytest.param("400", "1600", ("negative", "positive", "changed"), id="two steps"),
        pytest.param(
            "800", "51200", ("positive", "positive", "same"), id="many steps on one side of the cut-off change nothing"
        ),
        pytest.param(
            "<800",
            "800",
            ("negative", "positive", "may_be_one_dilution"),
            id="a censored titre that may be one step away",
        ),
        pytest.param(
            "<401",
            "800",
            ("negative", "positive", "may_be_one_dilution"),
            id="one that may be hardly less than one step away",
        ),
        pytest.param(
            "<400", "800", ("negative", "positive", "changed"), id="all that it can stand for is further than one step"
        ),
        pytest.param(
            "400", ">800", ("negative", "positive", "changed"), id="more than one step up, whatever it stands for"
        ),
        pytest.param("400", ">=800", ("negative", "positive", "may_be_one_dilution"), id="one step up, or more"),
        pytest.param(">51200", "<400", ("positive", "negative", "changed"), id="from one end to the other"),
        pytest.param(
            "<2000",
            "800",
            ("not_evaluable", "positive", "not_comparable"),
            id="an earlier result that straddles the cut-off",
        ),
    ],
)
def test_a_repeat_within_one_dilution_is_no_change(
    earlier: str, later: str, before_after_change: tuple[Any, ...], tmp_path: Path
) -> None:
    """The laboratory calls 1:800 and more positive."""
    assert repeat(tmp_path, censored(earlier), censored(later)) == before_after_change


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"patient_key": "p2"}, id="another patient"),
        pytest.param({"performing_lab": "LAB2"}, id="another laboratory measured it"),
        pytest.param({"assay": "LINE"}, id="another assay"),
        pytest.param({"isotype": "IgG"}, id="another isotype"),
        pytest.param({"specimen": "CSF"}, id="another specimen"),
        pytest.param({"antigen": "GM1:GalC"}, id="another antigen"),
        pytest.param({"unit": "%", "result_kind": "number"}, id="another unit"),
    ],
)
def test_results_of_another_patient_or_test_are_no_repeat(other: Row, tmp_path: Path) -> None:
    con = built(tmp_path, [{"accession": "A1"}, {"accession": "A2", "collected_on": "2025-06-01", **other}])
    assert column(con, "SELECT count(*) FROM mart_repeat") == [0]


def test_each_result_is_held_against_the_one_before_it(tmp_path: Path) -> None:
    days = ["2024-03-01", "2024-01-01", "2024-02-01"]
    con = built(tmp_path, [{"accession": day, "collected_on": day} for day in days])
    found = con.execute("SELECT earlier_collected_on, later_collected_on FROM mart_repeat ORDER BY 1").fetchall()
    assert [tuple(str(day) for day in pair) for pair in found] == [
        ("2024-01-01", "2024-02-01"),
        ("2024-02-01", "2024-03-01"),
    ]


@pytest.mark.parametrize(
    ("titre", "meaning_and_agreement"),
    [
        pytest.param({"lab_interpretation": "positive"}, ("positive", True), id="it says the same"),
        pytest.param({"lab_interpretation": "negative"}, ("positive", False), id="it says otherwise"),
        pytest.param({"lab_interpretation": "equivocal"}, ("positive", False), id="equivocal is another word than positive"),
        pytest.param({}, ("positive", None), id="it says nothing, which is no disagreement"),
        pytest.param({"lab_interpretation": "negative", "performing_lab": "ELSEWHERE"}, ("not_evaluable", None),
                     id="no rule of ours: nothing to hold it against, and its word is not taken instead"),
    ],
)  # fmt: skip
def test_a_laboratory_that_reads_its_result_otherwise_is_a_finding(
    titre: Row, meaning_and_agreement: tuple[Any, ...], tmp_path: Path
) -> None:
    """Both are kept. The result of every case is 1:800, which the rule calls positive."""
    con = built(tmp_path, [titre])
    assert con.execute("SELECT interpretation, agrees_with_lab FROM mart_result").fetchall() == [meaning_and_agreement]


COMPLEX = [
    *two_bands(), cutoff("positive", "galc", antigen="GM1:GalC", at_or_above=100), cutoff("positive", "np9", antigen="NP-9", at_or_above=100),
    cutoff("positive", "co", antigen="Co-GM1", at_or_above=100), cutoff("positive", "both", isotype="IgG+IgM", at_or_above=100),
    cutoff("positive", "igg", isotype="IgG", at_or_above=100), cutoff("positive", "asialo", antigen="asialo-GM1", at_or_above=100),
]  # fmt: skip


def test_every_analyte_is_a_stratum_of_its_own_and_only_igm_gm1_is_the_headline(tmp_path: Path) -> None:
    """One patient, negative by IgM against GM1 and positive by everything else that looks like it: the headline counts a
    negative."""
    others: list[Row] = [{"antigen": "GM1:GalC"}, {"antigen": "NP-9"}, {"antigen": "Co-GM1"}, {"isotype": "IgG+IgM"}, {"isotype": "IgG"},
                         {"antigen": "asialo-GM1", "intake_disposition": "excluded", "intake_reason": "other_analyte"}]  # fmt: skip
    titres = [
        {"value": 100, "test_code": "GM1M"},
        *({"value": 51200, "test_code": f"T{n}", **row} for n, row in enumerate(others)),
    ]
    con = built(tmp_path, titres, [{}], cutoffs_used=COMPLEX)
    strata = con.execute("SELECT antigen, isotype, specimen, n_positive, n_tested FROM mart_analyte_rate").fetchall()
    assert strata == [
        ("GM1", "IgG", "serum", 1, 1),
        ("GM1", "IgG+IgM", "serum", 1, 1),
        ("GM1", "IgM", "serum", 0, 1),
        ("GM1:GalC", "IgM", "serum", 1, 1),
        ("Co-GM1", "IgM", "serum", 1, 1),
        ("NP-9", "IgM", "serum", 1, 1),
    ]
    headline = "SELECT n_positive, n_tested FROM mart_positive_rate WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'all'"
    assert con.execute(headline).fetchall() == [(0, 1)]


def test_asialo_gm1_is_in_no_stratum_even_where_a_format_keeps_it(tmp_path: Path) -> None:
    con = built(tmp_path, [{"antigen": "asialo-GM1", "value": 51200}], [{}], cutoffs_used=COMPLEX)
    assert column(con, "SELECT count(*) FROM mart_analyte_rate") == [0]


def test_a_patient_has_one_vote_in_each_stratum(tmp_path: Path) -> None:
    galc = {"antigen": "GM1:GalC", "value": 51200}
    titres = [{**galc, "accession": "A1"}, {**galc, "accession": "A2", "collected_on": "2024-01-01", "comparator": "<"},
              {**galc, "accession": "A3", "value": 200}]  # fmt: skip
    con = built(tmp_path, titres, [{}], cutoffs_used=COMPLEX)
    assert con.execute("SELECT n_tested, n_positive, n_unclassifiable FROM mart_analyte_rate").fetchall() == [(1, 1, 0)]
