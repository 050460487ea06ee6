"""The DAGs run: in one process against the plain functions, and under a real scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import pytest

import live
import one_process
from pipeline.demo import prepare
from pipeline.run import latest_report, run
from pipeline.settings import Settings

STAMP = ("run_id", "generated_at")


def demo_home(folder: Path) -> Settings:
    """A demo home in `folder`, its exports waiting in the inbox."""
    settings = Settings.load(folder)
    prepare(settings, month=1, variant="within", seed=None)
    return settings


def figures(settings: Settings) -> dict[str, Any]:
    """What the published report says, its stamp aside."""
    content = json.loads(latest_report(settings).read_text())
    return {name: value for name, value in content.items() if name not in STAMP}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The figures that the functions give without Airflow."""
    settings = demo_home(tmp_path_factory.mktemp("plain") / "home")
    run(settings)
    return figures(settings)


def test_the_dags_give_the_same_report_as_the_functions(dag_bag: Any, tmp_path: Path, plain: dict[str, Any]) -> None:
    settings = demo_home(tmp_path / "home")
    with patch.dict(os.environ):
        one_process.run_all(settings, Path(os.environ["AIRFLOW_HOME"]))
    assert figures(settings) == plain
    assert plain["headline"]["n_tested"] > 0


@pytest.fixture
def home_without_exports(tmp_path: Path) -> Path:
    """An empty home and the folder for further rules beside it."""
    from pipeline.home import Home

    Home.create(tmp_path / "home")
    (tmp_path / "rules").mkdir()
    return tmp_path / "home"


def test_an_error_of_ours_ends_the_process_with_its_code_and_one_line(
    dag_bag: Any, home_without_exports: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rules = home_without_exports.parent / "rules"
    (rules / "assay_cutoffs.csv").write_text("rule_id\nonly-an-id\n")
    monkeypatch.setenv("GM1_RULES_DIR", str(rules))
    with patch.dict(os.environ):
        code = one_process.main(["--home", str(home_without_exports)])
    shown = capfd.readouterr()
    assert code == 6
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("gm1: ")
    assert "DAG build_warehouse, task build" in shown.err


def test_a_fault_of_ours_ends_with_code_1_and_its_traceback(
    dag_bag: Any, home_without_exports: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def faulty(settings: Settings) -> list[str]:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("pipeline.ingest.waiting_labs", faulty)
    with patch.dict(os.environ):
        code = one_process.main(["--home", str(home_without_exports)])
    shown = capfd.readouterr()
    assert code == 1
    assert "ZeroDivisionError: a fault of ours" in shown.err
    assert "one_process.log" in shown.err


def test_a_home_that_is_none_ends_with_code_3_before_airflow_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with patch.dict(os.environ):
        assert one_process.main(["--home", str(tmp_path / "nowhere")]) == 3
    assert not (tmp_path / "nowhere").exists()
    assert "Airflow" not in capfd.readouterr().out


def test_settings_of_another_airflow_are_left_out(tmp_path: Path) -> None:
    theirs = {
        "AIRFLOW_CONFIG": "/etc/airflow.cfg",
        "AIRFLOW__CORE__DAGS_FOLDER": "/srv/dags",
        "AIRFLOW__CELERY__BROKER_URL": "redis:",
        "PATH": "/bin",
    }
    ours = one_process.airflow_environment(tmp_path, tmp_path / "home", theirs)
    assert ours["AIRFLOW__CORE__DAGS_FOLDER"].endswith("/dags")
    assert ours["AIRFLOW_HOME"] == str(tmp_path)
    assert ours["PATH"] == "/bin"
    assert not {"AIRFLOW_CONFIG", "AIRFLOW__CELERY__BROKER_URL"} & set(ours)


def test_a_live_airflow_runs_the_dags_through_their_assets_and_leaves_nothing_behind(
    tmp_path: Path, plain: dict[str, Any]
) -> None:
    home = tmp_path / "home"
    demo_home(home)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, live.__file__, "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        started = list(iter(process.stdout.readline, "Ctrl-C stops everything.\n"))
        assert process.poll() is None, started
        password = json.loads((home / "airflow" / "passwords.json").read_text())["admin"]
        assert f"Password  {password}\n" in started
        token = live.ask(f"{url}/auth/token", body={"username": "admin", "password": password})["access_token"]
        live.ask(f"{url}/api/v2/dags/ingest_lab_exports/dagRuns", token, {"logical_date": None})
        state = until_finished(url, token)
        assert state == "success"
        assert figures(Settings.load(home)) == plain
        sessions = {os.getsid(child.pid) for child in psutil.Process(process.pid).children(recursive=True)}
        assert {line.laddr.ip for line in listening(sessions)} == {"127.0.0.1"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert [pid for pid, session in live.sessions_of_processes() if session in sessions] == []
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    """A loopback port nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_finished(url: str, token: str, within_s: float = 240) -> str:
    """The state of the first report run that ended, or of the run before it that failed."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        runs = live.ask(f"{url}/api/v2/dags/~/dagRuns", token)["dag_runs"]
        ended = [
            r["state"] for r in runs if r["dag_id"] == "report_positive_rates" and r["state"] in ("success", "failed")
        ]
        failed = [r["dag_id"] for r in runs if r["state"] == "failed"]
        if ended or failed:
            return f"failed: {failed}" if failed else ended[0]
        time.sleep(1)
    return "not finished in time"


def listening(sessions: set[int]) -> list[Any]:
    """The sockets on which processes of these sessions wait for connections."""
    pids = [pid for pid, session in live.sessions_of_processes() if session in sessions]
    sockets = [line for pid in pids for line in psutil.Process(pid).net_connections("inet")]
    return [line for line in sockets if line.status == psutil.CONN_LISTEN]
