"""Intake from inbox to landed files: what is landed, what is held, what a second run does, what a lost row does."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import FORMAT, export, make_home, put, row

from pipeline import ingest as intake
from pipeline.errors import PublicationStopped, SettingsError
from pipeline.home import Home
from pipeline.ingest import check_file, ingest, land, loading, waiting_labs
from pipeline.readers import load


def manifests(home: Home) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(home.landed.glob("*.manifest.json"))]


def landed(home: Home, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    if not list((home.landed / table).glob("*.parquet")):
        return []
    query = f"SELECT {columns} FROM read_parquet($files) ORDER BY arrival_id, row_number"
    return duckdb.connect().execute(query, {"files": str(home.landed / table / "*.parquet")}).fetchall()


def state(home: Home) -> dict[str, bytes]:
    """Every file of the home that must not change by another run, by its path."""
    files = [
        path for folder in (home.archive, home.receipts, home.landed, home.quarantine) for path in folder.rglob("*")
    ]
    return {str(path.relative_to(home.root)): path.read_bytes() for path in files if path.is_file()}


def test_every_row_ends_in_one_disposition(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    rows = [row(), row("QC_1"), row(test="GD1A"), row("X1"), "torn,row", "", row("R0002", "A2", "14:20:00", status="Z")]
    put(home, "titres_1.csv", export(*rows))
    summary = ingest(settings)
    assert (summary.exports_new, summary.rows) == (1, 8)
    counted = (
        summary.rows_accepted,
        summary.rows_excluded,
        summary.rows_rejected,
        summary.rows_layout,
        summary.rows_held,
    )
    assert counted == (1, 2, 3, 2, 0)
    dispositions = landed(home, "titre", "row_number, intake_disposition, intake_reason")
    assert dispositions == [
        (2, None, None),
        (3, "excluded", "control"),
        (4, "excluded", "other_analyte"),
        (5, "rejected", "titre_patient_well_formed"),
        (8, "rejected", "titre_status_known"),
    ]
    entries = landed(home, "row", "row_number, intake_disposition, intake_reason")
    assert entries == [(1, "layout", "header"), (6, "rejected", "too_few_columns"), (7, "layout", "blank")]
    failed = {check_id for _, check_id in landed(home, "check_failure", "row_number, check_id") if check_id}
    assert {"titre_patient_well_formed", "titre_result_not_spreadsheet", "titre_status_known"} <= failed
    (manifest,) = manifests(home)
    assert manifest["arrivals"][0]["rows"] == {"titre": 5, "ncs_site": 0, "ncs_study": 0, "row": 3}
    assert manifest["arrivals"][0]["rows_counted"] == 8
    reasons = next(home.quarantine.glob("*/reasons.csv")).read_text()
    assert "5,1,row 5,rejected,titre_patient_well_formed,critical," in reasons
    assert "X1" not in reasons
    assert "14:20" not in reasons


def test_no_identifier_is_landed(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001"), row("R0001", "A2"), row("R0002", "A3")))
    ingest(settings)
    keys = [key for (key,) in landed(home, "titre", "patient_key")]
    assert keys[0] == keys[1] != keys[2]
    everything = [str(value) for line in landed(home, "titre") for value in line]
    assert not {"R0001", "R0002"} & set(everything)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    put(home, "titres_1_copy.csv", export(row()))
    assert waiting_labs(settings) == ["riverside"]
    first = ingest(settings)
    assert (first.exports_new, first.exports_seen) == (1, 1)
    before = state(home)
    put(home, "titres_2.csv", export(row()))
    second = ingest(settings)
    assert (second.exports_new, second.exports_seen, second.rows) == (0, 3, 0)
    assert state(home) == before
    assert not list(home.root.glob(".intake-*"))


def test_what_was_cut_off_is_done_again(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), row("bad")))
    ingest(settings)
    before = state(home)
    (manifest,) = home.landed.glob("*.manifest.json")
    manifest.unlink()
    (home.landed / "titre" / manifest.name.replace(".manifest.json", ".parquet")).write_bytes(b"torn")
    assert waiting_labs(settings) == ["riverside"]
    ingest(settings)
    after = state(home)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= {f"landed/{manifest.name}"}
    assert waiting_labs(settings) == []


def test_the_same_bytes_of_another_laboratory_are_another_arrival(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, FORMAT.replace("riverside", "lakeside").replace("RIV", "LAKE"))
    put(home, "titres_1.csv", export(row()))
    put(home, "titres_1.csv", export(row()), lab="lakeside")
    put(home, "unknown.csv", export(row()), lab="brookside")
    summary = ingest(settings)
    assert (summary.exports_new, summary.exports_held) == (3, 1)
    assert len(list(home.archive.glob("??/*"))) == 1
    assert len({key for (key,) in landed(home, "titre", "patient_key")}) == 2


def test_a_held_file_is_tried_again_when_the_formats_change(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "results_1.csv", export(row()))
    held = ingest(settings)
    assert (held.exports_held, held.rows_held) == (1, 2)
    assert manifests(home)[0]["arrivals"][0]["held_reason"] == "format_unknown"
    assert ingest(settings).rows == 0
    (settings.labs_dirs[0] / "0.yaml").write_text(FORMAT.replace("titres_*", "results_*"))
    assert waiting_labs(settings) == ["riverside"]
    again = ingest(settings)
    assert (again.exports_tried_again, again.exports_held, again.rows_accepted) == (1, 0, 1)
    first, second = sorted(manifests(home), key=lambda manifest: manifest["generation_at"])
    assert first["generation_at"] < second["generation_at"]
    assert second["arrivals"][0]["held_reason"] is None
    assert ingest(settings).rows == 0


def test_a_demo_home_dates_by_the_files_times(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    config = json.loads((home.root / "home.json").read_text()) | {"arrival_time": "file"}
    (home.root / "home.json").write_text(json.dumps(config))
    path = put(home, "titres_1.csv", export(row()))
    os.utime(path, (1710000000, 1710000000))
    ingest(settings)
    receipt = json.loads(next(home.receipts.glob("*.json")).read_text())
    assert receipt["received_at"] == manifests(home)[0]["generation_at"] == "2024-03-09T16:00:00Z"
    assert str(landed(home, "titre", "arrived_on")[0][0]) == "2024-03-09"


def test_what_is_no_export_is_named_and_left(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    path = put(home, "titres_1.csv", export(row()))
    put(home, ".hidden", "x")
    put(home, "titres_2.csv.part", "x")
    (home.inbox / "riverside" / "link.csv").symlink_to(path)
    (home.inbox / "riverside" / "folder").mkdir()
    (home.inbox / "loose.csv").write_text("x")
    summary = ingest(settings)
    assert summary.exports_new == 1
    named = " ".join(summary.warnings)
    assert all(name in named for name in (".hidden", "titres_2.csv.part", "link.csv", "folder", "loose.csv"))
    assert [path.stat().st_mode & 0o777 for path in home.archive.glob("??/*")] == [0o600]


def test_an_unreadable_file_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    put(home, "titres_2.csv", export(row(accession="A2")))
    opened = os.open

    def failing(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("titres_1.csv"):
            raise OSError(5, "Input/output error")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", failing)
    summary = ingest(settings)
    assert (summary.exports_new, summary.rows_accepted) == (1, 1)
    assert len(summary.errors) == 1
    assert "inbox/riverside/titres_1.csv" in summary.errors[0]


def lose_the_row_of(accession: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that loses one row of one file."""

    def losing(connection: Any, table: str, select: str, files: Sequence[Any], *others: Any) -> Any:
        loaded = load(connection, table, select, files, *others)
        for at in range(len(files)):
            connection.execute(f"DELETE FROM {table} WHERE file = {at} AND accession = '{accession}'")
        return loaded

    monkeypatch.setattr(loading, "load", losing)


