"""When a cut-off changes: the rule of the day of collection counts, and what the rule of now would say stands beside it.

Laboratory LAB calls its titres positive from 1:800 on until 30 June 2020, and from 1:1600 on from 1 July 2020.
"""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, cutoff

UNTIL, FROM = {"valid_to": "2020-06-30"}, {"valid_from": "2020-07-01"}
OLD = [
    cutoff("negative", "old.negative", below=800, **UNTIL),
    cutoff("positive", "old.positive", at_or_above=800, **UNTIL),
]
NEW = [
    cutoff("negative", "new.negative", below=1600, **FROM),
    cutoff("positive", "new.positive", at_or_above=1600, **FROM),
]
LATER = "2021-01-01 12:00:00"


def readings(tmp_path: Path, rows: list[Row], rules: list[Row], as_of: str | None) -> list[tuple[Any, ...]]:
    """Meaning and rule that count, then meaning and rule of now, of each row."""
    con = built(tmp_path, rows, cutoffs_used=rules, as_of=as_of, wanted="mart_result")
    return con.execute("""
        SELECT interpretation, rule_id, interpretation_by_current_rule, current_rule_id
        FROM mart_result ORDER BY row_id""").fetchall()


OLD_POSITIVE, OLD_NEGATIVE = ("positive", "old.positive"), ("negative", "old.negative")
NEW_POSITIVE, NEW_NEGATIVE = ("positive", "new.positive"), ("negative", "new.negative")


@pytest.mark.parametrize(
    ("collected_on", "as_of", "counts_by_rule_and_now_by_rule"),
    [
        # collected on the last day of the old rule, and looked at ever later
        ("2020-06-30", "2020-06-30 23:59:59", (*OLD_POSITIVE, *OLD_POSITIVE)),
        ("2020-06-30", "2020-07-01 00:00:00", (*OLD_POSITIVE, *NEW_NEGATIVE)),
        ("2020-06-30", LATER, (*OLD_POSITIVE, *NEW_NEGATIVE)),
        # collected on the first day of the new one: nothing has changed since
        ("2020-07-01", LATER, (*NEW_NEGATIVE, *NEW_NEGATIVE)),
        # a home that has nothing to look from says the same twice
        ("2020-06-30", None, (*OLD_POSITIVE, *OLD_POSITIVE)),
    ],
)
def test_the_day_of_the_change(
    collected_on: str, as_of: str | None, counts_by_rule_and_now_by_rule: tuple[Any, ...], tmp_path: Path
) -> None:
    found = readings(tmp_path, [{"value": 800, "collected_on": collected_on}], [*OLD, *NEW], as_of)
    assert found == [counts_by_rule_and_now_by_rule]


@pytest.mark.parametrize(
    ("titre", "counts_by_rule_and_now_by_rule"),
    [
        (799, (*OLD_NEGATIVE, *NEW_NEGATIVE)),
        (1599, (*OLD_POSITIVE, *NEW_NEGATIVE)),
        (1600, (*OLD_POSITIVE, *NEW_POSITIVE)),
    ],
)
def test_below_at_and_above_the_new_limit(
    titre: float, counts_by_rule_and_now_by_rule: tuple[Any, ...], tmp_path: Path
) -> None:
    found = readings(tmp_path, [{"value": titre, "collected_on": "2020-01-10"}], [*OLD, *NEW], LATER)
    assert found == [counts_by_rule_and_now_by_rule]


def test_a_rule_that_ended_without_a_successor_reads_nothing_now(tmp_path: Path) -> None:
    rows: list[Row] = [{"collected_on": "2020-01-10"}]
    assert readings(tmp_path, rows, OLD, LATER) == [(*OLD_POSITIVE, "not_evaluable", None)]


def test_a_censored_titre_may_have_a_meaning_by_one_rule_only(tmp_path: Path) -> None:
    rows: list[Row] = [{"collected_on": "2020-01-10", "comparator": "<", "value": 1600}]
    assert readings(tmp_path, rows, [*OLD, *NEW], LATER) == [("not_evaluable", None, *NEW_NEGATIVE)]


def test_words_are_the_laboratorys_own_on_every_day(tmp_path: Path) -> None:
    word: Row = {"result_kind": "word", "word_meaning": "positive", "value": None, "format_id": "f"}
    assert readings(tmp_path, [word], [*OLD, *NEW], LATER) == [("positive", "words:f", "positive", "words:f")]


def test_the_titre_of_a_panel_is_read_by_either_rule(tmp_path: Path) -> None:
    screen: Row = {"test_code": "SCR", "panel": "igm", "panel_role": "screen", "result_kind": "word",
                   "word_meaning": "positive", "value": None, "format_id": "f", "collected_on": "2020-01-10"}  # fmt: skip
    titre: Row = {"test_code": "TTR", "panel": "igm", "panel_role": "titre", "collected_on": "2020-01-10"}
    assert readings(tmp_path, [screen, titre], [*OLD, *NEW], LATER) == [
        ("not_evaluable", None, "not_evaluable", None),
        (*OLD_POSITIVE, *NEW_NEGATIVE),
    ]


def test_what_is_not_used_has_no_reading(tmp_path: Path) -> None:
    rows: list[Row] = [{"status": "preliminary", "collected_on": "2020-01-10"}]
    assert readings(tmp_path, rows, [*OLD, *NEW], LATER) == [(None, None, None, None)]
