"""The hand-typed fixture agrees with itself, so that a difference found later is the pipeline's and not the typist's."""

from __future__ import annotations

from collections import Counter

from .hand_answers import DISPOSITIONS, HAND, typed


def _lines(file: str) -> int:
    """Physical rows of one export; no cell of the fixture holds a line break."""
    return (HAND / "inbox" / file).read_bytes().count(b"\n")


def test_every_export_has_an_arrival_and_a_row_flow() -> None:
    exports = {path.relative_to(HAND / "inbox").as_posix() for path in (HAND / "inbox").rglob("*.csv")}
    assert exports == {row["file"] for row in typed("arrivals.csv")}
    assert exports == {row["file"] for row in typed("expected_row_flow.csv")}


def test_every_physical_row_has_one_answer() -> None:
    answers = Counter((row["file"], int(row["row_number"])) for row in typed("expected_results.csv"))
    physical = {(row["file"], n) for row in typed("arrivals.csv") for n in range(1, _lines(row["file"]) + 1)}
    assert set(answers) == physical
    assert max(answers.values()) == 1


def test_the_row_flow_is_the_sum_of_the_rows() -> None:
    counted = Counter((row["file"], row["disposition"]) for row in typed("expected_results.csv"))
    for row in typed("expected_row_flow.csv"):
        assert {name: int(row[name]) for name in DISPOSITIONS} == {n: counted[(row["file"], n)] for n in DISPOSITIONS}
        assert int(row["rows"]) == _lines(row["file"])


def test_the_headline_is_the_sum_of_the_patients() -> None:
    chosen = Counter(row["interpretation"] for row in typed("expected_patients.csv") if row["is_in_primary"] == "yes")
    headline = next(row for row in typed("expected_rates.csv") if row["analysis"] == "primary")
    assert int(headline["n_tested"]) == chosen.total()
    assert int(headline["n_positive"]) == chosen["positive"]
    assert int(headline["n_equivocal"]) == chosen["equivocal"]


def test_every_rule_named_exists() -> None:
    rules = {row["rule_id"] for row in typed("rules/assay_cutoffs.csv")}
    named = {row["rule_id"] for row in typed("expected_results.csv")} - {"", "*"}
    assert {rule for rule in named if not rule.startswith("declaration:")} <= rules
