"""The models give the same rows on Apache Spark as on DuckDB, for every kind of record and at every edge we invent."""

from pathlib import Path

import engines
import pytest
from rich_inputs import rich_inputs

from pipeline.warehouse import spark


def test_the_models_give_the_same_rows_on_both_engines(tmp_path: Path) -> None:
    if lacks := spark.missing():
        pytest.skip(lacks)
    con = rich_inputs(tmp_path)
    made = engines.on_duckdb(con)
    # what is compared on nothing is not compared
    assert [name for name in made if con.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)] == []
    places = engines.on_spark(con, tmp_path / "spark")
    assert list(places) == made
    found = [line for name in made for line in engines.differences(con, name, places[name])]
    assert not found, "the engines differ\n" + "\n".join(found)
