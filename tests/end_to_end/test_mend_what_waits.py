"""Every command of the how-to page on mending does what the page says, on a demo home, from top to bottom."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/mend-what-waits.md"


def commands() -> list[str]:
    """The lines of the page's fenced blocks, in order."""
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```", PAGE.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command printed the last time it was run, after `gm1 demo`."""
    home = tmp_path_factory.mktemp("mend") / "home"
    outputs = {}
    for command in ["gm1 demo", *commands()]:
        program, *words = shlex.split(command)
        assert program == "gm1"
        done: Result = CliRunner().invoke(cli, words, env={"GM1_HOME": str(home)})
        assert done.exit_code == 0, f"{command}: {done.output} {done.exception!r}"
        outputs[command] = done.output
    return outputs


def test_the_page_has_commands() -> None:
    assert {shlex.split(command)[1] for command in commands()} == {
        "quarantine", "release", "run", "replay", "rebuild", "lookup",
    }  # fmt: skip


def test_what_the_page_says_of_the_rows_is_so(said: dict[str, str]) -> None:
    listing = said["gm1 quarantine marlow/MRL_results_2026-01.csv"]
    assert "row 147: held, conflicting_values" in listing
    assert "row 148: held, conflicting_values" in listing
    assert "northgate/plate_layout_2026-02.csv" in said["gm1 quarantine"]


def test_decisions_survive_a_rebuild(said: dict[str, str]) -> None:
    assert "differs" not in said["gm1 rebuild"]
    assert "mart_result                 equals" in said["gm1 rebuild"]
    assert "0 of them change" in said["gm1 replay --lab marlow"]


def test_the_identifier_is_that_of_the_decided_row(said: dict[str, str]) -> None:
    (answer,) = [output for command, output in said.items() if command.startswith("gm1 lookup")]
    assert re.fullmatch(r"EX\d{6}\texample_registry\n", answer)
