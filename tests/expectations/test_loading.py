"""An expectations file is refused, in one line that names file and entry, unless a reviewer can rely on it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.checks import Condition, checked_tables, expectations_sha256, load_checks
from pipeline.errors import RulebookUnsound, SettingsError
from pipeline.resources import EXPECTATIONS_DIR, RULES_DIR
from pipeline.settings import Settings


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": "one", "expect": "ExpectColumnValuesToNotBeNull", "arguments": {"column": "a"}, "severity": "critical",
        "category": "completeness", "why": "w", "if_failed": "f", **changes,
    }  # fmt: skip


def write(folder: Path, *entries: dict[str, Any], table: str = "titre", **top: Any) -> Path:
    document = {"table": table, "about": "a", "checks": list(entries), **top}
    (folder / f"{table}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


def between(**bounds: Any) -> dict[str, Any]:
    return entry(expect="ExpectColumnValuesToBeBetween", arguments={"column": "a", **bounds})


PAIR = {"column_A": "a", "column_B": "b"}
CANNOT = "cannot be used here"
REFUSED = {
    "unknown key": (entry(severty="info"), "severty"),
    "missing key": ({k: v for k, v in entry().items() if k != "why"}, "why"),
    "unknown severity": (entry(severity="fatal"), "severity"),
    "unknown category": (entry(category="validity"), "category"),
    "unknown argument": (entry(arguments={"column": "a", "mostly": 0.9}), "mostly"),
    "row condition of its own": (entry(arguments={"column": "a", "row_condition": "b"}), "row_condition"),
    "unknown expectation": (entry(expect="ExpectColumnValuesToBeNice"), "ExpectColumnValuesToBeNice"),
    "compound uniqueness": (entry(expect="ExpectCompoundColumnsToBeUnique"), CANNOT),
    "compound uniqueness in snake case": (entry(expect="expect_compound_columns_to_be_unique"), CANNOT),
    "pairs in a set": (entry(expect="ExpectColumnPairValuesToBeInSet", arguments=PAIR), CANNOT),
    "free SQL": (entry(expect="UnexpectedRowsExpectation"), CANNOT),
    "total of a record": (
        entry(expect="ExpectColumnMaxToBeBetween", arguments={"column": "a", "min_value": 0}),
        "use it on a mart",
    ),
    "uniqueness that rejects": (entry(expect="ExpectColumnValuesToBeUnique"), "uniqueness rejects no row"),
    "clinical number": (between(max_value=40), "numbers other than 0, 1 and 100 are rules"),
    "clinical number in a set": (
        entry(expect="ExpectColumnValuesToBeInSet", arguments={"column": "a", "value_set": [2]}),
        "are rules",
    ),
    "clinical number in a condition": (entry(where={"column": "b", "above": 12.5}), "are rules"),
    "unknown rule": (between(min_value={"rule": "no_such_rule.low"}), "no rule no_such_rule"),
    "open side": (between(max_value={"rule": "birth_year.high"}), "leaves its high side open"),
    "no bound": (between(), "min_value or max_value"),
    "pair that forgets gaps": (entry(expect="ExpectColumnPairValuesToBeEqual", arguments=PAIR), "ignore_row_if"),
    "two operators": (entry(where={"column": "b", "is": "null", "equals": "x"}), "where"),
}


@pytest.mark.parametrize(("refused_entry", "message"), REFUSED.values(), ids=REFUSED)
def test_entry_is_refused(tmp_path: Path, refused_entry: dict[str, Any], message: str) -> None:
    write(tmp_path, refused_entry)
    _refused(tmp_path, message)


def test_second_entry_of_one_id_is_refused(tmp_path: Path) -> None:
    write(tmp_path, entry(), entry())
    _refused(tmp_path, "stands 2 times")


def _refused(folder: Path, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_checks(folder, "titre")
    text = str(refused.value)
    assert message in text
    assert "titre.yaml: check one" in text
    assert "\n" not in text


def test_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_checks(tmp_path, "titre")
    write(tmp_path, entry(), tabel="titre")
    with pytest.raises(SettingsError, match="tabel"):
        load_checks(tmp_path, "titre")
    shutil.copy(EXPECTATIONS_DIR / "titre.yaml", tmp_path / "ncs_site.yaml")
    with pytest.raises(SettingsError, match="expected ncs_site, as the file is called, found titre"):
        load_checks(tmp_path, "ncs_site")
    (tmp_path / "titre.yaml").write_text("table: titre\nabout: a\nabout: b\nchecks: []\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="the key about stands twice"):
        load_checks(tmp_path, "titre")
    (tmp_path / "titre.yaml").write_text("table: [titre\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="not valid YAML"):
        load_checks(tmp_path, "titre")


def test_number_in_derived_column_is_refused(tmp_path: Path) -> None:
    write(tmp_path, entry(arguments={"column": "long"}), derived={"long": {"sql": "a > 37.5", "why": "w"}})
    with pytest.raises(SettingsError, match=r"derived long: the number 37\.5 belongs into a rule"):
        load_checks(tmp_path, "titre")


def test_entry_becomes_a_check(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry(
            expect="expect_column_values_to_be_between",
            arguments={"column": "made", "max_value": {"rule": "cmap_amplitude_mv.high"}, "min_value": 0},
            where=[{"column": "b", "is": "not_null"}, {"column": "c", "in": ["x", "y"]}],
        ),
        derived={"made": {"sql": "a + 1", "why": "w"}, "unused": {"sql": "a", "why": "w"}},
    )
    (check,) = load_checks(tmp_path, "titre")
    assert check.expect == "ExpectColumnValuesToBeBetween"
    assert check.arguments == {"column": "made", "max_value": 40.0, "min_value": 0}
    assert check.where == (Condition("b", "not_null"), Condition("c", "in", ["x", "y"]))
    assert check.derived == {"made": "a + 1"}
    assert check.keys == ("arrival_id", "row_number", "slot")
    assert check.rejects


def test_site_rules_replace_ours_and_change_the_hash(tmp_path: Path) -> None:
    ours = Settings.load(home=tmp_path, environ={})
    site_rules = tmp_path / "rules"
    site_rules.mkdir()
    header = (RULES_DIR / "plausibility.csv").read_text(encoding="utf-8").splitlines()[0]
    window = site_rules / "plausibility.csv"
    window.write_text(f"{header}\ncmap_amplitude_mv,Amplitude,mV,0,35,PROJECT,here,narrower\n", encoding="utf-8")
    site = Settings.load(home=tmp_path, environ={"GM1_RULES_DIR": str(site_rules)})

    def high(settings: Settings) -> float:
        checks = {check.id: check for check in load_checks(settings, "ncs_site")}
        return float(checks["ncs_site_amplitude_plausible"].arguments["max_value"])

    assert (high(ours), high(site)) == (40.0, 35.0)
    assert expectations_sha256(ours) == expectations_sha256(EXPECTATIONS_DIR)
    assert expectations_sha256(site) != expectations_sha256(ours)
    window.write_text(f"{header}\ncmap_amplitude_mv,Amplitude,mV,zero,35,PROJECT,here,\n", encoding="utf-8")
    with pytest.raises(
        RulebookUnsound, match=r"plausibility\.csv, line 2, rule cmap_amplitude_mv: expected a number in low"
    ):
        load_checks(site, "ncs_site")


def test_hash_changes_with_a_word(tmp_path: Path) -> None:
    before = expectations_sha256(write(tmp_path, entry()))
    assert expectations_sha256(write(tmp_path, entry(why="another"))) != before


def test_every_table_loads() -> None:
    tables = checked_tables(EXPECTATIONS_DIR)
    assert {"titre", "ncs_site", "ncs_study", "mart_result", "mart_patient", "mart_positive_rate"} <= set(tables)
    for table in tables:
        for check in load_checks(EXPECTATIONS_DIR, table):
            assert check.why[0].isupper(), check.id
            assert check.if_failed.endswith("."), check.id
