"""What one result means: by the cut-off of the laboratory that measured it, on the day the sample was collected.

Laboratory LAB calls IgM anti-GM1 in serum, by its ELISA, negative below 1:800 and positive from 1:800 on. From 1 July 2020
on its limit is 1:1600. Its index assay has three bands in whole numbers: up to 29, 30 to 50, 51 and more.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, cutoff

UNTIL, FROM = {"valid_to": "2020-06-30"}, {"valid_from": "2020-07-01"}
INDEX = {"assay": "INDEX", "unit": "{index_val}"}
RULES = [
    cutoff("negative", "titre.old.negative", below=800, **UNTIL),
    cutoff("positive", "titre.old.positive", at_or_above=800, **UNTIL),
    cutoff("negative", "titre.new.negative", below=1600, **FROM),
    cutoff("positive", "titre.new.positive", at_or_above=1600, **FROM),
    cutoff("negative", "index.negative", at_or_below=29, **INDEX),
    cutoff("equivocal", "index.equivocal", at_or_above=30, at_or_below=50, **INDEX),
    cutoff("positive", "index.positive", at_or_above=51, at_or_below=100, **INDEX),
    cutoff("positive", "index.strong", above=100, **INDEX),
    cutoff("positive", "draft.positive", above=0, isotype="IgA", state="draft"),
]
OLD = {"collected_on": "2020-01-10"}
NUMBER = {**INDEX, "result_kind": "number"}


def meaning(tmp_path: Path, **titre: Any) -> str:
    """The interpretation with the rule that decided, or why there is none."""
    con = built(tmp_path, [titre], cutoffs_used=RULES)
    (found,) = con.execute("SELECT interpretation, rule_id, reason_code FROM mart_result").fetchall()
    return f"{found[0]} by {found[1]}" if found[1] else f"{found[0]}: {found[2]}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (799, "negative by titre.old.negative"),
        (800, "positive by titre.old.positive"),
        (801, "positive by titre.old.positive"),
        (0, "negative by titre.old.negative"),
    ],
)
def test_just_below_at_and_just_above_the_limit(value: float, expected: str, tmp_path: Path) -> None:
    assert meaning(tmp_path, value=value, **OLD) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (29, "negative by index.negative"),
        (29.5, "not_evaluable: between_bands"),
        (30, "equivocal by index.equivocal"),
        (50, "equivocal by index.equivocal"),
        (50.4, "not_evaluable: between_bands"),
        (51, "positive by index.positive"),
        (100, "positive by index.positive"),
        (100.1, "positive by index.strong"),
    ],
)
def test_bands_in_whole_numbers_leave_gaps_that_are_not_rounded_away(
    value: float, expected: str, tmp_path: Path
) -> None:
    assert meaning(tmp_path, value=value, **NUMBER) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-06-29", "positive by titre.old.positive"),
        ("2020-06-30", "positive by titre.old.positive"),  # valid_to is the last valid day
        ("2020-07-01", "negative by titre.new.negative"),
        ("2020-07-02", "negative by titre.new.negative"),
    ],
)
def test_the_day_a_rule_changes(day: str, expected: str, tmp_path: Path) -> None:
    assert meaning(tmp_path, value=800, collected_on=day) == expected


def test_neither_the_day_of_receipt_nor_that_of_the_report_chooses_the_rule(tmp_path: Path) -> None:
    late = {"received_on": "2020-07-03", "reported_at": "2020-07-09 00:00:00"}
    assert meaning(tmp_path, value=800, collected_on="2020-06-30", **late) == "positive by titre.old.positive"


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        # below a limit: everything down to nothing; negative only if all of that is
        ("<", 400, "negative by titre.old.negative"),
        ("<", 800, "negative by titre.old.negative"),
        ("<", 801, "not_evaluable: straddles_cut_off"),
        ("<=", 799, "negative by titre.old.negative"),
        ("<=", 800, "not_evaluable: straddles_cut_off"),
        ("<", 51200, "not_evaluable: straddles_cut_off"),
        # above a limit: everything without end; positive only if all of that is
        (">", 400, "not_evaluable: straddles_cut_off"),
        (">", 799, "not_evaluable: straddles_cut_off"),
        (">", 800, "positive by titre.old.positive"),
        (">=", 799, "not_evaluable: straddles_cut_off"),
        (">=", 800, "positive by titre.old.positive"),
        (">", 51200, "positive by titre.old.positive"),
    ],
)
def test_censored_titres_on_both_sides_of_the_limit(
    comparator: str, value: float, expected: str, tmp_path: Path
) -> None:
    assert meaning(tmp_path, comparator=comparator, value=value, **OLD) == expected


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("<", 30, "not_evaluable: straddles_cut_off"),  # 29.5 is below 30 and in no band
        ("<=", 29, "negative by index.negative"),
        (">", 100, "positive by index.strong"),
        (">", 60, "positive by index.positive + index.strong"),  # bands that touch and mean the same are one
        (">=", 51, "positive by index.positive + index.strong"),
        (">", 40, "not_evaluable: straddles_cut_off"),
    ],
)
def test_censored_indices_against_three_bands(comparator: str, value: float, expected: str, tmp_path: Path) -> None:
    assert meaning(tmp_path, comparator=comparator, value=value, **NUMBER) == expected


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        # there is no default: an unknown laboratory, assay, antigen or isotype has no rule
        ({"performing_lab": "ELSEWHERE"}, "no_rule"),
        ({"performing_lab": "lab"}, "no_rule"),
        ({"assay": "LINE"}, "no_rule"),
        ({"antigen": "GM1:GalC"}, "no_rule"),
        ({"isotype": "IgG"}, "no_rule"),
        ({"isotype": "IgG+IgM"}, "no_rule"),
        ({"isotype": "IgA"}, "no_rule"),  # its only rule is a draft
        # the sender's cut-offs are never taken for those of the laboratory that measured
        ({"performing_lab": "ELSEWHERE", "sending_lab": "LAB"}, "no_rule"),
        # units are not converted, and serum does not stand in for another specimen
        ({"unit": "{index_val}"}, "unit_differs_from_rule"),
        ({"unit": "%", "result_kind": "number"}, "unit_differs_from_rule"),
        ({"unit": None}, "unit_differs_from_rule"),
        ({"specimen": "CSF"}, "no_rule_for_specimen"),
        ({"specimen": "plasma"}, "no_rule_for_specimen"),
    ],
)
def test_a_rule_is_for_one_test_exactly(difference: Row, reason: str, tmp_path: Path) -> None:
    assert meaning(tmp_path, **{**OLD, "value": 51200, **difference}) == f"not_evaluable: {reason}"


def test_a_day_before_every_rule_has_no_rule(tmp_path: Path) -> None:
    rules = [cutoff("positive", at_or_above=800, valid_from="2020-01-01")]
    con = built(tmp_path, [{"collected_on": "2019-12-31"}, {"collected_on": "2020-01-01"}], cutoffs_used=rules)
    found = con.execute("SELECT interpretation, reason_code FROM mart_result ORDER BY row_id").fetchall()
    assert found == [("not_evaluable", "no_rule_on_that_day"), ("positive", None)]


@pytest.mark.parametrize("why", ["insufficient", "haemolysed", "not_done"])
def test_no_result_is_never_negative(why: str, tmp_path: Path) -> None:
    nothing = {"result_kind": "no_result", "no_result_reason": why, "value": None, "comparator": None}
    assert meaning(tmp_path, **nothing) == f"not_evaluable: no_result_{why}"
