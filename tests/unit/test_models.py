"""Models are ordered by their own text; a circle, a stranger and a file that is no SELECT are refused."""

from pathlib import Path

import pytest

from pipeline import resources
from pipeline.errors import SettingsError
from pipeline.warehouse.models import Model, in_order, load_models


def model(name: str, *inputs: str) -> Model:
    return Model(name, "core", "", frozenset(inputs))


def test_each_comes_after_what_it_reads() -> None:
    order = in_order([model("a", "b", "x"), model("b", "c"), model("c", "x")], {"x": ()})
    assert order == ["x", "c", "b", "a"]


def test_a_circle_is_refused() -> None:
    with pytest.raises(SettingsError, match="in a circle"):
        in_order([model("a", "b"), model("b", "a")], {})


def test_a_table_that_nobody_makes_is_refused() -> None:
    with pytest.raises(SettingsError, match="a reads ghost"):
        in_order([model("a", "ghost")], {})


@pytest.mark.parametrize(
    "text", ["DELETE FROM a", "SELECT 1; SELECT 2", "SELECT FROM WHERE", "CREATE TABLE t AS SELECT 1"]
)
def test_a_file_that_is_not_one_select_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "core_x.sql").write_text(text)
    with pytest.raises(SettingsError, match="expected"):
        load_models(tmp_path)


def test_no_models_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="found none"):
        load_models(tmp_path)


def test_the_shipped_models_hold_no_number_but_0_1_and_100() -> None:
    import sqlglot
    from sqlglot import exp

    for shipped in load_models(resources.SQL_DIR):
        literals = {
            node.this
            for node in sqlglot.parse_one(shipped.sql, read="duckdb").find_all(exp.Literal)
            if not node.is_string
        }
        assert literals <= {"0", "1", "100"}, shipped.name


def test_every_shipped_model_says_its_grain_and_why() -> None:
    for shipped in load_models(resources.SQL_DIR):
        assert shipped.sql.startswith("/* "), shipped.name
        assert "Grain:" in shipped.sql and "Why:" in shipped.sql, shipped.name
