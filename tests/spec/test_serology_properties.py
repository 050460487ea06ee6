"""What holds of every result, whatever the cut-offs: shown on invented rulebooks and results that always repeat."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import Row, built, cutoff
from hypothesis import given, settings
from hypothesis import strategies as st

ORDER = ("negative", "equivocal", "positive")
TITRES = st.sampled_from([0, 1, 50, 99, 100, 101, 200, 400, 799, 800, 801, 1600, 3200, 6400, 51200])
SIGNS = st.sampled_from(["", "<", "<=", ">", ">="])


@st.composite
def rulebooks(draw: st.DrawFn) -> list[Row]:
    """Two or three bands, negative below positive, with or without a gap; each limit belongs to one side or to neither."""
    limits = draw(st.lists(TITRES.filter(lambda titre: titre > 0), min_size=2, max_size=2, unique=True).map(sorted))
    to_first, to_second = (draw(st.sampled_from(["below", "above", "neither"])) for _ in limits)
    has_equivocal = draw(st.booleans())
    top, to_top = (limits[1], to_second) if has_equivocal or draw(st.booleans()) else (limits[0], to_first)
    bands = [cutoff("negative", **{"at_or_below" if to_first == "below" else "below": limits[0]})]
    if has_equivocal:
        lower = "at_or_above" if to_first == "above" else "above"
        bands.append(
            cutoff("equivocal", **{lower: limits[0], "at_or_below" if to_second == "below" else "below": limits[1]})
        )
    bands.append(cutoff("positive", **{"at_or_above" if to_top == "above" else "above": top}))
    return bands


def meanings(rules: Sequence[Row], results: Sequence[tuple[str, float]]) -> list[str]:
    """What each (sign, titre) means under these rules."""
    titres = [{"accession": f"A{n}", "comparator": sign, "value": value} for n, (sign, value) in enumerate(results)]
    with tempfile.TemporaryDirectory() as folder:
        con = built(Path(folder), titres, cutoffs_used=rules, wanted="mart_result")
        return [row[0] for row in con.execute("SELECT interpretation FROM mart_result ORDER BY row_id").fetchall()]


@settings(max_examples=20)
@given(rulebooks(), st.lists(TITRES, min_size=2, max_size=12, unique=True), SIGNS)
def test_raising_a_titre_never_makes_a_result_less_positive(rules: list[Row], values: list[int], sign: str) -> None:
    found = meanings(rules, [(sign, value) for value in sorted(values)])
    ranks = [ORDER.index(meaning) for meaning in found if meaning != "not_evaluable"]
    assert ranks == sorted(ranks)


@settings(max_examples=20)
@given(rulebooks(), SIGNS.filter(bool), TITRES, st.lists(TITRES, min_size=1, max_size=12))
def test_a_value_agrees_with_every_interval_that_holds_it(
    rules: list[Row], sign: str, limit: int, values: list[int]
) -> None:
    inside = {
        "<": lambda v: v < limit,
        "<=": lambda v: v <= limit,
        ">": lambda v: v > limit,
        ">=": lambda v: v >= limit,
    }[sign]
    found = meanings(rules, [(sign, limit), *(("", value) for value in values if inside(value))])
    if found[0] != "not_evaluable":
        assert set(found[1:]) <= {found[0]}


@settings(max_examples=20)
@given(rulebooks(), st.lists(st.tuples(SIGNS, TITRES), min_size=1, max_size=12), st.data())
def test_removing_a_rule_makes_results_not_evaluable_and_never_anything_else(
    rules: list[Row], results: list[tuple[str, int]], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(rules), unique_by=lambda rule: rule["rule_id"], max_size=len(rules) - 1))
    for before, after in zip(meanings(rules, results), meanings(kept, results), strict=True):
        assert after in (before, "not_evaluable")


def figures(titres: Sequence[Row], patients: int) -> tuple[Any, ...]:
    """What each result means, who counts as what, and every rate."""
    studies = [{"patient_key": f"p{n}", "arrival": 9} for n in range(patients)]
    with tempfile.TemporaryDirectory() as folder:
        con = built(Path(folder), titres, studies)
        queries = (
            "SELECT accession, disposition, interpretation, rule_id, count(*) FROM mart_result GROUP BY ALL ORDER BY ALL",
            "SELECT patient_key, flow_class, interpretation, collected_on, accession FROM mart_patient ORDER BY ALL",
            "SELECT * FROM mart_positive_rate ORDER BY analysis, population, stratum, stratum_value",
            "SELECT * EXCLUDE (position) FROM mart_ivig_timing ORDER BY population, ivig_timing",
            "SELECT * FROM mart_analyte_rate ORDER BY population, antigen, isotype, specimen",
        )
        return tuple(con.execute(query).fetchall() for query in queries)


@st.composite
def samples(draw: st.DrawFn) -> list[Row]:
    """Results of four patients over several days, some of them sent twice."""
    drawn = draw(st.lists(st.tuples(st.integers(0, 3), SIGNS, TITRES, st.integers(1, 9)), min_size=1, max_size=8))
    rows = [{"patient_key": f"p{who}", "accession": f"A{n}", "comparator": sign, "value": value, "collected_on": f"2024-01-0{day}"}
            for n, (who, sign, value, day) in enumerate(drawn)]  # fmt: skip
    return rows + draw(st.lists(st.sampled_from(rows), max_size=3))


@settings(max_examples=12)
@given(samples(), st.data())
def test_reordering_rows_or_files_changes_nothing(titres: list[Row], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(titres))))
    of_file = data.draw(st.lists(st.integers(1, 3), min_size=len(titres), max_size=len(titres)))
    shuffled = [{**titres[place], "arrival": of_file[place]} for place in order]
    assert figures(titres, 4) == figures(shuffled, 4)
