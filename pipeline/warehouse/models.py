"""The SQL models: one SELECT a file, ordered by what their own text reads."""

import graphlib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlglot
import yaml
from sqlglot import exp

from pipeline.errors import SettingsError

LAYERS = ("staging", "core", "mart")


@dataclass(frozen=True, slots=True)
class Model:
    """One SQL file: its table, its SELECT and the tables it reads."""

    name: str
    layer: str
    sql: str
    inputs: frozenset[str]


def load_models(sql_dir: Path) -> list[Model]:
    """Every model below `sql_dir`, by layer and name; SettingsError for a file that is not one SELECT."""
    files = [(layer, file) for layer in LAYERS for file in sorted((sql_dir / layer).glob("*.sql"))]
    if not files:
        raise SettingsError(f"{sql_dir}: expected SQL models in {', '.join(LAYERS)}, found none")
    return [_load(layer, file) for layer, file in files]


def _load(layer: str, file: Path) -> Model:
    sql = file.read_text(encoding="utf-8")
    try:
        statements = [s for s in sqlglot.parse(sql, read="duckdb") if s is not None]
    except sqlglot.errors.ParseError as error:
        raise SettingsError(
            f"{file}: expected one SELECT, could not be parsed: {str(error).splitlines()[0]}"
        ) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise SettingsError(
            f"{file}: expected exactly one SELECT, found {len(statements)} statements of another kind or number"
        )
    named = {cte.alias_or_name for cte in statements[0].find_all(exp.CTE)}
    read = {table.name for table in statements[0].find_all(exp.Table)} - named
    return Model(file.stem, layer, sql, frozenset(read))


def in_order(models: Iterable[Model], given: Mapping[str, Iterable[str]]) -> list[str]:
    """Table names in an order in which each comes after all it reads.

    `given` are tables that are not SQL models, each with what it must come after. SettingsError when a model reads a
    table that nobody makes, or when models read each other in a circle.
    """
    graph: dict[str, set[str]] = {name: set(after) for name, after in given.items()}
    for model in models:
        graph[model.name] = set(model.inputs)
    for name, inputs in graph.items():
        unknown = sorted(inputs - graph.keys())
        if unknown:
            raise SettingsError(f"sql: {name} reads {', '.join(unknown)}, which no model and no input makes")
    try:
        # sorted for the same order on every machine
        return list(graphlib.TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order())
    except graphlib.CycleError as error:
        raise SettingsError(f"sql: models read each other in a circle: {' -> '.join(error.args[1])}") from error


def sql_sha256(sql_dir: Path) -> str:
    """One hash over the text and names of all models and their descriptions."""
    digest = hashlib.sha256()
    for file in sorted([*sql_dir.rglob("*.sql"), *sql_dir.rglob("*.yaml")]):
        digest.update(file.relative_to(sql_dir).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a published table is, and what each of its columns means."""

    title: str
    columns: Mapping[str, str]


def load_meanings(sql_dir: Path) -> dict[str, Meaning]:
    """The description of every published table.

    tables.yaml says what a table is and, where a column means something of its own there, what; columns.yaml says every
    other column once.
    """
    columns = yaml.safe_load((sql_dir / "columns.yaml").read_text(encoding="utf-8"))
    tables = yaml.safe_load((sql_dir / "tables.yaml").read_text(encoding="utf-8"))
    return {name: Meaning(entry["title"], {**columns, **entry.get("columns", {})}) for name, entry in tables.items()}
