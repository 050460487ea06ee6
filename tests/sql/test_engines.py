"""The comparison of two engines sees a changed digit, a lost row, a row twice, another column and another kind of value."""

from pathlib import Path

import duckdb
import engines
import pytest

OURS = "SELECT * FROM (VALUES (1, 0.1::DOUBLE, 'a'), (2, 0.3::DOUBLE, NULL)) v(n, x, t)"


@pytest.mark.parametrize(
    ("theirs", "differs"),
    [
        (OURS, ""),
        ("SELECT n::BIGINT AS n, x, t FROM ours", ""),
        ("SELECT n, CASE WHEN n = 2 THEN 0.1::DOUBLE + 0.2::DOUBLE ELSE x END AS x, t FROM ours", "['x']"),
        ("SELECT * FROM ours WHERE n = 1", "1 rows on DuckDB alone, 0"),
        ("SELECT * FROM ours UNION ALL SELECT * FROM ours WHERE n = 1", "0 rows on DuckDB alone, 1"),
        ("SELECT n, x, coalesce(t, '') AS t FROM ours", "['t']"),
        ("SELECT n, x FROM ours", "columns ['t']"),
        ("SELECT x, n, t FROM ours", "another order"),
        ("SELECT n, x::DECIMAL(9, 1) AS x, t FROM ours", "ours.x: DOUBLE and DECIMAL(9,1)"),
    ],
)
def test_what_differs_is_named(tmp_path: Path, theirs: str, differs: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE ours AS {OURS}")
        con.execute(f"COPY ({theirs}) TO '{tmp_path}/part.parquet'")
        found = engines.differences(con, "ours", tmp_path)
    assert differs in "; ".join(found)
    assert bool(found) is bool(differs)
