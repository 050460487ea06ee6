"""Taking archived exports in again: new generations beside the old, and what they change."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import FORMAT, export, make_home, put, row

from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.generations import landed
from pipeline.replay import replay
from pipeline.settings import Settings
from pipeline.warehouse import generations

# what a mapping looks like that somebody got wrong, and notices after landing
WRONG = FORMAT.replace("specimen: serum", "specimen: CSF").replace("F: final", "F: preliminary")


def mistaken_home(tmp_path: Path) -> tuple[Home, Settings]:
    """Two exports landed under a wrong YAML, which has been corrected since."""
    home, settings = make_home(tmp_path, WRONG)
    put(home, "titres_1.csv", export(row(), row("R0002", "A2"), row("X1")))
    put(home, "titres_2.csv", export(row("R0003", "A3", status="C")))
    ingest(settings)
    (settings.labs_dirs[0] / "0.yaml").write_text(FORMAT)
    return home, settings


def state(home: Home) -> dict[str, bytes]:
    return {
        str(path.relative_to(home.root)): path.read_bytes()
        for folder in (home.archive, home.receipts, home.landed, home.quarantine)
        for path in folder.rglob("*")
        if path.is_file()
    }


def statuses(home: Home) -> list[tuple[Any, ...]]:
    """Status and specimen of every landed record that counts."""
    rows = []
    for arrival in generations.counted(home).arrivals:
        path = home.landed / "titre" / f"{arrival.batch}.parquet"
        query = "SELECT row_number, status, specimen FROM read_parquet(?) WHERE arrival_id = ? ORDER BY ALL"
        rows += duckdb.connect().execute(query, [str(path), arrival.arrival_id]).fetchall()
    return sorted(rows)


def test_a_mapping_is_mended_after_landing(tmp_path: Path) -> None:
    home, settings = mistaken_home(tmp_path)
    before, bytes_before = landed(home), state(home)
    assert (2, "preliminary", "CSF") in statuses(home)
    done = replay(settings)
    assert not done.is_dry_run
    first, second = sorted(done.exports, key=lambda one: one.export)
    assert first.changes.columns == {"specimen": 3, "status": 3}
    assert second.changes.columns == {"specimen": 1}
    assert first.changes.dispositions == {"accepted": (2, 2), "rejected": (1, 1), "layout": (1, 1)}
    assert statuses(home) == [
        (2, "corrected", "serum"),
        (2, "final", "serum"),
        (3, "final", "serum"),
        (4, "final", "serum"),
    ]
    after = landed(home)
    for arrival_id, made in before.items():
        assert made.generation_at < after[arrival_id].generation_at
        assert made.batch != after[arrival_id].batch
    kept = state(home)
    assert {
        name: content for name, content in bytes_before.items() if not name.startswith("quarantine")
    }.items() <= kept.items()
    text = done.as_text()
    assert "2 exports taken in again; 2 of them change." in text
    assert "status: changed in 3 records" in text
    assert "R0002" not in text and "CSF" not in text and "preliminary" not in text


def test_a_dry_run_shows_the_same_and_lands_nothing(tmp_path: Path) -> None:
    home, settings = mistaken_home(tmp_path)
    before = state(home)
    tried = replay(settings, is_dry_run=True)
    assert state(home) == before
    assert not list(home.root.glob(".intake-*"))
    assert "would be taken in again" in tried.as_text()
    assert tried.exports == replay(settings).exports


def test_two_generations_of_one_second_do_not_share_a_file(tmp_path: Path) -> None:
    home, settings = mistaken_home(tmp_path)
    for _ in range(3):
        replay(settings)
    assert len(list(home.landed.glob("*.manifest.json"))) == 4
    assert len(list((home.landed / "titre").glob("*.parquet"))) == 4
    again = replay(settings)
    assert not any(one.changes.is_any for one in again.exports)
    assert "0 of them change" in again.as_text()


def test_only_the_named_exports(tmp_path: Path) -> None:
    home, settings = mistaken_home(tmp_path)
    (done,) = replay(settings, exports=["riverside/titres_2.csv"]).exports
    assert done.export == "riverside/titres_2.csv"
    assert (2, "preliminary", "CSF") in statuses(home)
    with pytest.raises(UsageError, match="nothing to take in again"):
        replay(settings, lab="lakeside")
    with pytest.raises(UsageError, match="no such export"):
        replay(settings, exports=["riverside/other.csv"])
    with pytest.raises(UsageError, match="nothing to take in again"):
        replay(settings, lab="lakeside", exports=["riverside/titres_2.csv"])


def test_a_file_that_is_recognised_now_says_so(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "results_1.csv", export(row(), row("R0002", "A2")))
    ingest(settings)
    (settings.labs_dirs[0] / "0.yaml").write_text(FORMAT.replace("titres_*", "results_*"))
    (done,) = replay(settings, is_dry_run=True).exports
    assert (done.held_before, done.held_after) == ("format_unknown", None)
    assert done.changes.dispositions == {"accepted": (0, 2), "held": (3, 0), "layout": (0, 1)}
    assert (done.changes.records_gone, done.changes.records_new) == (0, 2)


def test_the_inbox_is_left_alone(tmp_path: Path) -> None:
    home, settings = mistaken_home(tmp_path)
    put(home, "titres_3.csv", export(row("R0004", "A4")))
    assert len(replay(settings).exports) == 2
    assert len(list(home.receipts.glob("*.json"))) == 2
