"""`gm1 whatif`: which results and figures another rulebook would change, with nothing published."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from intake_home import export, put, row
from riverside_warehouse import cutoff, riverside, rules

from pipeline.cli import cli, guarded
from pipeline.errors import RulebookUnsound, UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.settings import Settings
from pipeline.status import status
from pipeline.warehouse import build
from pipeline.whatif import compare, what_if
from pipeline.whatif.text import as_text


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Settings]:
    return riverside(tmp_path_factory.mktemp("whatif"))


def files(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(home.root.rglob("*")) if path.is_file()}


def test_the_same_rules_again_change_nothing(warehouse: tuple[Home, Settings], tmp_path: Path) -> None:
    found = what_if(warehouse[1], rules(tmp_path / "rules", cutoff("riv.negative", "negative", below=800)))
    assert (found.rules, found.results, found.figures, found.patients, found.other_tables) == ((), (), (), (), ())
    assert found.facts == ()


def test_a_higher_cut_off_lists_the_result_and_the_figures_it_changes(
    warehouse: tuple[Home, Settings], tmp_path: Path
) -> None:
    home, settings = warehouse
    higher = [cutoff("riv.negative", "negative", below=1600), cutoff("riv.positive", "positive", at_or_above=1600)]
    before = files(home)
    found = what_if(settings, rules(tmp_path / "rules", *higher))
    assert files(home) == before, "nothing of the home changes"
    changed = {(r["place"], r["interpretation_before"], r["interpretation_after"], r["rule_before"], r["rule_after"])
               for r in found.results}  # fmt: skip
    assert changed == {
        ("row 2", "positive", "negative", "riv.positive", "riv.negative"),
        ("row 4", "not_evaluable", "negative", None, "riv.negative"),
    }
    (headline,) = [
        f for f in found.figures if (f["analysis"], f["population"], f["stratum"]) == ("primary", "MMN", "all")
    ]
    assert (headline["n_positive_before"], headline["n_positive_after"]) == (1, 0)
    assert (headline["n_tested_before"], headline["n_tested_after"]) == (2, 3)
    assert sum(one["n_patients"] for one in found.patients) == 2
    assert "row 2: positive (riv.positive) -> negative (riv.negative)" in as_text(found)
    (fact,) = [one for one in found.facts if one["fact_id"] == "R1"]
    assert (fact["n_before"], fact["n_after"], fact["observed_before"], fact["observed_after"]) == (2, 3, 0.5, 0)
    assert "R1, share of MMN patients with anti-GM1 detected: observed; n 2 -> 3; value 0.50000 -> 0.00000" in as_text(
        found
    )


def test_a_rule_taken_away_makes_results_not_evaluable_and_never_negative(
    warehouse: tuple[Home, Settings], tmp_path: Path
) -> None:
    found = what_if(
        warehouse[1], rules(tmp_path / "rules", cutoff("riv.positive", "positive", "draft", at_or_above=800))
    )
    assert [(one["before"], one["after"], one["n_results"]) for one in found.interpretations] == [
        ("positive", "not_evaluable", 1)
    ]


def test_rules_that_contradict_each_other_are_refused(warehouse: tuple[Home, Settings], tmp_path: Path) -> None:
    with pytest.raises(RulebookUnsound, match="overlap"):
        what_if(warehouse[1], rules(tmp_path / "rules", cutoff("riv.negative", "negative", at_or_below=800)))


def test_a_folder_without_rules_is_named(warehouse: tuple[Home, Settings], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no rule file"):
        what_if(warehouse[1], tmp_path)


def test_a_warehouse_of_other_rules_is_built_first(warehouse: tuple[Home, Settings], tmp_path: Path) -> None:
    other = rules(tmp_path / "others", cutoff("riv.negative", "negative", below=400))
    settings = replace(warehouse[1], rules_dirs=(*warehouse[1].rules_dirs, other))
    with pytest.raises(UsageError, match="was built by other rules"):
        what_if(settings, other)


def test_what_landed_after_the_build_plays_no_part(tmp_path: Path) -> None:
    home, settings = riverside(tmp_path)
    put(home, "titres_2.csv", export(row("R0009", "A9")))
    ingest(settings)
    found = what_if(settings, rules(tmp_path / "more", cutoff("riv.positive", "positive", "draft", at_or_above=800)))
    assert [one["file_name"] for one in found.results] == ["titres_1.csv"]


def test_a_run_whose_record_is_lost_is_built_again_first(tmp_path: Path) -> None:
    home, settings = riverside(tmp_path)
    for record in home.runs.glob("*/build.json"):
        record.unlink()
    with pytest.raises(UsageError, match="run `gm1 build` first"):
        what_if(settings, rules(tmp_path / "more", cutoff("riv.negative", "negative", below=400)))


def test_the_command_gives_json_and_exit_code_0(
    warehouse: tuple[Home, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = warehouse
    monkeypatch.setenv("GM1_RULES_DIR", str(settings.rules_dirs[-1]))
    folder = rules(tmp_path / "rules", cutoff("riv.positive", "positive", "draft", at_or_above=800))
    done = CliRunner().invoke(cli, ["whatif", "--rules", str(folder), "--home", str(home.root), "--json"])
    assert done.exit_code == 0
    assert [one["place"] for one in json.loads(done.stdout)["results"]] == ["row 2"]


def test_a_dated_change_reclassifies_nothing_and_says_what_the_rule_of_now_would(
    warehouse: tuple[Home, Settings], tmp_path: Path
) -> None:
    """Riverside's samples are of January 2024; from July on its limit is another one."""
    old = [cutoff("riv.negative", "negative", below=800), cutoff("riv.positive", "positive", at_or_above=800)]
    new = [cutoff("riv.new.negative", "negative", below=1600), cutoff("riv.new.positive", "positive", at_or_above=1600)]
    closed = [line.replace("2020-01-01,,", "2020-01-01,2024-06-30,", 1) for line in old]
    begun = [line.replace("2020-01-01,,", "2024-07-01,,", 1) for line in new]
    found = what_if(warehouse[1], rules(tmp_path / "rules", *closed, *begun))
    assert (found.results, found.figures, found.patients) == ((), (), ())
    assert [(one["before"], one["after"], one["n_results"]) for one in found.by_current_rule] == [
        ("not_evaluable", "negative", 1), ("positive", "negative", 1),
    ]  # fmt: skip
    assert "read otherwise than it does now: 2" in as_text(found)


