"""Everything made anew from the archive: verified first, compared afterwards."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from intake_home import FORMAT, export, make_home, put, row

from pipeline.errors import PublicationStopped, SettingsError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.generations import landed
from pipeline.quarantine import quarantine, release
from pipeline.replay import check_same, rebuild, replay
from pipeline.report import report
from pipeline.settings import Settings
from pipeline.warehouse import build

FOOTED = FORMAT.replace(
    'date: "%Y-%m-%d"}', 'date: "%Y-%m-%d", footer: {matches: "^Total", stated_rows: "^Total ([0-9]+)"}}'
)
STAMP = ("run_id", "generated_at")


def decided_home(tmp_path: Path) -> tuple[Home, Settings]:
    """Two exports of one batch, one of them released as a whole and with a decided conflict; built and reported."""
    home, settings = make_home(tmp_path, FOOTED)
    put(home, "titres_1.csv", export(row(), row(result="1:1600"), row("R0002", "A2"), row("X1")) + "Total 9\n")
    put(home, "titres_2.csv", export(row("R0005", "A5"), row("X2")) + "Total 2\n")
    ingest(settings)
    release(settings, "riverside/titres_1.csv", "use", "A. Reviewer", "the total counts repeats")
    ingest(settings)
    build(settings)
    release(settings, "riverside/titres_1.csv", "use", "A. Reviewer", "asked the laboratory", row_number=3)
    build(settings)
    report(settings)
    return home, settings


def latest_report(home: Home) -> dict[str, Any]:
    file = max(home.reports.glob("*/report.json"), key=lambda path: path.stat().st_mtime_ns)
    content: dict[str, Any] = json.loads(file.read_text())
    return {name: value for name, value in content.items() if name not in STAMP}


def test_everything_but_archive_and_receipts_can_be_lost(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    wanted, warehouse = latest_report(home), home.warehouse_file.read_bytes()
    for folder in (home.landed, home.quarantine, home.feedback, home.validation, home.reports, home.runs, home.inbox):
        shutil.rmtree(folder)
        folder.mkdir()
    home.warehouse_file.write_bytes(warehouse)
    done = rebuild(settings)
    assert done.exports == 2
    assert set(done.tables.values()) == {"equals"}, done.differing
    assert done.built_by_others == ()
    check_same(done)
    assert latest_report(home) == wanted
    assert quarantine(settings).rows_waiting == 3
    shutil.rmtree(home.landed)
    shutil.rmtree(home.warehouse_file.parent)
    first = rebuild(settings)
    assert first.tables == {}
    assert "no warehouse before" in first.as_text()
    assert latest_report(home) == wanted


def test_a_rebuild_adds_generations_and_changes_nothing(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    # by itself, so that its first batch counts no longer as a whole
    replay(settings, exports=["riverside/titres_2.csv"])
    build(settings)
    before, kept = landed(home), {path.name for path in home.landed.glob("*.json")}
    done = rebuild(settings)
    assert set(done.tables.values()) == {"equals"}, done.differing
    after = landed(home)
    assert all(made.generation_at < after[arrival_id].generation_at for arrival_id, made in before.items())
    assert kept < {path.name for path in home.landed.glob("*.json")}


def test_a_difference_is_named(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    ingest(settings)
    build(settings)
    (settings.labs_dirs[0] / "0.yaml").write_text(FORMAT.replace("specimen: serum", "specimen: CSF"))
    done = rebuild(settings)
    assert "mart_result" in done.differing
    assert "mart_reconciliation" not in done.differing
    assert done.built_by_others == ("labs_sha256",)
    assert "mart_result" in done.as_text()
    with pytest.raises(PublicationStopped, match=r"differs in .*mart_result.*labs_sha256"):
        check_same(done)


@pytest.mark.parametrize("damage", ["missing", "shorter", "altered", "receipt"])
def test_damaged_archives_are_told_before_anything_changes(tmp_path: Path, damage: str) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    ingest(settings)
    (receipt,) = home.receipts.glob("*.json")
    content = json.loads(receipt.read_text())
    path = home.archive_path(content["sha256"])
    before = landed(home)
    if damage == "missing":
        path.unlink()
    elif damage == "shorter":
        path.write_bytes(path.read_bytes()[:-1])
    elif damage == "altered":
        path.write_bytes(path.read_bytes().replace(b"800", b"900"))
    else:
        receipt.write_text(json.dumps(content | {"lab": "lakeside"}))
    with pytest.raises(SettingsError, match=r"titres_1\.csv .*restore these from the backup, nothing was changed"):
        rebuild(settings)
    assert landed(home) == before
    assert not home.warehouse_file.exists()
