"""Airflow with its web page on this machine, until Ctrl-C: the three DAGs loaded and switched on.

    python dags/live.py [--home DIR] [--port 8080]

Starts the four parts of Airflow on an SQLite file below <home>/airflow, on the loopback address only, waits until they
are healthy and prints where to log in. Without a home a demo home is made, its exports waiting in the inbox. For one
person on one machine; docker-compose.yaml is for more.
"""

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from one_process import IN_ORDER, airflow_environment
from pipeline.errors import Gm1Error, UsageError
from pipeline.settings import Settings

HEALTHY_WITHIN_S = 300
STOPPED_WITHIN_S = 20


class Stopped(Exception):
    """Somebody asked this process to end."""


def stop_here(signum: int, frame: FrameType | None) -> None:
    """Turns a signal into an exception, so that the parts are always stopped on the way out."""
    raise Stopped


def live_environment(airflow_home: Path, gm1_home: Path, port: int) -> dict[str, str]:
    """The environment the parts share: ours for one process, and what a server needs besides."""
    url = f"http://127.0.0.1:{port}"
    return airflow_environment(airflow_home, gm1_home, os.environ) | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(airflow_home / "passwords.json"),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
    }


def password_of_admin(airflow_home: Path) -> str:
    """The password in passwords.json, made at the first start."""
    file = airflow_home / "passwords.json"
    if not file.exists():
        airflow_home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump({"admin": secrets.token_urlsafe(12)}, handle)
    return str(json.loads(file.read_text())["admin"])


def check_port_is_free(port: int) -> None:
    """UsageError when something listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"port {port} is taken on this machine; choose another: make airflow PORT=8090") from error


class Parts:
    """The running parts of Airflow, each leading a session of its own so that all it starts can be found and ended."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        with self.log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", name, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> str | None:
        """The name of a part that ended by itself."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """Ends every part and everything it started: asked first, killed after STOPPED_WITHIN_S seconds."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while self._running() and time.monotonic() < deadline:
            time.sleep(0.2)
        self._signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()

    def _signal(self, signum: int) -> None:
        for pid in self._running():
            with contextlib.suppress(ProcessLookupError):  # it may end between the look and the signal
                os.kill(pid, signum)

    def _running(self) -> list[int]:
        """Everything alive in the parts' sessions: Airflow's workers outlive their scheduler when it is killed."""
        for process in self.processes.values():
            process.poll()  # lets the kernel forget those that have ended
        sessions = {process.pid for process in self.processes.values()}
        return [pid for pid, session in sessions_of_processes() if session in sessions]


def sessions_of_processes() -> list[tuple[int, int]]:
    """(process id, session id) of every process alive, zombies left out."""
    alive = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.append((process.pid, os.getsid(process.pid)))
    return alive


def ask(url: str, token: str | None = None, body: dict[str, Any] | None = None) -> Any:
    """The JSON a local URL answers; None while nothing answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None


def is_ready(url: str, password: str) -> bool:
    """Whether every part is healthy and the three DAGs are loaded."""
    health = ask(f"{url}/api/v2/monitor/health")
    if not health or any(part["status"] != "healthy" for part in health.values()):
        return False
    token = ask(f"{url}/auth/token", body={"username": "admin", "password": password})
    dags = token and ask(f"{url}/api/v2/dags", token["access_token"])
    return bool(dags) and {dag["dag_id"] for dag in dags["dags"]} >= set(IN_ORDER)


def serve(settings: Settings, port: int) -> None:
    """Runs Airflow until Stopped is raised; RuntimeError when a part ends or does not become healthy."""
    airflow_home = settings.home / "airflow"
    password = password_of_admin(airflow_home)
    parts = Parts(live_environment(airflow_home, settings.home, port), airflow_home / "live.log")
    url = f"http://127.0.0.1:{port}"
    print(f"Airflow starts; this takes up to a minute or two. Its log: {parts.log}", flush=True)
    try:
        parts.start("db", "migrate")
        if parts.processes["db"].wait():
            raise RuntimeError(f"Airflow could not set up its database; read {parts.log}")
        del parts.processes["db"]  # it has done its work; from here on a part that ends is a failure
        # Without this option Airflow serves logs on every network interface; on one machine the page reads the files.
        parts.start("scheduler", "--skip-serve-logs")
        parts.start("triggerer", "--skip-serve-logs")
        parts.start("dag-processor")
        parts.start("api-server")
        wait_until_ready(parts, url, password)
        print(f"\nAirflow   {url}\nUser      admin\nPassword  {password}\nInbox     {settings.home / 'inbox'}")
        print("\nWhat lies in the inbox is taken in every ten minutes, or when you trigger ingest_lab_exports.")
        print("Ctrl-C stops everything.", flush=True)
        while not (name := parts.ended()):
            time.sleep(1)
        raise RuntimeError(f"Airflow's {name} ended by itself; read {parts.log}")
    finally:
        # A second Ctrl-C must not leave servers behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("\nStopping ...", flush=True)
        parts.stop()


def wait_until_ready(parts: Parts, url: str, password: str) -> None:
    """Returns once Airflow is usable; RuntimeError when a part ended or HEALTHY_WITHIN_S seconds have passed."""
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    while not is_ready(url, password):
        if (name := parts.ended()) or time.monotonic() > deadline:
            raise RuntimeError(f"Airflow's {name or 'page'} did not come up; read {parts.log}")
        time.sleep(1)


def prepare_home(settings: Settings) -> None:
    """A demo home with waiting exports where there is no home yet."""
    if not (settings.home / "home.json").exists():
        from pipeline.demo import prepare

        prepare(settings, month=1, variant="within", seed=None)


def main(argv: list[str] | None = None) -> int:
    """The exit code; 0 when somebody stopped it."""
    parser = argparse.ArgumentParser(description="Run Airflow with its web page on this machine.")
    parser.add_argument("--home", type=Path, help="home folder [GM1_HOME, else ./gm1-home]")
    parser.add_argument("--port", type=int, default=8080, help="loopback port of the web page [8080]")
    options = parser.parse_args(argv)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop_here)
    try:
        settings = Settings.load(options.home)
        check_port_is_free(options.port)
        prepare_home(settings)
        serve(settings, options.port)
    except Stopped:
        return 0
    except Gm1Error as error:
        print(f"gm1: {error}", file=sys.stderr)
        return error.exit_code
    except RuntimeError as error:
        print(f"gm1: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
