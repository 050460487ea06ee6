"""What `gm1 quarantine` lists: rows and files that wait, by whose move it is, from what is landed and what is built."""

import json
from pathlib import Path

import pytest
from intake_home import export, make_home, put, row

from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.arrivals import receipts
from pipeline.quarantine import quarantine, rows_of
from pipeline.settings import Settings
from pipeline.warehouse import build


def waiting_home(tmp_path: Path) -> tuple[Home, Settings]:
    """Two sound rows, one malformed, one torn, two that contradict each other, and a file nobody knows."""
    home, settings = make_home(tmp_path)
    rows = [row(), row("R0002", "A2"), row("X1"), "torn,row", row("R0003", "A3"), row("R0003", "A3", "1:1600")]
    put(home, "titres_1.csv", export(*rows))
    put(home, "notes.csv", export(row()))
    ingest(settings)
    return home, settings


def test_before_a_build_what_intake_set_aside_is_listed(tmp_path: Path) -> None:
    _, settings = waiting_home(tmp_path)
    found = quarantine(settings)
    assert found.is_warehouse_older
    assert found.rows_waiting == 2
    assert [(one.move, one.reason, one.rows) for one in found.reasons] == [
        ("sender", "titre_patient_well_formed", 1),
        ("sender", "too_few_columns", 1),
    ]
    (held,) = found.files
    assert (held.lab, held.file_name, held.reason, held.move, held.rows) == (
        "riverside", "notes.csv", "format_unknown", "engineer", 2,
    )  # fmt: skip
    assert "older" in found.as_text()


def test_after_a_build_what_versions_do_to_each_other_is_listed_too(tmp_path: Path) -> None:
    home, settings = waiting_home(tmp_path)
    build(settings)
    found = quarantine(settings)
    assert not found.is_warehouse_older
    assert [(one.move, one.reason, one.disposition, one.rows) for one in found.reasons] == [
        ("sender", "titre_patient_well_formed", "rejected", 1),
        ("sender", "too_few_columns", "rejected", 1),
        ("reviewer", "conflicting_values", "held", 2),
    ]
    received = receipts(home)
    assert {one.since for one in found.reasons} == {next(iter(received.values())).received_at}
    text = found.as_text()
    assert text.startswith("Held or rejected: 1 whole file and 4 rows of other files.")
    assert text.index("sending laboratory") < text.index("engineer's move") < text.index("A reviewer's move")
    assert "X1" not in text and "1:1600" not in text
    assert json.loads(json.dumps(found.as_dict()))["rows_waiting"] == 4
    put(home, "titres_2.csv", export(row("R0009", "A9"), row("X9")))
    ingest(settings)
    later = quarantine(settings)
    assert later.is_warehouse_older
    assert {one.reason: one.rows for one in later.reasons}["titre_patient_well_formed"] == 2
    assert {one.reason: len(one.exports) for one in later.reasons}["titre_patient_well_formed"] == 2


def test_the_rows_of_one_export(tmp_path: Path) -> None:
    _, settings = waiting_home(tmp_path)
    before = rows_of(settings, "riverside/titres_1.csv")
    assert [(one.place, one.reasons) for one in before.rows] == [
        ("row 4", ("titre_patient_well_formed",)),
        ("row 5", ("too_few_columns",)),
    ]
    build(settings)
    found = rows_of(settings, before.arrival_id[:6])
    assert [(one.place, one.disposition, one.reasons[0]) for one in found.rows] == [
        ("row 4", "rejected", "titre_patient_well_formed"),
        ("row 5", "rejected", "too_few_columns"),
        ("row 6", "held", "conflicting_values"),
        ("row 7", "held", "conflicting_values"),
    ]
    assert "row 6: held, conflicting_values" in found.as_text()
    assert "Ask the laboratory which holds." in found.as_text()
    held = rows_of(settings, "riverside/notes.csv")
    assert held.held is not None and held.rows == ()
    assert "held whole, 2 rows" in held.as_text()


def test_a_row_lists_every_check_it_broke(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("X1", result="what")))
    ingest(settings)
    broken = {"titre_patient_well_formed", "titre_result_word_declared"}
    assert set(rows_of(settings, "riverside/titres_1.csv").rows[0].reasons) == broken
    assert {one.reason for one in quarantine(settings).reasons} == broken
    assert quarantine(settings).rows_waiting == 1
    build(settings)
    assert {one.reason for one in quarantine(settings).reasons} == broken


def test_one_laboratory(tmp_path: Path) -> None:
    home, settings = waiting_home(tmp_path)
    put(home, "strange.csv", export(row()), lab="lakeside")
    ingest(settings)
    assert [one.lab for one in quarantine(settings, "lakeside").files] == ["lakeside"]
    assert quarantine(settings, "lakeside").reasons == ()
    assert len(quarantine(settings).files) == 2


def test_an_export_is_named_without_doubt(tmp_path: Path) -> None:
    home, settings = waiting_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0008", "A8")))
    ingest(settings)
    with pytest.raises(UsageError, match="2 exports are meant"):
        rows_of(settings, "riverside/titres_1.csv")
    with pytest.raises(UsageError, match="no such export"):
        rows_of(settings, "riverside/other.csv")
    for arrival_id in receipts(home):
        assert rows_of(settings, arrival_id).arrival_id == arrival_id


def test_an_empty_home_waits_for_nothing(tmp_path: Path) -> None:
    _, settings = make_home(tmp_path)
    assert quarantine(settings).as_text() == "Held or rejected: 0 whole files and 0 rows of other files."
