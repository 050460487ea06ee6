"""A rulebook is sound or refused, with the file, the rule and the remedy in one line."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import resources, rulebook
from pipeline.errors import RulebookUnsound
from pipeline.rulebook import cutoffs
from pipeline.rulebook.tables import TABLES

COLUMNS = list(next(t for t in TABLES if t.name == "rule_cutoff").columns)


def band(rule_id: str = "r", interpretation: str = "positive", **changes: Any) -> dict[str, Any]:
    row = {
        "rule_id": rule_id, "performing_lab": "LAB", "assay": "ELISA", "antigen": "GM1", "isotype": "IgM",
        "specimen": "serum", "unit": "{titer}", "interpretation": interpretation, "source_id": "invented",
        "source_locator": "test", "approved_by": "tester", "approved_on": "2025-01-01",
    }  # fmt: skip
    return {**row, **changes}


def site_rules(folder: Path, *rows: dict[str, Any]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    pd.DataFrame([{c: r.get(c, "") for c in COLUMNS} for r in rows], columns=COLUMNS).to_csv(
        folder / "assay_cutoffs.csv", index=False
    )
    return [resources.RULES_DIR, folder]


def test_the_shipped_rules_are_sound_and_every_row_is_cited() -> None:
    book = rulebook.load([resources.RULES_DIR])
    sources = set(book.tables["rule_source"]["source_id"])
    for name, frame in book.tables.items():
        # a catchment is a site's own
        assert not frame.empty or name == "rule_catchment", name
        if "source_id" in frame:
            assert set(frame["source_id"]) <= sources, name


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([band("a", above=800), band("b", "negative", at_or_below=801)], "rules a and b overlap"),
        ([band("a", at_or_above=800), band("b", "negative", at_or_below=800)], "rules a and b overlap"),
        ([band("a", above=1, valid_to="2020-06-30"), band("b", above=1, valid_from="2020-06-30")], "rules a and b overlap"),
        ([band("a", above=800), band("a", "negative", below=800)], "stands there twice"),
        ([band(at_or_above=1, above=1)], "at most one lower"),
        ([band()], "at least one of them"),
        ([band(above=9, below=2)], "lower bound lies above"),
        ([band(above=1, valid_from="2021-01-01", valid_to="2020-01-01")], "valid_from lies after valid_to"),
        ([band(above=1, valid_from="01/02/2021")], "expected a date"),
        ([band(above="a lot")], "expected a number"),
        ([band(above="nan")], "expected a number"),
        ([band(interpretation="weak", above=1)], "interpretation must be one of"),
        ([band(state="on", above=1)], "state must be one of"),
        ([band(above=1, approved_by="")], "needs approved_by"),
        ([band(above=1, source_id="")], "source_id is empty"),
        ([band(above=1, performing_lab="")], "performing_lab is empty"),
    ],
)  # fmt: skip
def test_unsound_rules_are_refused_in_one_line(rows: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    with pytest.raises(RulebookUnsound) as error:
        rulebook.load(site_rules(tmp_path / "site", *rows))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 6


def test_bands_that_only_touch_or_never_meet_in_time_are_sound(tmp_path: Path) -> None:
    rows = [
        band("a", at_or_above=800, valid_to="2020-06-30"), band("b", "negative", below=800, valid_to="2020-06-30"),
        band("c", at_or_above=1600, valid_from="2020-07-01"), band("d", "negative", below=1600, valid_from="2020-07-01"),
        band("e", "equivocal", above=0, state="draft"), band("f", "equivocal", above=0, isotype="IgG"),
    ]  # fmt: skip
    book = rulebook.load(site_rules(tmp_path / "site", *rows))
    spans = book.tables["rule_cutoff_span"]
    assert set(spans[spans["performing_lab"] == "LAB"]["rule_id"]) == {"a", "b", "c", "d", "f"}


def test_a_site_replaces_a_shipped_rule_by_its_id(tmp_path: Path) -> None:
    shipped = rulebook.load([resources.RULES_DIR])
    first = shipped.tables["rule_cutoff"]["rule_id"].iloc[0]
    changed = rulebook.load(site_rules(tmp_path / "site", band(first, above=123)))
    row = changed.tables["rule_cutoff"].set_index("rule_id").loc[first]
    assert row["above"] == 123 and len(changed.tables["rule_cutoff"]) == len(shipped.tables["rule_cutoff"])
    assert changed.sha256 != shipped.sha256


def test_files_of_other_names_are_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / "titres_01.csv").write_text("a,b\n1,2\n")
    assert rulebook.load([resources.RULES_DIR, tmp_path]).sha256 == rulebook.load([resources.RULES_DIR]).sha256


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    for file in resources.RULES_DIR.glob("*.csv"):
        shutil.copy(file, tmp_path)
    text = (tmp_path / "nerve_limits.csv").read_text().replace("muscle", "muscles", 1)
    (tmp_path / "nerve_limits.csv").write_text(text)
    with pytest.raises(RulebookUnsound, match=r"missing columns muscle; unknown columns muscles"):
        rulebook.load([tmp_path])


def test_touching_bands_of_one_interpretation_make_a_span_for_the_days_both_are_valid(tmp_path: Path) -> None:
    rows = [
        band("low", at_or_above=50, at_or_below=100), band("high", above=100, valid_from="2020-01-01", valid_to="2020-12-31"),
        band("gap", above=200, valid_from="2021-01-01"),
    ]  # fmt: skip
    spans = rulebook.load(site_rules(tmp_path / "site", *rows)).tables["rule_cutoff_span"]
    joined = spans[(spans["performing_lab"] == "LAB") & (spans["n_bands"] == 2)].to_dict("records")
    assert [(s["rule_id"], s["first_day"], s["last_day"], s["low"]) for s in joined] == [
        ("low + high", date(2020, 1, 1), date(2020, 12, 31), 50)
    ]
    assert pd.isna(joined[0]["high"])


def _band(low: float, low_in: bool, high: float, high_in: bool) -> cutoffs.Band:
    return cutoffs.Band("r", ("k",), "positive", low, low_in, high, high_in, cutoffs.FIRST_DAY, cutoffs.LAST_DAY)


bounds = st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 6), st.booleans()).filter(
    lambda b: b[0] < b[2] or (b[0] == b[2] and b[1] and b[3])
)


@given(bounds, bounds)
def test_two_bands_meet_exactly_when_some_value_lies_in_both(one: Any, other: Any) -> None:
    def holds(b: Any, value: float) -> bool:
        return (value > b[0] or (value == b[0] and b[1])) and (value < b[2] or (value == b[2] and b[3]))

    shared = any(holds(one, v / 2) and holds(other, v / 2) for v in range(14))
    assert _band(*one).meets(_band(*other)) == _band(*other).meets(_band(*one)) == shared