def test_a_reader_that_loses_a_row_stops_that_export_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), row(accession="LOST")))
    put(home, "titres_2.csv", export(row(accession="A2")))
    lose_the_row_of("LOST", monkeypatch)
    with pytest.raises(PublicationStopped, match=r"riverside/titres_1\.csv: 3 rows by its bytes, 2 rows accounted for"):
        ingest(settings)
    assert [entry["rows_counted"] for manifest in manifests(home) for entry in manifest["arrivals"]] == [2]
    assert landed(home, "titre", "accession") == [("A2",)]
    monkeypatch.undo()
    assert ingest(settings).rows == 3


def test_a_row_lost_on_the_way_to_the_landed_file_stops_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), row(accession="A2")))
    monkeypatch.setitem(land.SOURCES, "titre", "(SELECT * FROM titre WHERE row_number = 2)")
    with pytest.raises(PublicationStopped, match="3 rows by its bytes, 2 rows accounted for"):
        ingest(settings)
    assert manifests(home) == []


def test_a_broken_yaml_stops_before_anything_is_taken_in(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT + "extra: 1\n")
    put(home, "titres_1.csv", export(row()))
    with pytest.raises(SettingsError, match=r"0\.yaml"):
        ingest(settings)
    assert not list(home.receipts.iterdir())


def test_check_file_lands_nothing_and_names_rows(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    path = put(home, "titres_1.csv", export(row(), row("X1"), "torn"))
    before = state(home)
    report = check_file(settings, path, "riverside")
    assert report.format_id == "riverside_titres"
    assert report.rows_by_disposition == {"accepted": 1, "layout": 1, "rejected": 2}
    assert [(one.row_number, one.check_or_reason) for one in report.reasons] == [
        (3, "titre_patient_well_formed"),
        (4, "too_few_columns"),
    ]
    assert report.is_refused
    assert "row 3: rejected, titre_patient_well_formed" in report.as_text()
    assert "X1" not in json.dumps(report.as_dict())
    assert state(home) == before
    assert not check_file(settings, put(home, "titres_2.csv", export(row())), "riverside").is_refused
    assert check_file(settings, path, "nobody").held_reason == "format_unknown"


def test_the_public_names_are_the_packages(tmp_path: Path) -> None:
    assert {"ingest", "waiting_labs", "check_file"} <= set(intake.__all__)
    fields: Mapping[str, Any] = intake.IngestSummary().as_dict()
    assert {"exports_new", "exports_seen", "exports_held", "rows", "rows_rejected"} <= set(fields)
