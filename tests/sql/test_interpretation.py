"""Cut-offs, censoring and panels: what one result means."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, cutoff, two_bands

INTEGER_BANDS = [
    cutoff("negative", at_or_below=29), cutoff("equivocal", at_or_above=30, at_or_below=50),
    cutoff("positive", "LAB.moderate", at_or_above=51, at_or_below=100), cutoff("positive", "LAB.strong", above=100),
]  # fmt: skip
STRICT = [cutoff("negative", at_or_below=800), cutoff("positive", above=800)]
CHANGED = [
    cutoff("negative", "old.n", below=800, valid_to="2020-06-30"), cutoff("positive", "old.p", at_or_above=800, valid_to="2020-06-30"),
    cutoff("negative", "new.n", below=1600, valid_from="2020-07-01"),
    cutoff("positive", "new.p", at_or_above=1600, valid_from="2020-07-01"),
]  # fmt: skip


def meaning(tmp_path: Path, rules: list[Row], **titre: Any) -> tuple[Any, ...]:
    row = (
        built(tmp_path, [titre], cutoffs_used=rules)
        .execute("SELECT interpretation, reason_code, rule_id FROM mart_result")
        .fetchone()
    )
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("rules", "titre", "expected"),
    [
        # at the bound, the column says whether the bound belongs to the band
        (two_bands(), {"value": 799}, ("negative", None, "LAB.negative")),
        (two_bands(), {"value": 800}, ("positive", None, "LAB.positive")),
        (STRICT, {"value": 800}, ("negative", None, "LAB.negative")),
        (STRICT, {"value": 801}, ("positive", None, "LAB.positive")),
        # a censored value is an interval
        (two_bands(), {"comparator": "<", "value": 400}, ("negative", None, "LAB.negative")),
        (two_bands(), {"comparator": "<", "value": 800}, ("negative", None, "LAB.negative")),
        (two_bands(), {"comparator": "<=", "value": 800}, ("not_evaluable", "straddles_cut_off", None)),
        (STRICT, {"comparator": "<=", "value": 800}, ("negative", None, "LAB.negative")),
        (two_bands(), {"comparator": "<", "value": 2000}, ("not_evaluable", "straddles_cut_off", None)),
        (two_bands(), {"comparator": ">", "value": 51200}, ("positive", None, "LAB.positive")),
        (two_bands(), {"comparator": ">", "value": 400}, ("not_evaluable", "straddles_cut_off", None)),
        (STRICT, {"comparator": ">", "value": 800}, ("positive", None, "LAB.positive")),
        (STRICT, {"comparator": ">=", "value": 800}, ("not_evaluable", "straddles_cut_off", None)),
        (two_bands(), {"comparator": ">=", "value": 800}, ("positive", None, "LAB.positive")),
        # whole-number bands leave gaps; neighbouring bands of one meaning do not
        (INTEGER_BANDS, {"value": 29}, ("negative", None, "LAB.negative")),
        # a bound that reaches no band straddles no cut-off: no titration would tell
        ([cutoff("positive", above=2000)], {"comparator": "<", "value": 500}, ("not_evaluable", "between_bands", None)),
        (INTEGER_BANDS, {"value": 29.5}, ("not_evaluable", "between_bands", None)),
        (INTEGER_BANDS, {"value": 30}, ("equivocal", None, "LAB.equivocal")),
        (INTEGER_BANDS, {"value": 50.4}, ("not_evaluable", "between_bands", None)),
        (INTEGER_BANDS, {"value": 100}, ("positive", None, "LAB.moderate")),
        (INTEGER_BANDS, {"value": 100.1}, ("positive", None, "LAB.strong")),
        (INTEGER_BANDS, {"comparator": ">", "value": 60}, ("positive", None, "LAB.moderate + LAB.strong")),
        (INTEGER_BANDS, {"comparator": ">", "value": 150}, ("positive", None, "LAB.strong")),
        (INTEGER_BANDS, {"comparator": ">", "value": 40}, ("not_evaluable", "straddles_cut_off", None)),
        # the day of collection chooses the rule; valid_to is the last valid day
        (CHANGED, {"collected_on": "2020-06-30"}, ("positive", None, "old.p")),
        (CHANGED, {"collected_on": "2020-07-01"}, ("negative", None, "new.n")),
        ([cutoff("positive", above=0, valid_from="2025-01-11")], {}, ("not_evaluable", "no_rule_on_that_day", None)),
        # exact matches only, and no default
        (two_bands(), {"performing_lab": "OTHER"}, ("not_evaluable", "no_rule", None)),
        (two_bands(), {"assay": "LINE BLOT"}, ("not_evaluable", "no_rule", None)),
        (two_bands(), {"isotype": "IgG"}, ("not_evaluable", "no_rule", None)),
        (two_bands(), {"isotype": "IgG+IgM"}, ("not_evaluable", "no_rule", None)),
        (two_bands(), {"antigen": "GM1:GalC"}, ("not_evaluable", "no_rule", None)),
        (two_bands(), {"specimen": "CSF"}, ("not_evaluable", "no_rule_for_specimen", None)),
        (two_bands(), {"unit": "{index_val}"}, ("not_evaluable", "unit_differs_from_rule", None)),
        ([cutoff("positive", above=0, state="draft")], {}, ("not_evaluable", "no_rule", None)),
        # words are the laboratory's own statement; no result is never negative
        (two_bands(), {"result_kind": "word", "word_meaning": "equivocal", "value": None, "format_id": "f"},
         ("equivocal", None, "words:f")),
        (two_bands(), {"result_kind": "no_result", "no_result_reason": "insufficient", "value": None},
         ("not_evaluable", "no_result_insufficient", None)),
    ],
)  # fmt: skip
def test_meaning(rules: list[Row], titre: Row, expected: tuple[Any, ...], tmp_path: Path) -> None:
    assert meaning(tmp_path, rules, **titre) == expected


SCREEN = {
    "test_code": "SCR",
    "panel": "igm",
    "panel_role": "screen",
    "result_kind": "word",
    "value": None,
    "format_id": "f",
}
TITRE = {"test_code": "TTR", "panel": "igm", "panel_role": "titre"}
NEGATIVE, POSITIVE = {**SCREEN, "word_meaning": "negative"}, {**SCREEN, "word_meaning": "positive"}
NOT_RUN = {"result_kind": "no_result", "no_result_reason": "not_done", "value": None, "comparator": None}
OWED = ("not_evaluable", "panel_incomplete")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([NEGATIVE], [("negative", None)]),
        ([POSITIVE], [OWED]),
        ([TITRE], [OWED]),
        ([POSITIVE, TITRE], [("not_evaluable", "decided_by_titre"), ("positive", None)]),
        ([TITRE, POSITIVE], [("positive", None), ("not_evaluable", "decided_by_titre")]),
        ([POSITIVE, {**TITRE, "comparator": "<", "value": 400}], [("not_evaluable", "decided_by_titre"), ("negative", None)]),
        ([NEGATIVE, TITRE], [("not_evaluable", "decided_by_titre"), ("not_evaluable", "panel_contradictory")]),
        # the laboratory writes down that it ran no titre: the negative screen stands, and counts once
        ([NEGATIVE, {**TITRE, **NOT_RUN}], [("negative", None), ("not_evaluable", "no_result_not_done")]),
        ([POSITIVE, {**TITRE, **NOT_RUN}], [("not_evaluable", "decided_by_titre"), ("not_evaluable", "no_result_not_done")]),
        ([{**SCREEN, "result_kind": "no_result", "no_result_reason": "insufficient"}], [("not_evaluable", "no_result_insufficient")]),
        ([NEGATIVE, {**TITRE, "intake_disposition": "rejected"}], [OWED, (None, None)]),
        ([POSITIVE, {**TITRE, "panel": "igg"}], [OWED, OWED]),
        ([POSITIVE, {**TITRE, "accession": "other"}], [OWED, OWED]),
        ([POSITIVE, {**TITRE, "patient_key": "p2", "collected_on": "2025-01-11"}], [OWED, OWED]),
        ([{**NEGATIVE, "status": "withdrawn"}], [(None, "withdraws_nothing_known")]),
    ],
)  # fmt: skip
def test_panel(rows: list[Row], expected: list[Any], tmp_path: Path) -> None:
    found = (
        built(tmp_path, rows).execute("SELECT interpretation, reason_code FROM mart_result ORDER BY row_id").fetchall()
    )
    assert found == expected


def test_a_panel_counts_once(tmp_path: Path) -> None:
    con = built(tmp_path, [POSITIVE, TITRE], [{}])
    assert con.execute("SELECT n_results, n_igm_gm1_serum_final, interpretation FROM mart_patient").fetchall() == [
        (1, 1, "positive")
    ]


def test_disagreement_with_the_laboratory_is_shown_and_overwrites_nothing(tmp_path: Path) -> None:
    con = built(tmp_path, [{"lab_interpretation": "negative"}])
    found = con.execute("SELECT interpretation, lab_interpretation, agrees_with_lab FROM mart_result").fetchall()
    assert found == [("positive", "negative", False)]
