"""A home is made once, is private where it must be, and refuses another key."""

import json
import stat
from pathlib import Path

import pytest

from pipeline import home
from pipeline.errors import SettingsError
from pipeline.home import Home, write_json_once
from pipeline.settings import Settings


def opened(root: Path, **environ: str) -> Settings:
    return Settings.load(root, environ)


def test_a_home_is_made_with_its_folders_and_a_private_key(tmp_path: Path) -> None:
    made = Home.create(tmp_path / "home")
    assert all((made.root / folder).is_dir() for folder in home.FOLDERS)
    assert stat.S_IMODE(made.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.archive.stat().st_mode) == stat.S_IMODE(made.keys.stat().st_mode) == 0o700
    assert made.config["schema_version"] == 1
    assert made.config["arrival_time"] == "clock"
    assert len(made.pseudonym_key(opened(made.root))) == 32


def test_two_homes_have_two_keys_and_demo_homes_the_published_one(tmp_path: Path) -> None:
    one, two, demo = Home.create(tmp_path / "1"), Home.create(tmp_path / "2"), Home.create(tmp_path / "d", demo=True)
    assert one.pseudonym_key(opened(one.root)) != two.pseudonym_key(opened(two.root))
    assert demo.pseudonym_key(opened(demo.root)).hex() == home.DEMO_PSEUDONYM_KEY


def test_making_a_home_again_changes_nothing(tmp_path: Path) -> None:
    made = Home.create(tmp_path / "home")
    before = (made.key_file.read_bytes(), (made.root / "home.json").read_bytes())
    Home.create(tmp_path / "home")
    assert (made.key_file.read_bytes(), (made.root / "home.json").read_bytes()) == before


def test_a_lost_or_foreign_key_is_refused_and_never_replaced(tmp_path: Path) -> None:
    made = Home.create(tmp_path / "home")
    made.key_file.write_text("ab" * 32)
    with pytest.raises(SettingsError, match="not the pseudonym key this home was made with"):
        made.pseudonym_key(opened(made.root))
    made.key_file.unlink()
    with pytest.raises(SettingsError, match="restore it from the backup"):
        made.pseudonym_key(opened(made.root))
    assert not made.key_file.exists()
    made.key_file.write_text("short")
    with pytest.raises(SettingsError, match="64 hex digits"):
        made.pseudonym_key(opened(made.root))


def test_a_key_kept_elsewhere_is_not_copied_into_the_home(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("cd" * 32)
    made = Home.create(tmp_path / "home", key_file=key)
    assert not made.key_file.exists()
    assert made.pseudonym_key(opened(made.root, GM1_PSEUDONYM_KEY_FILE=str(key))).hex() == "cd" * 32


def test_a_missing_home_a_newer_home_and_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gm1 init"):
        Home.open(opened(tmp_path / "nowhere"))
    made = Home.create(tmp_path / "home")
    config = json.loads((made.root / "home.json").read_text())
    (made.root / "home.json").write_text(json.dumps({**config, "schema_version": 2}))
    with pytest.raises(SettingsError, match="newer gm1-pipeline"):
        Home.open(opened(made.root))
    (made.root / "home.json").write_text("{")
    with pytest.raises(SettingsError, match="expected JSON"):
        Home.open(opened(made.root))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.docx").write_text("")
    with pytest.raises(SettingsError, match="holds files but is no home"):
        Home.create(other)


def test_a_demo_home_takes_no_real_exports_and_a_real_home_no_demo(tmp_path: Path) -> None:
    Home.create(tmp_path / "demo", demo=True)
    Home.create(tmp_path / "real")
    with pytest.raises(SettingsError, match="is a home for the demo, not for real laboratories"):
        Home.create(tmp_path / "demo")
    with pytest.raises(SettingsError, match="is a home for real laboratories, not for the demo"):
        Home.create(tmp_path / "real", demo=True)


def test_a_write_that_fails_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    home.write_atomically(file, "old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(home.os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        home.write_atomically(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_of_two_that_write_one_file_the_first_stays(tmp_path: Path) -> None:
    assert write_json_once(tmp_path / "a.json", {"by": "first"})
    assert not write_json_once(tmp_path / "a.json", {"by": "second"})
    assert json.loads((tmp_path / "a.json").read_text()) == {"by": "first"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