def test_the_list_is_never_cut_short(tmp_path: Path) -> None:
    home, settings = riverside(tmp_path)
    put(home, "titres_2.csv", export(*(row(f"R{n:04d}", f"B{n}") for n in range(100, 130))))
    ingest(settings)
    build(settings)
    found = what_if(settings, rules(tmp_path / "more", cutoff("riv.positive", "positive", "draft", at_or_above=800)))
    text = as_text(found)
    assert len(found.results) == 31
    assert [line for line in text.splitlines() if "titres_2.csv, row" in line] == [
        f"  riverside/titres_2.csv, row {n}: positive (riv.positive) -> not_evaluable (between_bands)"
        for n in range(2, 32)
    ]


def test_nothing_is_written_below_the_home_while_it_builds(
    warehouse: tuple[Home, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = warehouse
    before, seen = files(home), []
    built = compare.combine

    def watched(*arguments: Any) -> None:
        built(*arguments)
        seen.append((files(home), arguments[-1]))

    monkeypatch.setattr(compare, "combine", watched)
    what_if(settings, rules(tmp_path / "rules", cutoff("riv.negative", "negative", below=400)))
    ((during, file),) = seen
    assert during == before == files(home)
    assert not file.is_relative_to(home.root) and not file.parent.exists(), "elsewhere, and gone"


def test_what_a_killed_one_leaves_is_counted_and_swept(
    warehouse: tuple[Home, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = warehouse
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import sys, time; from pathlib import Path; from pipeline.home import Home; from pipeline.whatif import beside\n"
        "with beside.place(Home(Path(sys.argv[1]))) as folder:\n"
        "    (folder / 'whatif.duckdb').write_text('x'); print(folder, flush=True); time.sleep(600)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(home.root)], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert running.stdout is not None
    folder = Path(running.stdout.readline().strip())
    assert folder.stat().st_mode & 0o077 == 0, "for its owner only"
    assert status(settings).left_by_killed_whatif == [], "it is in use"
    running.kill()
    running.wait()
    running.stdout.close()
    assert status(settings).left_by_killed_whatif == [str(folder)]
    assert f"Left behind        {folder}" in status(settings).as_text()
    what_if(settings, rules(tmp_path / "rules", cutoff("riv.negative", "negative", below=800)))
    assert not folder.exists() and status(settings).left_by_killed_whatif == []


def test_an_unsound_folder_ends_the_command_with_exit_code_6(
    warehouse: tuple[Home, Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, settings = warehouse
    monkeypatch.setenv("GM1_RULES_DIR", str(settings.rules_dirs[-1]))
    folder = rules(tmp_path / "rules", cutoff("riv.other", "negative", at_or_below=800))
    arguments = ["whatif", "--rules", str(folder), "--home", str(home.root)]
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: cli(arguments, standalone_mode=False))
    assert ended.value.code == 6
    assert "overlap" in capsys.readouterr().err
