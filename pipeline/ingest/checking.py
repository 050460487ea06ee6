"""Row checks over a batch: one run per record, and the rows that break a critical check rejected."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.ingest.batch import Batch
from pipeline.records import LANDED, RECORDS
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcomes of all checks as the manifest keeps them, and what each check id means to the sender.

    `by_arrival` says of each arrival how many of its rows each check judged, and how many of those failed it.
    """

    outcomes: tuple[dict[str, Any], ...]
    errors: tuple[str, ...]
    meanings: dict[str, tuple[str, str]]
    by_arrival: dict[str, dict[str, tuple[int, int]]]


def check_batch(settings: Settings, batch: Batch) -> Checked:
    """Run the checks of every record, but not on rows already excluded: they are no patient results of interest."""
    from pipeline.checks import judged_by_arrival, load_checks, run_checks

    columns = ", ".join(f"{name} {kind}" for name, kind in LANDED["check_failure"].items())
    batch.connection.execute(f"CREATE TABLE check_failure ({columns})")
    outcomes: list[Any] = []
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for record in RECORDS:
        checks = load_checks(settings, record)
        batch.connection.execute(
            f"CREATE VIEW {record}_to_check AS SELECT * FROM {record} "
            "WHERE intake_disposition IS DISTINCT FROM 'excluded'"
        )
        outcomes += run_checks(batch.connection, f"{record}_to_check", checks, "check_failure", record=record)
        for arrival, counts in judged_by_arrival(batch.connection, f"{record}_to_check", checks).items():
            judged[arrival].update(counts)
        _reject(batch, record, [check.id for check in checks])
    listed = tuple(_as_listed(one) for one in outcomes)
    errors = tuple(f"check {one.check.id}: {one.error}" for one in outcomes if one.outcome == "error")
    meanings = {one.check.id: (one.check.why, one.check.if_failed) for one in outcomes}
    return Checked(listed, errors, meanings, _with_failures(batch, judged))


def _with_failures(batch: Batch, judged: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, tuple[int, int]]]:
    """Rows judged and rows failed, by arrival and check."""
    query = "SELECT arrival_id, check_id, count(*) FROM check_failure GROUP BY ALL"
    failed = {(arrival, check): n for arrival, check, n in batch.connection.execute(query).fetchall()}
    return {
        arrival: {check: (n, failed.get((arrival, check), 0)) for check, n in counts.items()}
        for arrival, counts in judged.items()
    }


def _as_listed(outcome: Any) -> dict[str, Any]:
    """A check and its outcome in the names of the manifest."""
    named = ("table", "severity", "category", "expect", "why", "if_failed")
    counted = ("n_checked", "n_failed", "outcome", "error")
    return {
        "check_id": outcome.check.id,
        **{name: getattr(outcome.check, name) for name in named},
        **{name: getattr(outcome, name) for name in counted},
    }


def _reject(batch: Batch, record: str, check_ids: Sequence[str]) -> None:
    """Write `rejected` and the first check that failed into the rows that break a critical check."""
    batch.connection.execute(
        """CREATE OR REPLACE TABLE rejection AS
           SELECT arrival_id, row_number, slot, arg_min(check_id, list_position($ids, check_id)) AS check_id
           FROM check_failure WHERE record = $record AND severity = 'critical'
           GROUP BY arrival_id, row_number, slot""",
        {"ids": list(check_ids), "record": record},
    )
    for part in batch.parts:
        if part.format.record == record:
            batch.connection.execute(
                f"""UPDATE {part.table} SET intake_disposition = 'rejected', intake_reason = r.check_id
                    FROM (SELECT * FROM rejection) r
                    WHERE layout IS NULL AND r.arrival_id = {part.arrival_id} AND r.row_number = {part.row_number}
                    AND r.slot = {part.slot}"""
            )
