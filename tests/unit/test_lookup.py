"""From a pseudonym back to the identifier: with the key only, recorded, and never written down."""

import json
import secrets
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from intake_home import FORMAT, export, make_home, put, row

from pipeline.cli import cli
from pipeline.errors import SettingsError, UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.lookup import Identity, lookup
from pipeline.status import status


def keys(home: Home) -> list[str]:
    query = "SELECT patient_key FROM read_parquet(?) WHERE patient_key IS NOT NULL ORDER BY arrival_id, row_number"
    files = str(home.landed / "titre" / "*.parquet")
    return list(dict.fromkeys(key for (key,) in duckdb.connect().execute(query, [files]).fetchall()))


def test_the_identifier_behind_a_pseudonym(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001"), "", "torn", row("R0002", "A2"), row("R0001", "A3")))
    ingest(settings)
    first, second = keys(home)
    assert lookup(settings, first, "A. Doctor", "the patient asked") == (Identity("R0001", "riverside"),)
    assert lookup(settings, second, "A. Doctor", "the patient asked") == (Identity("R0002", "riverside"),)
    records = [json.loads(path.read_text()) for path in sorted(home.reviews.glob("*.json"))]
    assert {one["kind"] for one in records} == {"lookup"}
    assert sorted(one["pseudonym"] for one in records) == sorted([first, second])
    assert {(one["decided_by"], one["why"]) for one in records} == {("A. Doctor", "the patient asked")}
    written = "".join(path.read_text() for path in home.reviews.glob("*.json"))
    assert "R0001" not in written and "R0002" not in written
    assert not list(home.root.glob(".intake-*"))
    assert status(settings).decisions == {"lookup": 2}


def test_the_command_prints_identifier_and_namespace(tmp_path: Path) -> None:
    home, settings = make_home(
        tmp_path, FORMAT.replace("namespace: riverside", "site: rivertown, pseudonym_version: '2'")
    )
    put(home, "titres_1.csv", export(row("R0001")))
    ingest(settings)
    (key,) = keys(home)
    environment = {"GM1_LABS_DIR": str(settings.labs_dirs[0])}
    call = ["lookup", key, "--by", "A. Doctor", "--why", "a reason", "--home", str(home.root)]
    done = CliRunner().invoke(cli, call, env=environment)
    assert done.exit_code == 0, done.output
    assert done.output == "R0001\trivertown/2\n"


def test_without_the_key_nothing_is_told(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001")))
    ingest(settings)
    (key,) = keys(home)
    home.key_file.rename(tmp_path / "elsewhere.key")
    with pytest.raises(SettingsError, match="the pseudonym key is missing"):
        lookup(settings, key, "A. Doctor", "a reason")
    other = tmp_path / "other.key"
    other.write_text(secrets.token_hex(32))
    with pytest.raises(SettingsError, match="not the pseudonym key this home was made with"):
        lookup(replace(settings, pseudonym_key_file=other), key, "A. Doctor", "a reason")
    assert not list(home.reviews.glob("*.json"))
    assert "MISSING" in status(settings).as_text()
    assert "NOT the key" in status(replace(settings, pseudonym_key_file=other)).as_text()


def test_without_the_key_nothing_is_received_or_landed(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001")))
    home.key_file.rename(tmp_path / "elsewhere.key")
    with pytest.raises(SettingsError, match="a new key would start a second set of pseudonyms"):
        ingest(settings)
    other = tmp_path / "other.key"
    other.write_text(secrets.token_hex(32))
    with pytest.raises(SettingsError, match="not the pseudonym key"):
        ingest(replace(settings, pseudonym_key_file=other))
    for folder in (home.archive, home.receipts, home.landed, home.quarantine):
        assert not [path for path in folder.rglob("*") if path.is_file()]
    assert ingest(replace(settings, pseudonym_key_file=tmp_path / "elsewhere.key")).exports_new == 1


def test_what_cannot_be_answered_says_why(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001")))
    ingest(settings)
    with pytest.raises(UsageError, match="expected a patient key"):
        lookup(settings, "R0001", "A. Doctor", "a reason")
    with pytest.raises(UsageError, match="needs a name and a reason"):
        lookup(settings, "p" + "0" * 20, "", "a reason")
    assert not list(home.reviews.glob("*.json"))
    with pytest.raises(UsageError, match="no archived export bears it"):
        lookup(settings, "p" + "0" * 20, "A. Doctor", "a reason")
    assert len(list(home.reviews.glob("*.json"))) == 1
