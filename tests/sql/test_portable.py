"""No model says anything that another engine would read in another way; what text alone cannot show, Spark's parity does."""

from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from pipeline import resources
from pipeline.warehouse import models, spark

MODELS = models.load_models(resources.SQL_DIR)
# Columns of which no two rows of a partition share a value: they may end an order.
UNIQUE = ("_id", "position")
# Whatever row comes first wins: another one on each machine.
BY_CHANCE = (exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.ApproxDistinct)
PICKS_ONE = (exp.RowNumber, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead)


def faults(sql: str) -> Iterator[str]:
    """What is wrong with a model's text, each fault with the place it is at."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    for node in tree.find_all(exp.Join, exp.Div, exp.IntDiv, exp.Mod, exp.Round, *BY_CHANCE):
        if fault := _fault(node):
            yield f"{fault}: {node.sql()}"
    for window in tree.find_all(exp.Window):
        yield from _window_faults(window)
    for node in tree.find_all(exp.ArrayAgg):
        if not isinstance(node.find_ancestor(exp.ArraySort, exp.Select), exp.ArraySort):
            yield f"a list is sorted: {node.sql()}"
    for node in tree.find_all(exp.GroupConcat):
        if node.find(exp.Order) is None:
            yield f"text is put together in a stated order: {node.sql()}"


def _fault(node: exp.Expression) -> str | None:
    if isinstance(node, exp.Join):
        return "ASOF is DuckDB's own, join on a first and a last day" if node.method == "ASOF" else None
    if isinstance(node, exp.Div):
        both = _is_double(node.this) and _is_double(node.expression)
        return None if both else "both sides of a division are CAST AS DOUBLE first"
    return "takes any row of several" if isinstance(node, BY_CHANCE) else "engines round in other ways"


def _is_double(node: exp.Expression) -> bool:
    while isinstance(node, exp.Paren | exp.Nullif):
        node = node.this
    return isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DOUBLE


def _window_faults(window: exp.Window) -> Iterator[str]:
    order = window.args.get("order")
    if order is None:
        if isinstance(window.this, PICKS_ONE):
            yield f"picks a row in no order: {window.sql()}"
        return
    last = order.expressions[-1].this
    if isinstance(window.this, PICKS_ONE) and not last.name.endswith(UNIQUE):
        yield f"ties are broken by row_id or another identifier: {window.sql()}"


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT * FROM a ASOF JOIN b ON a.k = b.k AND a.d >= b.d", "ASOF"),
        ("SELECT CAST(a AS DOUBLE) / b FROM t", "division"),
        ("SELECT a // b FROM t", "round"),
        ("SELECT round(a, 1) FROM t", "round"),
        ("SELECT arg_max(a, b) FROM t", "any row"),
        ("SELECT first(a) FROM t", "any row"),
        ("SELECT row_number() OVER (PARTITION BY a) FROM t", "no order"),
        ("SELECT lag(a) OVER (ORDER BY collected_on) FROM t", "ties"),
        ("SELECT * FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY day, accession) = 1", "ties"),
        ("SELECT list(a) FROM t", "list"),
        ("SELECT string_agg(a, '; ') FROM t", "stated order"),
    ],
)
def test_what_engines_read_differently_is_found(sql: str, fault: str) -> None:
    assert any(fault in found for found in faults(sql))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_says_nothing_that_engines_read_differently(model: models.Model) -> None:
    assert list(faults(model.sql)) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_part_of_a_model_can_be_said_in_sparks_dialect(model: models.Model) -> None:
    said = spark.steps(model)
    assert said[-1].name == model.name
    # sqlglot hands some of DuckDB's words on as they are; Spark's own reader of SQL is another one
    assert all(sqlglot.parse_one(step.sql, read="spark") for step in said)
