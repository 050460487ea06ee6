"""One export that cannot be taken in stops no other, now or later."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import export, make_home, put, row

from pipeline.errors import PublicationStopped, SettingsError
from pipeline.home import Home
from pipeline.ingest import ingest, intake, loading, member, waiting_labs
from pipeline.ingest.arrivals import find, receipts
from pipeline.ingest.generations import landed
from pipeline.quarantine import quarantine, rows_of
from pipeline.readers import load
from pipeline.settings import Settings
from pipeline.status import status


def three(tmp_path: Path) -> tuple[Home, Settings]:
    home, settings = make_home(tmp_path)
    for number in (1, 2, 3):
        put(home, f"titres_{number}.csv", export(row(accession=f"A{number}")))
    return home, settings


def fail_for(accession: str, fault: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that fails for a batch that holds this accession."""

    def failing(connection: Any, table: str, select: str, files: Sequence[Any], *others: Any) -> Any:
        loaded = load(connection, table, select, files, *others)
        if connection.execute(f"SELECT 1 FROM {table} WHERE accession = '{accession}'").fetchone():
            raise fault()
        return loaded

    monkeypatch.setattr(loading, "load", failing)


def names(home: Home) -> set[str]:
    made = landed(home)
    return {one.file_name for one in receipts(home).values() if one.arrival_id in made}


@pytest.mark.parametrize("fault", [ValueError, duckdb.ParserException, OSError])
def test_a_fault_stops_that_export_alone(
    fault: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = three(tmp_path)
    with monkeypatch.context() as patched:
        fail_for("A2", lambda: fault("a fault of ours"), patched)
        with pytest.raises(fault, match="a fault of ours") as raised:
            ingest(settings)
        assert any("riverside/titres_2.csv: could not be taken in" in note for note in raised.value.__notes__)
        assert names(home) == {"titres_1.csv", "titres_3.csv"}
        put(home, "titres_4.csv", export(row(accession="A4")))
        with pytest.raises(fault):
            ingest(settings)
    assert names(home) == {"titres_1.csv", "titres_3.csv", "titres_4.csv"}
    (waiting,) = quarantine(settings).files
    assert (waiting.file_name, waiting.reason, waiting.move) == ("titres_2.csv", "not_taken_in", "engineer")
    assert "received, not landed" in quarantine(settings).as_text()
    assert "could not be taken in" in rows_of(settings, "riverside/titres_2.csv").as_text()
    assert quarantine(settings, "lakeside").files == ()
    assert status(settings).files_held == 1
    assert waiting_labs(settings) == ["riverside"]
    assert ingest(settings).rows_accepted == 1
    assert quarantine(settings).files == ()


def test_rows_that_do_not_add_up_stop_that_export_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = three(tmp_path)
    said = "riverside/titres_2.csv: 2 rows by its bytes, 1 rows accounted for"
    fail_for("A2", lambda: PublicationStopped(said), monkeypatch)
    with pytest.raises(PublicationStopped) as raised:
        ingest(settings)
    assert str(raised.value) == f"{said}; nothing of it was landed, every other export was"
    assert names(home) == {"titres_1.csv", "titres_3.csv"}
    assert [one.file_name for one in quarantine(settings).files] == ["titres_2.csv"]


def test_an_examination_that_fails_stops_that_export_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = three(tmp_path)
    bad = "titres_1.csv"
    sound = member.examine

    def failing(arrival: Any, *others: Any) -> Any:
        if arrival.file_name == bad:
            raise UnicodeError("unexpected")
        return sound(arrival, *others)

    monkeypatch.setattr(intake, "examine", failing)
    with pytest.raises(UnicodeError):
        ingest(settings)
    assert names(home) == {"titres_2.csv", "titres_3.csv"}
    assert find(home, f"riverside/{bad}").arrival_id not in landed(home)


def test_what_every_export_would_meet_is_raised_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = three(tmp_path)
    calls = []

    def unsound(*_: Any) -> Any:
        calls.append(1)
        raise SettingsError("checks are unsound")

    monkeypatch.setattr(intake, "check_batch", unsound)
    with pytest.raises(SettingsError):
        ingest(settings)
    assert len(calls) == 1 and names(home) == set()
