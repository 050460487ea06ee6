"""What the DAGs promise before anything runs."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import errors

DAGS_DIR = Path(__file__).resolve().parents[2] / "dags"
NO_DAGS = {"gm1_wiring", "live", "one_process"}
DAG_IDS = ("build_warehouse", "ingest_lab_exports", "report_positive_rates")


def test_the_scheduler_finds_exactly_the_dag_files(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    on_disk = {file.stem for file in DAGS_DIR.glob("*.py")} - NO_DAGS
    assert on_disk == set(DAG_IDS)
    assert {Path(dag.fileloc).stem: dag.dag_id for dag in dag_bag.dags.values()} == {name: name for name in DAG_IDS}


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_dag_can_be_run_again_and_says_whose_move_it_is(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert "gm1" in dag.tags
    assert "whose move" in dag.doc_md
    for task in dag.tasks:
        assert task.retries >= 1, task.task_id
        assert task.retry_policy is not None, task.task_id


def test_assets_join_the_three_dags(dag_bag: Any) -> None:
    def outlets(dag_id: str) -> set[str]:
        return {asset.uri.rstrip("/") for task in dag_bag.dags[dag_id].tasks for asset in task.outlets}

    def waits_for(dag_id: str) -> set[str]:
        condition = dag_bag.dags[dag_id].timetable.asset_condition
        return {asset.uri.rstrip("/") for asset in condition.objects}

    assert outlets("ingest_lab_exports") == waits_for("build_warehouse") == {"gm1://landed"}
    assert outlets("build_warehouse") == waits_for("report_positive_rates") == {"gm1://warehouse"}
    assert outlets("report_positive_rates") == set()


def test_one_laboratory_cannot_stop_the_others(dag_bag: Any) -> None:
    dag = dag_bag.dags["ingest_lab_exports"]
    assert dag.get_task("take_in").is_mapped
    assert dag.get_task("announce_landed").trigger_rule == "all_done_min_one_success"
    # the leaf that decides the colour of the run needs every laboratory
    assert dag.get_task("summary").trigger_rule == "all_success"


@pytest.mark.parametrize(
    ("error", "is_tried_again"),
    [
        (errors.Busy("another build"), True),
        (OSError("no space"), True),
        (FileNotFoundError("share went away"), True),
        (duckdb.IOException("short read"), True),
        (errors.SettingsError("no home"), False),
        (errors.ExportRefused("rows rejected"), False),
        (errors.PublicationStopped("a critical check failed"), False),
        (errors.RulebookUnsound("overlap"), False),
        (duckdb.ConversionException("not a number"), False),
        (KeyError("a fault of ours"), False),
    ],
)
def test_only_what_time_mends_is_tried_again(error: Exception, is_tried_again: bool) -> None:
    from airflow.sdk import RetryAction

    from gm1_wiring import ONLY_WHAT_TIME_MENDS

    decision = ONLY_WHAT_TIME_MENDS.evaluate(error, try_number=1, max_tries=3)
    assert decision.action is (RetryAction.RETRY if is_tried_again else RetryAction.FAIL)


@pytest.mark.parametrize("name", [*DAG_IDS, "gm1_wiring"])
def test_a_dag_file_imports_little_at_its_top(name: str) -> None:
    tree = ast.parse((DAGS_DIR / f"{name}.py").read_text())
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    foreign = {full for full in names if full.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign <= {"airflow.sdk", "gm1_wiring"}


def test_loading_a_dag_file_loads_neither_pandas_nor_great_expectations() -> None:
    """The scheduler parses these files over and over, in a process of its own each time."""
    code = f"import sys; sys.path.insert(0, {str(DAGS_DIR)!r}); import {', '.join(DAG_IDS)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "airflow" in loaded
    assert not {"pandas", "great_expectations", "scipy"} & set(loaded)
