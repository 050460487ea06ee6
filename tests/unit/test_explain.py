"""`gm1 explain`: from a result to file, line, checks, disposition and rule, and from a figure to the rows it counts."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from riverside_warehouse import riverside

from pipeline.cli import cli
from pipeline.errors import UsageError
from pipeline.explain import Explanation, explain_accession, explain_figure, explain_row
from pipeline.explain.counted import counted_as
from pipeline.explain.cutoffs import considered
from pipeline.explain.text import figure_text, result_text
from pipeline.home import Home
from pipeline.settings import Settings

EXPORT = "riverside/titres_1.csv"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Settings]:
    return riverside(tmp_path_factory.mktemp("explain"))


def one(settings: Settings, row_number: int) -> Explanation:
    (found,) = explain_row(settings, EXPORT, row_number)
    return found


def test_a_positive_result_names_its_place_and_the_rule_that_decided(warehouse: tuple[Home, Settings]) -> None:
    found = one(warehouse[1], 2)
    assert (found.export, found.place, found.record, found.disposition) == (EXPORT, "row 2", "titre", "used")
    assert (found.format_id, len(found.sha256)) == ("riverside_titres", 64)
    assert (found.interpretation, found.rule_id, found.needed) == ("positive", "riv.positive", None)
    assert {rule.rule_id: rule.why for rule in found.rules_considered} == {
        "riv.positive": "decided",
        "riv.negative": "the value is not in this band",
        "riv.draft": "not applied: a draft, which is shown and never applied",
    }


def test_a_result_that_reaches_over_the_cut_off_says_so_of_each_band(warehouse: tuple[Home, Settings]) -> None:
    found = one(warehouse[1], 4)
    assert (found.interpretation, found.reason_code, found.rule_id) == ("not_evaluable", "straddles_cut_off", None)
    reasons = {rule.why for rule in found.rules_considered if rule.state == "active"}
    assert reasons == {"the result reaches into this band and beyond it"}
    assert "titrated to its end" in (found.needed or "")


@pytest.mark.parametrize(
    ("result", "band", "why"),
    [
        (("<", 2000), {"at_or_above": 2000}, "the value is not in this band"),
        (("<=", 2000), {"at_or_above": 2000}, "the result reaches into this band and beyond it"),
        (("<=", 2000), {"above": 2000}, "the value is not in this band"),
        (("<", 2001), {"above": 2000}, "the result reaches into this band and beyond it"),
        ((">", 2000), {"at_or_below": 2000}, "the value is not in this band"),
        ((">=", 2000), {"at_or_below": 2000}, "the result reaches into this band and beyond it"),
        ((">=", 2000), {"below": 2000}, "the value is not in this band"),
    ],
)
def test_a_bound_that_only_touches_a_band_does_not_reach_into_it(
    result: tuple[str, int], band: dict[str, int], why: str
) -> None:
    test = {"assay": "ELISA", "specimen": "serum", "unit": "{titer}"}
    rule = {
        **test, "rule_id": "r", "state": "active", "interpretation": "positive", "valid_from": None, "valid_to": None,
        "citation": "cited", "source_id": "S", "source_locator": "page 1", "approved_by": "qa",
        "at_or_above": None, "above": None, "at_or_below": None, "below": None, **band,
    }  # fmt: skip
    comparator, value = result
    row = {**test, "rule_id": None, "collected_on": date(2024, 3, 1), "comparator": comparator, "value": value}
    assert considered(rule, row).why == why


def test_a_specimen_without_a_cut_off_says_which_rule_is_missing(warehouse: tuple[Home, Settings]) -> None:
    found = one(warehouse[1], 7)
    assert found.reason_code == "no_rule_for_specimen"
    assert "RIV, ELISA, IgM against GM1 that are for CSF" in (found.needed or "")
    assert {rule.why for rule in found.rules_considered} == {"not applied: is for specimen serum, the result has CSF"}


def test_a_rejected_row_names_its_checks_and_never_its_cell(warehouse: tuple[Home, Settings]) -> None:
    found = one(warehouse[1], 5)
    assert found.disposition == "rejected" and found.interpretation is None and found.rules_considered == ()
    assert "titre_result_word_declared" in {check["check_id"] for check in found.checks_broken}
    assert found.result is not None and found.result["result_text"] is None
    assert "SECRET" not in result_text([found]) + json.dumps(found.as_dict(), default=str)


def test_another_antigen_and_a_repeat_say_where_they_ended(warehouse: tuple[Home, Settings]) -> None:
    other, repeat = one(warehouse[1], 6), one(warehouse[1], 8)
    assert (other.disposition, [said.code for said in other.reasons]) == ("excluded", ["other_analyte"])
    assert (repeat.disposition, [said.code for said in repeat.reasons]) == ("duplicate", ["exact_copy"])
    assert repeat.original is not None and ", row 2, record 1" in repeat.original


def test_every_used_result_says_whether_the_headline_counts_it(warehouse: tuple[Home, Settings]) -> None:
    counts = {number: one(warehouse[1], number).counts for number in range(1, 9)}
    assert counts == {
        2: "in the headline, as the one result of its patient",
        3: "in the headline, as the one result of its patient",
        4: "not in the headline: it is not evaluable",
        7: "not in the headline, which is of IgM against GM1 in serum; this is IgM, GM1, CSF",
        **dict.fromkeys((1, 5, 6, 8)),
    }
    assert "counts       in the headline" in result_text([one(warehouse[1], 2)])


def test_a_screen_whose_titre_decides_is_not_called_not_evaluable() -> None:
    screen = {"disposition": "used", "is_primary_analyte": True, "is_carried_by_partner": True, "row_id": 1,
              "interpretation": "not_evaluable"}  # fmt: skip
    with duckdb.connect() as con:
        con.execute("CREATE TABLE mart_result AS SELECT 1 AS row_id, 'p' AS patient_key")
        con.execute("""CREATE TABLE mart_patient AS
            SELECT 'p' AS patient_key, 2 AS chosen_row_id, true AS is_in_primary, 'tested' AS flow_class""")
        assert counted_as(con, screen) == "not by itself: the titre of its panel stands for both"
        alone = {**screen, "is_carried_by_partner": False}
        assert counted_as(con, alone) == "not in the headline: it is not evaluable"


def test_a_figure_says_its_share_or_that_there_is_none(warehouse: tuple[Home, Settings]) -> None:
    text = figure_text(explain_figure(warehouse[1], "headline"))
    assert "50.0 %, interval 9.5 to 90.5 (wilson); against the published range: too_few" in text
    nobody = figure_text(explain_figure(warehouse[1], "before_first_ivig/MMN"))
    assert "no share can be estimated: nobody was tested" in nobody


def test_a_header_and_a_study_row_are_rows_too(warehouse: tuple[Home, Settings]) -> None:
    assert (one(warehouse[1], 1).record, one(warehouse[1], 1).disposition) == ("none", "layout")
    (study,) = explain_row(warehouse[1], "clinic/studies_1.csv", 2)
    assert (study.record, study.disposition, study.result) == ("ncs_study", "used", None)


def test_an_accession_gives_every_row_that_carries_it(warehouse: tuple[Home, Settings]) -> None:
    assert [found.row_number for found in explain_accession(warehouse[1], "A1")] == [2, 8]


def test_the_headline_lists_exactly_the_rows_it_counts(warehouse: tuple[Home, Settings]) -> None:
    home, settings = warehouse
    found = explain_figure(settings, "headline")
    assert (found.figure["n_positive"], found.figure["n_tested"]) == (1, 2)
    assert [(row["place"], row["interpretation"]) for row in found.counted] == [
        ("row 2", "positive"),
        ("row 3", "negative"),
    ]
    assert {row["flow_class"]: row["n_patients"] for row in found.flow} == {
        "tested": 2, "unclassifiable": 1, "other_specimen_only": 1,
    }  # fmt: skip
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        assert len(con.execute(found.query).fetchall()) == 2


@pytest.mark.parametrize("figure", ["primary/MMN", "primary/MMN/performing_lab/RIV", "equivocal_excluded/MMN/all/all",
                                    "before_first_ivig/MMN/all/all", "primary/ALS/all/all", "primary/MMN/period/2024"])  # fmt: skip
def test_every_rate_has_the_rows_it_counts(figure: str, warehouse: tuple[Home, Settings]) -> None:
    found = explain_figure(warehouse[1], figure)
    assert len(found.counted) == found.figure["n_tested"]
    assert "The query that lists them" in figure_text(found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name an export with a row"),
        ([EXPORT], "such as primary/MMN/performing_lab/NRL, or an export and a row"),
        ([EXPORT, "99"], "no row 99"),
        (["nowhere/nothing.csv", "1"], "no such export"),
        (["primary/MMN/colour/red"], "strata are all, performing_lab, assay, period"),
        (["--accession", "Z9"], "no result with this number"),
    ],
)
def test_what_cannot_be_explained_is_a_line_of_help(
    arguments: list[str], said: str, warehouse: tuple[Home, Settings]
) -> None:
    done = CliRunner().invoke(cli, ["explain", *arguments, "--home", str(warehouse[0].root)])
    assert isinstance(done.exception, UsageError) and said in str(done.exception)


@pytest.mark.parametrize("arguments", [[EXPORT, "2"], ["headline"], ["--accession", "A1"]])
def test_the_command_speaks_and_gives_json(arguments: list[str], warehouse: tuple[Home, Settings]) -> None:
    home = ["--home", str(warehouse[0].root)]
    assert CliRunner().invoke(cli, ["explain", *arguments, *home]).exit_code == 0
    done = CliRunner().invoke(cli, ["explain", *arguments, *home, "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)


def test_without_a_warehouse_it_says_what_to_run_first(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "empty")
    with pytest.raises(UsageError, match="nothing was published yet"):
        explain_figure(Settings.load(home.root, {}), "headline")
