"""DAG `ingest_lab_exports`: takes in what waits in the inbox, one task a laboratory."""

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Any

from airflow.sdk import dag, get_current_context, task

from gm1_wiring import DEFAULT_ARGS, LANDED, WHOSE_MOVE

TRIAGE = f"""
### Takes in the exports that wait in `inbox/<laboratory>/`

Each laboratory with waiting exports gets a task of its own: its files are archived byte for byte, read, checked row by
row and landed. A row or file that is wrong is no failure of this DAG: it is rejected or held with its reason, which
goes back to the sender. When nothing waits, the run ends with its tasks skipped.

A task is red when the pipeline itself could not do its work. The other laboratories' exports go on without it.
{WHOSE_MOVE}"""


@dag(
    schedule="*/10 * * * *",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=TRIAGE,
    tags=["gm1", "intake"],
)
def ingest_lab_exports() -> None:
    @task
    def discover() -> list[str]:
        """The laboratories with exports that were not taken in yet."""
        from pipeline.ingest import waiting_labs
        from pipeline.settings import Settings

        return waiting_labs(Settings.load())

    @task(map_index_template="{{ laboratory }}")
    def take_in(laboratory: str) -> dict[str, Any]:
        """Counts of one laboratory's exports and rows, and what was left in its inbox."""
        from pipeline.ingest import ingest
        from pipeline.settings import Settings

        get_current_context()["laboratory"] = laboratory  # type: ignore[typeddict-unknown-key]
        return ingest(Settings.load(), [laboratory]).as_dict()

    # One laboratory's failure must not keep the others' results from the warehouse, and must still turn the run red:
    # the asset is announced after any success, the summary needs them all.
    @task(outlets=[LANDED], trigger_rule="all_done_min_one_success")
    def announce_landed() -> None:
        """Starts the build."""

    @task
    def summary(counts: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The counts of all laboratories together; lists one after another."""
        taken_in = list(counts)
        return {name: reduce(add, (each[name] for each in taken_in)) for name in taken_in[0]}

    counts = take_in.expand(laboratory=discover())
    counts >> announce_landed()
    summary(counts)


ingest_lab_exports()
