"""However often an intake is killed, and wherever, running it again lands every export once; so do two at the same time."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("killed_intake.py")
KILLS = 50


@dataclass(frozen=True, slots=True)
class Ended:
    """One home: how each of its intakes ended, and what it held at last."""

    endings: list[int]
    found: dict[str, Any]
    left: list[list[str]] | None


@dataclass(frozen=True, slots=True)
class Session:
    """Everything the script did, by home, and what it said of itself; `survivors` outlived it."""

    summary: dict[str, Any]
    homes: dict[str, Ended]
    survivors: list[str]


def of_group(group: int) -> list[str]:
    """The command lines of the processes of a group."""
    return [" ".join(one.cmdline()) for one in psutil.process_iter() if os.getpgid(one.pid) == group]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """All homes, in one process that forks: pytest's own threads would not survive that."""
    folder = tmp_path_factory.mktemp("killed")
    # numpy's threads would not survive a fork either
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder)], env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said, complained = process.communicate(timeout=600)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    assert (process.returncode, complained) == (0, "")
    survivors = of_group(process.pid)
    homes = {path.parent.name: ended(path.parent) for path in sorted(folder.glob("*/endings.json"))}
    return Session(json.loads(said), homes, survivors)


def ended(folder: Path) -> Ended:
    """What the script wrote down of one home."""
    found, left = folder / "found.json", folder / "left.json"
    return Ended(
        json.loads((folder / "endings.json").read_text()),
        json.loads(found.read_text()) if found.exists() else {},
        json.loads(left.read_text()) if left.exists() else None,
    )


def test_the_undisturbed_home_holds_what_was_sent(session: Session) -> None:
    state = session.homes["reference"].found["state"]
    assert (len(state["receipts"]), len(state["archive"])) == (6, 5)
    assert all(name == sha256 for name, sha256 in state["archive"].items())
    held = ["format_unknown", None, None, None, "header_differs", "file_empty"]
    assert [entry["held_reason"] for entry in state["entries"]] == held
    assert [entry["rows_counted"] for entry in state["entries"]] == [5, 5, 5, 5, 4, 0]
    # of every file two results and a control; its header and its torn row; the remark of every result is kept apart
    assert {table: len(rows) for table, rows in state["tables"].items() if rows} == {
        "titre": 9, "row": 15, "check_failure": 3, "kept": 9,
    }  # fmt: skip
    assert len(state["quarantine"]) == 6


def test_kills_fell_at_every_file_and_at_moments_of_the_whole_run(session: Session) -> None:
    killed = [home.endings[:-1] for name, home in session.homes.items() if len(home.endings) == 3 and name.isdigit()]
    killed = [endings for endings in killed if endings[0] == -signal.SIGKILL]
    assert session.summary["files"] + 1 == len(killed) >= KILLS // 2
    assert sum(endings.count(-signal.SIGKILL) for endings in killed) >= KILLS
    assert session.summary["failed"] == 0


def test_no_export_is_lost_and_none_is_there_twice(session: Session) -> None:
    expected = {len(session.homes[name].found["state"]["receipts"]): session.homes[name].found
                for name in ("reference", "reference_with_more")}  # fmt: skip
    for name, home in session.homes.items():
        assert home.endings[-1] == 0, name
        reference = expected[len(home.found["state"]["receipts"])]
        if home.endings[0] == 0:
            # two at once may each land the same arrivals; what counts is one of the two
            assert min(home.found["state"]["generations"].values()) == 1, name
            home.found["state"]["generations"] = reference["state"]["generations"]
        assert home.found == reference, name
    assert {n for one in expected.values() for n in one["state"]["generations"].values()} == {1}
    assert all(one["again"] == {"new": 0, "batches": []} for one in expected.values())


def test_what_killed_intakes_left_half_written_goes_after_a_day(session: Session) -> None:
    ((before, after),) = [home.left for home in session.homes.values() if home.left is not None]
    kinds = {Path(name).name.split("-")[0] for name in before}
    assert kinds == {".receiving", ".writing", ".intake"}
    assert after == []


def test_no_process_outlives_its_intake(session: Session) -> None:
    assert session.summary["left"] == 0
    assert session.survivors == []


def test_an_intake_leaves_no_thread_and_no_child(tmp_path: Path) -> None:
    """A worker takes in for weeks: what the libraries keep running after a first intake must not grow with a second."""
    code = """
import sys, threading
from pathlib import Path
import psutil
sys.path.append(sys.argv[2])
from intake_home import export, make_home, put, row
from pipeline.checks import silence_exit
from pipeline.ingest import ingest
home, settings = make_home(Path(sys.argv[1]))
native = []
for number in range(3):
    put(home, f"titres_{number}.csv", export(row(accession=f"A{number}")))
    assert ingest(settings).rows == 2
    assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
    assert psutil.Process().children() == []
    native.append(len(psutil.Process().threads()))
assert native[2] <= native[0], native
silence_exit()
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(ROOT / "tests/unit")], env=environment, check=True)
