"""What is noted beside a result: titres off their series, repeats within one dilution, a laboratory that says otherwise,
and tests that must not be mixed."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, column, cutoff, two_bands

NORTHGATE = {"performing_lab": "NRL", "assay": "ENDPOINT"}


@pytest.mark.parametrize(
    ("titre", "expected"),
    [
        # the laboratory declares 500, 1000, 2000 … 64000
        ({"value": 500}, False),
        ({"value": 4000}, False),
        ({"value": 64000}, False),
        ({"value": 1500}, True),
        ({"value": 250}, True),
        ({"value": 128000}, True),
        # a bound is a step of the series as well
        ({"comparator": "<", "value": 500}, False),
        ({"comparator": ">", "value": 1500}, True),
        # nothing can be said of a laboratory that declares no series, of a draft, nor of what is no titre
        ({"performing_lab": "LAB", "assay": "ELISA", "value": 1500}, None),
        ({"performing_lab": "MAYO", "assay": "ELISA_TITRE", "value": 1500}, None),
        ({"result_kind": "number", "unit": "%", "value": 1500}, None),
    ],
)
def test_a_titre_off_the_declared_series_is_noted_and_read_all_the_same(
    titre: Row, expected: Any, tmp_path: Path
) -> None:
    con = built(tmp_path, [{**NORTHGATE, **titre}])
    assert con.execute("SELECT is_off_series, disposition FROM mart_result").fetchall() == [(expected, "used")]


def repeat(tmp_path: Path, earlier: Row, later: Row) -> tuple[Any, ...]:
    rows = [
        {**earlier, "collected_on": "2024-01-01", "accession": "A1"},
        {**later, "collected_on": "2024-06-01", "accession": "A2"},
    ]
    con = built(tmp_path, rows, cutoffs_used=two_bands(800))
    return con.execute("SELECT interpretation_before, interpretation_after, change FROM mart_repeat").fetchall()[0]


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        # one step of a two-fold series either way turns the meaning over and is no change
        ({"value": 400}, {"value": 800}, ("negative", "positive", "within_one_dilution")),
        ({"value": 800}, {"value": 400}, ("positive", "negative", "within_one_dilution")),
        # a little more than one step, and two steps, are
        ({"value": 399}, {"value": 800}, ("negative", "positive", "changed")),
        ({"value": 400}, {"value": 1600}, ("negative", "positive", "changed")),
        # many steps on one side of the cut-off change nothing
        ({"value": 800}, {"value": 51200}, ("positive", "positive", "same")),
        # a censored titre may be one step away, unless all it can stand for is further
        ({"comparator": "<", "value": 800}, {"value": 800}, ("negative", "positive", "may_be_one_dilution")),
        ({"comparator": "<", "value": 401}, {"value": 800}, ("negative", "positive", "may_be_one_dilution")),
        ({"comparator": "<", "value": 400}, {"value": 800}, ("negative", "positive", "changed")),
        ({"value": 400}, {"comparator": ">", "value": 800}, ("negative", "positive", "changed")),
        ({"value": 400}, {"comparator": ">=", "value": 800}, ("negative", "positive", "may_be_one_dilution")),
        ({"comparator": ">", "value": 51200}, {"comparator": "<", "value": 400}, ("positive", "negative", "changed")),
        ({"comparator": "<", "value": 2000}, {"value": 800}, ("not_evaluable", "positive", "not_comparable")),
    ],
)
def test_a_repeat_within_one_dilution_is_no_change(
    earlier: Row, later: Row, expected: tuple[Any, ...], tmp_path: Path
) -> None:
    assert repeat(tmp_path, earlier, later) == expected


@pytest.mark.parametrize(
    "other", [{"patient_key": "p2"}, {"performing_lab": "LAB2"}, {"assay": "LINE"}, {"isotype": "IgG"}, {"specimen": "CSF"},
              {"antigen": "GM1:GalC"}, {"unit": "%", "result_kind": "number"}],
)  # fmt: skip
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
    ("titre", "expected"),
    [
        ({"lab_interpretation": "negative"}, ("positive", False)),
        ({"lab_interpretation": "positive"}, ("positive", True)),
        # equivocal is another word than positive, and nothing stated is no disagreement
        ({"lab_interpretation": "equivocal"}, ("positive", False)),
        ({}, ("positive", None)),
        # where ours is missing there is nothing to hold it against; theirs is not taken in its place
        ({"lab_interpretation": "negative", "performing_lab": "ELSEWHERE"}, ("not_evaluable", None)),
    ],
)
def test_a_laboratory_that_reads_its_result_otherwise_is_a_finding(
    titre: Row, expected: tuple[Any, ...], tmp_path: Path
) -> None:
    con = built(tmp_path, [titre])
    assert con.execute("SELECT interpretation, agrees_with_lab FROM mart_result").fetchall() == [expected]


COMPLEX = [
    *two_bands(), cutoff("positive", "galc", antigen="GM1:GalC", at_or_above=100), cutoff("positive", "np9", antigen="NP-9", at_or_above=100),
    cutoff("positive", "co", antigen="Co-GM1", at_or_above=100), cutoff("positive", "both", isotype="IgG+IgM", at_or_above=100),
    cutoff("positive", "igg", isotype="IgG", at_or_above=100), cutoff("positive", "asialo", antigen="asialo-GM1", at_or_above=100),
]  # fmt: skip


def test_every_analyte_is_a_stratum_of_its_own_and_only_igm_gm1_is_the_headline(tmp_path: Path) -> None:
    # one patient, negative by GM1 and positive by everything else that looks like it
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
