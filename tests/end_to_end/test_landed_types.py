"""Every landed file has the columns and types of records.py, also where no row of the batch fills a column."""

from pathlib import Path

import duckdb

from pipeline.demo import prepare
from pipeline.home import Home
from pipeline.records import LANDED
from pipeline.run import run
from pipeline.settings import Settings

HEADER = "Patient,Accession,Test,Collected,Received,Reported,Result,Units,Flag,Status,Performed by,Remark"
ROW = "EX900001,K1,GM1-IGM,2025-03-01,2025-03-02,2025-03-05 10:00,60,IV,,F,XXX,"


def test_a_batch_without_words_lands_with_the_types_of_every_other(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "home", {})
    inbox = Home.create(settings.home, demo=True).inbox / "marlow"
    inbox.mkdir()
    (inbox / "MRL_results_one.csv").write_text(f"{HEADER}\n{ROW}\n")
    run(settings)
    prepare(settings)
    run(settings)
    files = sorted((settings.home / "landed").glob("*/*.parquet"))
    assert len({file.parent.name for file in files}) == len(LANDED)
    for file in files:
        columns = duckdb.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
        assert {name: kind for name, kind, *_ in columns} == dict(LANDED[file.parent.name]), file
