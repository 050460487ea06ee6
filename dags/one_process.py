"""Runs the three DAGs once, one after another, in this process: no server, no port, no network.

    python dags/one_process.py [--home DIR] [--demo]

Airflow keeps its run history in an SQLite file below <home>/airflow and its chatter in one_process.log beside it; only
the outcome reaches the terminal. Exit codes are those of `gm1`: a task that fails with an error of ours ends the
process with that error's code and its one line.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from pipeline.checks import silence_exit
from pipeline.errors import Gm1Error
from pipeline.home import Home
from pipeline.settings import Settings

DAGS_DIR = Path(__file__).resolve().parent
# Each one's asset starts the next under a scheduler; here the order does.
IN_ORDER = ("ingest_lab_exports", "build_warehouse", "report_positive_rates")


@dataclass(eq=False)
class DagFailed(Exception):
    """A run of a DAG that did not succeed, and the error of the first task that failed."""

    dag_id: str
    task_id: str
    error: BaseException | None


@dataclass
class FirstFailure:
    """Airflow calls this for every task that failed for good; the first one is what a person needs to see."""

    seen: list[tuple[str, BaseException | None]] = field(default_factory=list)

    def __call__(self, context: Mapping[str, Any]) -> None:
        self.seen.append((context["ti"].task_id, context.get("exception")))


def airflow_environment(airflow_home: Path, gm1_home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for an Airflow of our own: SQLite in `airflow_home`, our DAGs and nothing else.

    What `environ` says of another Airflow (a database, another DAG folder, secrets back ends) is dropped.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(("AIRFLOW_", "_AIRFLOW_"))}
    return kept | {
        "GM1_HOME": str(gm1_home),
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_DIR),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # Airflow would ask the network for this machine's full name.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow_home / "logs"),
    }


def load_dags() -> dict[str, Any]:
    """The DAGs by id, from an initialised metadata database; RuntimeError when one is missing or cannot be imported."""
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.utils.db import initdb

    initdb()
    bag = BundleDagBag(dag_folder=DAGS_DIR, bundle_path=DAGS_DIR, bundle_name="dags-folder")
    if bag.import_errors or not set(IN_ORDER) <= set(bag.dags):
        raise RuntimeError(f"{DAGS_DIR}: expected {', '.join(IN_ORDER)}, found {list(bag.dags)}; {bag.import_errors}")
    return dict(bag.dags)


def run_dag(dag: Any) -> None:
    """Runs every task of one DAG; DagFailed when the run does not succeed."""
    failure = FirstFailure()
    for task in dag.tasks:
        task.on_failure_callback = [failure]
    run = dag.test()
    if run.state != "success":
        task_id, error = failure.seen[0] if failure.seen else ("?", None)
        raise DagFailed(dag.dag_id, task_id, error)


@contextmanager
def quiet(log: Path) -> Iterator[TextIO]:
    """The terminal, while everything that prints (Airflow, libraries, C code) goes to the file `log` instead."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(os.dup(1), "w", buffering=1) as terminal, log.open("a") as file:
        kept_stderr = os.dup(2)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(terminal.fileno(), 1)
            os.dup2(kept_stderr, 2)
            os.close(kept_stderr)


def run_all(settings: Settings, airflow_home: Path) -> None:
    """Runs the three DAGs on `settings.home`, one line each on the terminal; DagFailed for the first that fails."""
    environment = airflow_environment(airflow_home, settings.home, os.environ)
    os.environ.clear()
    os.environ.update(environment)
    with quiet(airflow_home / "one_process.log") as terminal:
        print("Airflow starts in this process ...", file=terminal)
        dags = load_dags()
        for dag_id in IN_ORDER:
            print(f"  {dag_id} ...", file=terminal)
            run_dag(dags[dag_id])


def say(failed: DagFailed, log: Path) -> int:
    """Tells a person what failed and where to read more; the exit code."""
    where = f"DAG {failed.dag_id}, task {failed.task_id}"
    if isinstance(failed.error, Gm1Error):
        print(f"gm1: {failed.error} ({where})", file=sys.stderr)
        return failed.error.exit_code
    if failed.error is not None:
        traceback.print_exception(failed.error)
    print(f"gm1: {where} failed; Airflow's own log is {log}", file=sys.stderr)
    return 1


def main(argv: list[str] | None = None) -> int:
    """The exit code of one pass through the DAGs."""
    parser = argparse.ArgumentParser(description="Run the three DAGs once, in this process.")
    parser.add_argument("--home", type=Path, help="home folder [GM1_HOME, else ./gm1-home]")
    parser.add_argument("--demo", action="store_true", help="write the invented demo exports into the inbox first")
    options = parser.parse_args(argv)
    try:
        settings = Settings.load(options.home)
        airflow_home = settings.home / "airflow"
        if options.demo:
            from pipeline.demo import prepare

            prepare(settings, month=1, variant="within", seed=None)
        Home.open(settings)
        run_all(settings, airflow_home)
        from pipeline.run import closing_summary

        print(closing_summary(settings))
    except Gm1Error as error:
        print(f"gm1: {error}", file=sys.stderr)
        return error.exit_code
    except DagFailed as failed:
        return say(failed, airflow_home / "one_process.log")
    return 0


if __name__ == "__main__":
    silence_exit()
    sys.exit(main())
