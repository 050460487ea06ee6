"""One set of input tables through the models on two engines, and where their rows differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline import resources
from pipeline.warehouse import figures, models, spark

# Engines name and size whole and exact numbers differently; of these two families only the value counts.
FAMILIES = {"INTEGER": "whole", "BIGINT": "whole", "HUGEINT": "whole", "SMALLINT": "whole", "TINYINT": "whole"}
# The test's own choice: compiling to the last is worth it for large data only.
QUICK = {"spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false"}


def given_tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The input and rule tables that `con` holds."""
    shown = con.execute("SELECT table_name FROM information_schema.tables ORDER BY table_name").fetchall()
    return [name for (name,) in shown if name.startswith(("input_", "rule_"))]


def order(given: Sequence[str]) -> list[str]:
    """Every model and computed table, each after what it reads."""
    found = models.load_models(resources.SQL_DIR)
    return [n for n in models.in_order(found, {**dict.fromkeys(given, ()), **figures.AFTER}) if n not in given]


def on_duckdb(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Makes every model anew in `con`; their names, in order."""
    found = {model.name: model for model in models.load_models(resources.SQL_DIR)}
    made = order(given_tables(con))
    for name in made:
        con.execute(f"DROP TABLE IF EXISTS {name}")
        if name in figures.AFTER:
            figures.create(con, name)
        else:
            con.execute(f"CREATE TABLE {name} AS {found[name].sql}")
    return made


def on_spark(con: duckdb.DuckDBPyConnection, folder: Path) -> Mapping[str, Path]:
    """Hands the input tables of `con` to Spark as Parquet and runs every model there; where each result is."""
    given = given_tables(con)
    (folder / "given").mkdir(parents=True)
    for name in given:
        con.execute(f"COPY {name} TO '{folder}/given/{name}.parquet'")
    java = spark.configuration(folder / "spark")["spark.driver.extraJavaOptions"] + " -XX:TieredStopAtLevel=1"
    with spark.session(folder / "spark", settings={**QUICK, "spark.driver.extraJavaOptions": java}) as session:
        frames = {name: session.read.parquet(f"{folder}/given/{name}.parquet") for name in given}
        return spark.build(session, resources.SQL_DIR, frames, folder / "made")


def differences(con: duckdb.DuckDBPyConnection, name: str, place: Path) -> list[str]:
    """How Spark's rows of a table differ from those in `con`: columns, kinds of value, rows; empty when nowhere."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW of_spark AS SELECT * FROM read_parquet('{place}/*.parquet')")
    here, there = _columns(con, name), _columns(con, "of_spark")
    if list(here) != list(there):
        return [f"{name}: columns {sorted(set(here) ^ set(there)) or 'in another order'}"]
    kinds = [f"{name}.{c}: {here[c]} and {there[c]}" for c in here if _family(here[c]) != _family(there[c])]
    ours, theirs = f"SELECT * FROM {name}", f"SELECT {_cast(here)} FROM of_spark"
    lost, added = _count(con, f"{ours} EXCEPT ALL {theirs}"), _count(con, f"{theirs} EXCEPT ALL {ours}")
    if not lost and not added:
        return kinds
    differing = [
        c for c in here if _count(con, f"SELECT {c} FROM {name} EXCEPT ALL SELECT {_cast({c: here[c]})} FROM of_spark")
    ]
    return [
        *kinds,
        f"{name}: {lost} rows on DuckDB alone, {added} on Spark alone; columns that differ: {differing or 'none alone'}",
    ]


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute(f"DESCRIBE {table}").fetchall()}


def _family(kind: str) -> str:
    return "exact" if kind.startswith("DECIMAL") else FAMILIES.get(kind, kind)


def _cast(types: Mapping[str, str]) -> str:
    return ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in types.items())


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    rows: list[tuple[Any, ...]] = con.execute(f"SELECT count(*) FROM ({query})").fetchall()
    return int(rows[0][0])
