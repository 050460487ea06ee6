"""What one result means: by the cut-off of the laboratory that measured it, on the day the sample was collected.

An invented laboratory runs four tests for IgM anti-GM1 in serum. *Titre A*: negative below 1:800, positive from 1:800 on.
*Titre B*: negative up to 1:800, positive above it. *Index*: three bands in whole numbers, up to 29, 30 to 50 and 51 or more,
with a strong band above 100. *Dated*: as titre A until 30 June 2020 and with a limit of 1:1600 from 1 July 2020 to the end of
2020; before 2020 there was no such test. A titre is given as its reciprocal, so 1:800 is 800; `<800` stands for everything
below 800 and `>800` for everything above it.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, cutoff

A = {"assay": "TITRE_A"}
B = {"assay": "TITRE_B"}
INDEX = {"assay": "INDEX", "unit": "{index_val}"}
DATED = {"assay": "DATED"}
RULES = [
    cutoff("negative", "a.negative", below=800, **A),
    cutoff("positive", "a.positive", at_or_above=800, **A),
    cutoff("negative", "b.negative", at_or_below=800, **B),
    cutoff("positive", "b.positive", above=800, **B),
    cutoff("negative", "index.negative", at_or_below=29, **INDEX),
    cutoff("equivocal", "index.equivocal", at_or_above=30, at_or_below=50, **INDEX),
    cutoff("positive", "index.positive", at_or_above=51, at_or_below=100, **INDEX),
    cutoff("positive", "index.strong", above=100, **INDEX),
    cutoff("negative", "old.negative", below=800, valid_from="2020-01-01", valid_to="2020-06-30", **DATED),
    cutoff("positive", "old.positive", at_or_above=800, valid_from="2020-01-01", valid_to="2020-06-30", **DATED),
    cutoff("negative", "new.negative", below=1600, valid_from="2020-07-01", valid_to="2020-12-31", **DATED),
    cutoff("positive", "new.positive", at_or_above=1600, valid_from="2020-07-01", valid_to="2020-12-31", **DATED),
    cutoff("positive", "draft.positive", above=0, isotype="IgA", state="draft", **A),
]
ASKED: list[Row] = []


def reading(says: str, result: str, means: str, **row: Any) -> Any:
    """A case: its words, the result as a laboratory writes it, what it means, and whatever else the row says."""
    value = result.lstrip("<>=")
    asked = {"comparator": result.removesuffix(value), "value": value, "result_text": result, **row}
    ASKED.append({**asked, "result_kind": "titre" if "unit" not in row else "number"})
    return pytest.param(len(ASKED) - 1, result, means, id=says)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each case means: the interpretation with the rule that decided, or why there is none."""
    titres = [{**row, "accession": f"A{number}", "patient_key": f"p{number}"} for number, row in enumerate(ASKED)]
    con = built(tmp_path_factory.mktemp("cutoffs"), titres, cutoffs_used=RULES, wanted="mart_result")
    rows = con.execute("SELECT interpretation, rule_id, reason_code FROM mart_result ORDER BY row_id").fetchall()
    assert len(rows) == len(ASKED)
    return [f"{meaning} by {rule}" if rule else f"{meaning}: {reason}" for meaning, rule, reason in rows]


