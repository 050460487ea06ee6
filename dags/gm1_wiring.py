"""What the three DAGs share: the assets that join them and how their tasks are retried.

Airflow puts the DAG folder on the import path, so the DAG files import this as `gm1_wiring`.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

LANDED = Asset("gm1_landed", uri="gm1://landed")
WAREHOUSE = Asset("gm1_warehouse", uri="gm1://warehouse")

# A full disk, a share that went away or another build in the home pass with time. Bad data, wrong settings, an unsound
# rulebook or a fault of ours look the same the second time. The first rule that matches wins.
ONLY_WHAT_TIME_MENDS = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="pipeline.errors.Busy",
            action=RetryAction.RETRY,
            retry_delay=timedelta(minutes=1),
            reason="another build holds the home",
        ),
        RetryRule(exception=["builtins.OSError", "duckdb.IOException"], action=RetryAction.RETRY),
    ],
    default=RetryAction.FAIL,
)

DEFAULT_ARGS: dict[str, Any] = {
    # A worker that is killed is noticed by its missing heartbeat, which uses up a try without asking the policy.
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": ONLY_WHAT_TIME_MENDS,
    "execution_timeout": timedelta(hours=4),
}

WHOSE_MOVE = """
The last line of the task's log names the error.

| it says | whose move | what to do |
|---|---|---|
| `SettingsError` | the lab data engineer | mend the folder, file or variable it names; then clear the task |
| `RulebookUnsound` | whoever edited the rules | mend the row it names; then clear the task |
| `PublicationStopped` | the QA reviewer | read the checks it names; what was published before stays as it was |
| `Busy` | nobody | another build holds the home; the task tries again by itself |
| `OSError`, `duckdb.IOException` | whoever runs the machine | disk, rights or network share; tried again, then fails |
| anything else | this program's maintainers | a fault of ours; report it with the traceback, it holds no patient data |

Every task can be run again at any time: what was taken in is found again, what was built is built anew.
"""
