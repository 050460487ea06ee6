"""A home outlives its columns: files that were landed before a column existed are read, and state nothing in it."""

from pathlib import Path

import duckdb

from pipeline.home import Home
from pipeline.records import LANDED
from pipeline.warehouse import inputs


def test_a_file_without_a_newer_column_is_read_beside_one_that_has_it(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home", demo=True)
    folder = home.landed / "ncs_site"
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    for batch, left_out in (("older", {"velocity_m_per_s", "study_kind"}), ("newer", set())):
        given = {name: kind for name, kind in LANDED["ncs_site"].items() if name not in left_out}
        values = {"arrival_id": f"'{batch}'", "row_number": "1", "slot": "1", "velocity_m_per_s": "55"}
        listed = ", ".join(f"CAST({values.get(name, 'NULL')} AS {kind}) AS {name}" for name, kind in given.items())
        con.execute(f"COPY (SELECT {listed}) TO '{folder / batch}.parquet' (FORMAT parquet)")
    known = [{"arrival_position": n, "arrival_id": name, "batch": name} for n, name in enumerate(("older", "newer"))]
    inputs.table_from_rows(con, "input_arrival", inputs.ARRIVAL_TYPES, known)
    inputs._landed_view(con, [home.landed], "ncs_site", LANDED["ncs_site"], {"older", "newer"})
    rows = con.execute("SELECT arrival_id, velocity_m_per_s FROM input_ncs_site ORDER BY row_id").fetchall()
    assert [(arrival, velocity and float(velocity)) for arrival, velocity in rows] == [("older", None), ("newer", 55.0)]