STRADDLES, BETWEEN = "not_evaluable: straddles_cut_off", "not_evaluable: between_bands"


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("just below the limit", "799", "negative by a.negative", **A),
        reading("at the limit", "800", "positive by a.positive", **A),
        reading("just above the limit", "801", "positive by a.positive", **A),
        reading("nothing at all found", "0", "negative by a.negative", **A),
    ],
)
def test_a_limit_that_belongs_to_the_positive_side(row: int, result: str, means: str, found: list[str]) -> None:
    """Titre A: negative below the limit, positive at or above it."""
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("just below the limit", "799", "negative by b.negative", **B),
        reading("at the limit", "800", "negative by b.negative", **B),
        reading("just above the limit", "801", "positive by b.positive", **B),
    ],
)
def test_a_limit_that_belongs_to_the_negative_side(row: int, result: str, means: str, found: list[str]) -> None:
    """Titre B: negative at or below the limit, positive above it. The words "above 1:800" and "from 1:800 on" part exactly at a titre that every two-fold series has."""
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("below a lower titre: all of it is negative", "<400", "negative by a.negative", **A),
        reading("below the limit: all of it is negative", "<800", "negative by a.negative", **A),
        reading("below just more than the limit: 800 itself would be positive", "<801", STRADDLES, **A),
        reading("up to just below the limit", "<=799", "negative by a.negative", **A),
        reading("up to the limit, which is positive", "<=800", STRADDLES, **A),
        reading("up to just above the limit", "<=801", STRADDLES, **A),
        reading(
            "below a high titre: anything is possible, and no half of the limit is put in its place",
            "<51200",
            STRADDLES,
            **A,
        ),
        reading("above just less than the limit: 799.5 would be negative", ">799", STRADDLES, **A),
        reading("above the limit", ">800", "positive by a.positive", **A),
        reading("above just more than the limit", ">801", "positive by a.positive", **A),
        reading("from just below the limit on", ">=799", STRADDLES, **A),
        reading("from the limit on", ">=800", "positive by a.positive", **A),
        reading("from just above the limit on", ">=801", "positive by a.positive", **A),
        reading("above a lower titre: it may still be either", ">400", STRADDLES, **A),
        reading("above the end of the dilution series", ">51200", "positive by a.positive", **A),
    ],
)
def test_a_censored_titre_counts_only_where_all_of_it_lies_on_one_side(
    row: int, result: str, means: str, found: list[str]
) -> None:
    """Titre A."""
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("below just less than the limit", "<799", "negative by b.negative", **B),
        reading("below the limit", "<800", "negative by b.negative", **B),
        reading("below just more than the limit: 800.5 would be positive", "<801", STRADDLES, **B),
        reading("up to just below the limit", "<=799", "negative by b.negative", **B),
        reading("up to the limit, which is negative", "<=800", "negative by b.negative", **B),
        reading("up to just above the limit", "<=801", STRADDLES, **B),
        reading("above just less than the limit", ">799", STRADDLES, **B),
        reading("above the limit", ">800", "positive by b.positive", **B),
        reading("above just more than the limit", ">801", "positive by b.positive", **B),
        reading("from just below the limit on", ">=799", STRADDLES, **B),
        reading("from the limit on, which is negative", ">=800", STRADDLES, **B),
        reading("from just above the limit on", ">=801", "positive by b.positive", **B),
    ],
)
def test_a_censored_titre_where_the_limit_belongs_to_the_negative_side(
    row: int, result: str, means: str, found: list[str]
) -> None:
    """Titre B."""
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("upper end of the negative band", "29", "negative by index.negative", **INDEX),
        reading("between negative and equivocal", "29.5", BETWEEN, **INDEX),
        reading("lower end of the equivocal band", "30", "equivocal by index.equivocal", **INDEX),
        reading("upper end of the equivocal band", "50", "equivocal by index.equivocal", **INDEX),
        reading("between equivocal and positive", "50.4", BETWEEN, **INDEX),
        reading("lower end of the positive band", "51", "positive by index.positive", **INDEX),
        reading("upper end of the positive band", "100", "positive by index.positive", **INDEX),
        reading("just above it, where the strong band begins", "100.1", "positive by index.strong", **INDEX),
    ],
)
def test_bands_in_whole_numbers_leave_gaps_that_are_not_rounded_away(
    row: int, result: str, means: str, found: list[str]
) -> None:
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        reading("below the equivocal band: 29.5 would be in no band", "<30", STRADDLES, **INDEX),
        reading("up to the end of the negative band", "<=29", "negative by index.negative", **INDEX),
        reading("below the end of the negative band", "<29", "negative by index.negative", **INDEX),
        reading("from the equivocal band on", ">=30", STRADDLES, **INDEX),
        reading("above a value inside the equivocal band", ">40", STRADDLES, **INDEX),
        reading("above the equivocal band: 50.4 would be in no band", ">50", STRADDLES, **INDEX),
        reading("from the positive band on: bands that touch and mean the same are one", ">=51",
                "positive by index.positive + index.strong", **INDEX),
        reading("above a value inside the positive band", ">60", "positive by index.positive + index.strong", **INDEX),
        reading("above the positive band", ">100", "positive by index.strong", **INDEX),
    ],
)  # fmt: skip
def test_a_censored_index_against_three_bands(row: int, result: str, means: str, found: list[str]) -> None:
    assert found[row] == means


