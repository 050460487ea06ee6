"""DAG `report_positive_rates`: writes the report of the warehouse that stands."""

from typing import Any

from airflow.sdk import dag, task

from gm1_wiring import DEFAULT_ARGS, WAREHOUSE, WHOSE_MOVE

TRIAGE = f"""
### Writes `reports/<run_id>/` from the warehouse

The positive rates with their intervals, the patient flow and the checks, as a page, as JSON and as CSV. A new report is
a draft until a reviewer signs it. A verdict of `below` or `above` is a finding, not a failure of this DAG.
{WHOSE_MOVE}"""


@dag(
    schedule=[WAREHOUSE],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=TRIAGE,
    tags=["gm1", "report"],
)
def report_positive_rates() -> None:
    @task
    def report() -> dict[str, Any]:
        """The run id and where the report's files are."""
        from pipeline.report import report
        from pipeline.settings import Settings

        return report(Settings.load()).as_dict()

    report()


report_positive_rates()
