"""What stops publication, what a check decides, and what each error of a user looks like."""

import dataclasses
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from pipeline.cli import cli, guarded
from pipeline.demo import prepare
from pipeline.errors import PublicationStopped
from pipeline.ingest import ingest
from pipeline.run import run
from pipeline.settings import Settings
from pipeline.warehouse import build, lock


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A demo home with a published run."""
    settings = Settings.load(tmp_path_factory.mktemp("stops") / "home", {})
    prepare(settings)
    run(settings)
    return settings


def changed(settings: Settings, folder: Path, table: str, edit: object) -> Settings:
    """The same settings with one table's checks edited: `edit` takes the list of entries and changes it."""
    shutil.copytree(settings.expectations_dir, folder)
    file = folder / f"{table}.yaml"
    content = yaml.safe_load(file.read_text())
    edit(content["checks"])  # type: ignore[operator]
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return dataclasses.replace(settings, expectations_dir=folder)


def entry(**changes: object) -> dict[str, object]:
    return {
        "id": "planted", "expect": "ExpectColumnValuesToBeInSet", "arguments": {"column": "verdict", "value_set": ["never"]},
        "severity": "critical", "category": "plausibility", "why": "Planted by a test.", "if_failed": "Nothing.", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, r"planted on mart_positive_rate \(failed\)"),
        ({"arguments": {"column": "no_such_column", "value_set": ["never"]}, "severity": "info"}, r"\(error\)"),
    ],
)
def test_a_critical_failure_or_an_error_publishes_nothing_and_leaves_a_page(
    change: dict[str, object], said: str, published: Settings, tmp_path: Path
) -> None:
    before = (published.home / "warehouse" / "gm1.duckdb").read_bytes()
    pages = set((published.home / "validation").glob("*.html"))
    settings = changed(published, tmp_path / "e", "mart_positive_rate", lambda checks: checks.append(entry(**change)))
    with pytest.raises(PublicationStopped, match=said):
        build(settings)
    assert (published.home / "warehouse" / "gm1.duckdb").read_bytes() == before
    assert len(set((published.home / "validation").glob("*.html")) - pages) == 1
    assert not list((published.home / "warehouse").glob(".building-*"))


def test_a_warning_that_fails_is_published(published: Settings, tmp_path: Path) -> None:
    add = entry(severity="warning")
    settings = changed(published, tmp_path / "e", "mart_positive_rate", lambda checks: checks.append(add))
    assert build(settings).checks_failed > 0


def test_deleting_a_check_changes_where_its_row_ends(tmp_path: Path) -> None:
    """The number with a letter in it is rejected because a check says so, and for no other reason."""
    ends = []
    for name in ("with", "without"):
        settings = Settings.load(tmp_path / name, {})
        if name == "without":
            settings = changed(
                settings, tmp_path / "e", "titre",
                lambda checks: checks.remove(next(c for c in checks if c["id"] == "titre_result_readable")),
            )  # fmt: skip
        prepare(settings)
        ingest(settings)
        built = build(settings)
        with duckdb.connect(str(built.warehouse_file), read_only=True) as con:
            query = "SELECT disposition FROM mart_row_disposition WHERE sending_lab = 'rheinau' AND row_number = 29"
            ends += con.execute(query).fetchall()
    assert ends == [("rejected",), ("used",)]


def said_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and what stood on standard error."""
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: cli(list(arguments), standalone_mode=False))
    return int(ended.value.code or 0), capsys.readouterr().err


def test_two_builds_at_once(published: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with lock.held(published.home / "warehouse" / "build.lock"):
        code, said = said_by(capsys, "build", "--home", str(published.home))
    assert code == 7
    assert "is building; wait until it has ended" in said


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["run", "--nonsense"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
        (["run", "--as-of", "yesterday"], 2, "expected an instant"),
        (["run", "--home", "nowhere"], 3, "gm1 init"),
        (["check", "no-such-file.csv"], 2, "does not exist"),
        (["demo", "--variant", "sideways", "--home", "nowhere2"], 2, "expected one of within"),
    ],
)
def test_a_user_s_error_is_one_line_with_its_exit_code(
    arguments: list[str],
    code: int,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found, said = said_by(capsys, *arguments)
    assert found == code
    assert expected in said
    assert said.startswith("gm1: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: cli([command, "--help"], standalone_mode=False))
    assert not ended.value.code
    assert "Usage:" in capsys.readouterr().out


def test_a_broken_yaml_and_an_unsound_rulebook_are_named(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labs").mkdir()
    (tmp_path / "labs" / "broken.yaml").write_text("id: [\n")
    monkeypatch.setenv("GM1_LABS_DIR", str(tmp_path / "labs"))
    code, said = said_by(capsys, "ingest", "--home", str(published.home))
    assert (code, said.count("\n")) == (3, 1)
    assert "broken.yaml" in said
    monkeypatch.delenv("GM1_LABS_DIR")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "assay_cutoffs.csv").write_text("rule_id\nx\n")
    monkeypatch.setenv("GM1_RULES_DIR", str(tmp_path / "rules"))
    code, said = said_by(capsys, "build", "--home", str(published.home))
    assert (code, said.count("\n")) == (6, 1)
    assert "missing columns" in said


def test_check_refuses_a_file_with_a_row_that_would_be_rejected(
    published: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = published.home / "inbox"
    home = ("--home", str(published.home))
    code, _ = said_by(capsys, "check", str(inbox / "rheinau" / "GM1_Befunde_2026-02.csv"), *home)
    assert code == 4
    code, _ = said_by(capsys, "check", str(inbox / "northgate" / "NRL_GM1_2026-02.csv"), *home)
    assert code == 0