def on(day: str, says: str, result: str, means: str) -> Any:
    """A case of a day: the day stands in its words."""
    return reading(f"{says} ({day})", result, means, collected_on=day, **DATED)


NO_RULE = "not_evaluable: no_rule_on_that_day"


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        on("2019-12-31", "the day before the first valid day of the test", "800", NO_RULE),
        on("2020-01-01", "its first valid day", "800", "positive by old.positive"),
        on("2020-06-30", "the last valid day of the old limit", "800", "positive by old.positive"),
        on("2020-07-01", "the next day, the first valid day of the new limit", "800", "negative by new.negative"),
        on("2020-07-01", "the same day, at the new limit", "1600", "positive by new.positive"),
        on("2020-12-31", "the last valid day of the new limit", "1600", "positive by new.positive"),
        on("2021-01-01", "the day after it: no rule is carried on", "1600", NO_RULE),
    ],
)
def test_the_day_of_collection_chooses_the_rule(row: int, result: str, means: str, found: list[str]) -> None:
    """The dated test: `valid_from` is the first valid day and `valid_to` the last."""
    assert found[row] == means


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [reading("collected on the last day of the old limit, received and reported under the new one", "800",
             "positive by old.positive", collected_on="2020-06-30", received_on="2020-07-03",
             reported_at="2020-07-09 00:00:00", **DATED)],
)  # fmt: skip
def test_neither_receipt_nor_report_chooses_the_rule(row: int, result: str, means: str, found: list[str]) -> None:
    assert found[row] == means


def unlike(says: str, reason: str, **difference: Any) -> Any:
    """A high result that differs from titre A in one thing."""
    return reading(says, "51200", f"not_evaluable: {reason}", **{**A, **difference})


@pytest.mark.parametrize(
    ("row", "result", "means"),
    [
        unlike("another laboratory measured it", "no_rule", performing_lab="ELSEWHERE"),
        unlike("another laboratory measured it and this one sent it: the sender's limit is not taken", "no_rule",
               performing_lab="ELSEWHERE", sending_lab="LAB"),
        unlike("the name of the laboratory in small letters: names are exact", "no_rule", performing_lab="lab"),
        unlike("another assay, a line blot", "no_rule", assay="LINE"),
        unlike("another antigen, the complex GM1:GalC", "no_rule", antigen="GM1:GalC"),
        unlike("another antigen whose name holds GM1", "no_rule", antigen="asialo-GM1"),
        unlike("another isotype, IgG", "no_rule", isotype="IgG"),
        unlike("a combined result, IgG and IgM in one number", "no_rule", isotype="IgG+IgM"),
        unlike("an isotype whose only rule is a draft", "no_rule", isotype="IgA"),
        unlike("an index value where the rule is for titres: units are not converted", "unit_differs_from_rule",
               unit="{index_val}"),
        unlike("a percentage where the rule is for titres", "unit_differs_from_rule", unit="%"),
        unlike("no unit at all", "unit_differs_from_rule", unit=None),
        unlike("cerebrospinal fluid where the rule is for serum", "no_rule_for_specimen", specimen="CSF"),
        unlike("plasma where the rule is for serum", "no_rule_for_specimen", specimen="plasma"),
    ],
)  # fmt: skip
def test_a_rule_is_for_one_test_exactly_and_there_is_no_default(
    row: int, result: str, means: str, found: list[str]
) -> None:
    assert found[row] == means


@pytest.mark.parametrize("why", ["insufficient", "haemolysed", "not_done"])
def test_a_sample_without_a_result_is_never_negative(why: str, tmp_path: Path) -> None:
    nothing = {"result_kind": "no_result", "no_result_reason": why, "value": None, "comparator": None, **A}
    con = built(tmp_path, [nothing], cutoffs_used=RULES, wanted="mart_result")
    found = con.execute("SELECT interpretation, reason_code FROM mart_result").fetchall()
    assert found == [("not_evaluable", f"no_result_{why}")]
