"""DAG `build_warehouse`: builds the warehouse from everything that has landed."""

from typing import Any

from airflow.sdk import dag, task

from gm1_wiring import DEFAULT_ARGS, LANDED, WAREHOUSE, WHOSE_MOVE

TRIAGE = f"""
### Builds `warehouse/gm1.duckdb` from everything that has landed

The new warehouse is built beside the old one, checked, and takes its place by a rename; whoever has the old one open
keeps reading it. When a critical check fails, or rows do not add up, the old one stays. Then each laboratory's feedback
(`feedback/<laboratory>/`) is written for the exports whose outcome changed; nothing waits for that.
{WHOSE_MOVE}"""


@dag(
    schedule=[LANDED],
    catchup=False,
    # The only writer of the warehouse: runs of this DAG follow one another.
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=TRIAGE,
    tags=["gm1", "warehouse"],
)
def build_warehouse() -> None:
    @task(outlets=[WAREHOUSE])
    def build() -> dict[str, Any]:
        """Counts and the run id of the build."""
        from pipeline.settings import Settings
        from pipeline.warehouse import build

        return build(Settings.load()).as_dict()

    @task
    def tell_laboratories() -> dict[str, Any]:
        """How many exports got feedback anew, and what kept others from it."""
        from pipeline.feedback import write_feedback
        from pipeline.settings import Settings

        return write_feedback(Settings.load()).as_dict()

    build() >> tell_laboratories()


build_warehouse()
