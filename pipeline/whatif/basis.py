"""What the published warehouse was built from, so that a second build differs by its rules alone."""

import json
from dataclasses import asdict
from typing import Any

import duckdb

from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.rulebook import Rulebook
from pipeline.settings import Settings
from pipeline.warehouse import generations, models

_STALE = "run `gm1 build` first, so that only the rules differ"


def basis(settings: Settings, home: Home, today: Rulebook) -> generations.Counted:
    """The generations and decisions behind the published warehouse.

    Raises UsageError when nothing is published, and when the published warehouse is not what today's rules, models and
    landed data would give: its differences would then not be those of the other rulebook.
    """
    if not home.warehouse_file.is_file():
        raise UsageError(f"{home.warehouse_file}: nothing was published yet; run `gm1 run` first")
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        run_id, as_of, rules, sql = con.execute(
            "SELECT run_id, strftime(as_of, '%Y-%m-%dT%H:%M:%SZ'), rulebook_sha256, sql_sha256 FROM _build"
        ).fetchall()[0]
    if rules != today.sha256 or sql != models.sql_sha256(settings.sql_dir):
        raise UsageError(f"whatif: the published warehouse was built by other rules or another version; {_STALE}")
    built = _built_from(home, run_id)
    for counted in (generations.counted(home), generations.counted(home, as_of)):
        if _named(counted) == built:
            return counted
    changed = "exports have landed, decisions were made or the crosswalk changed"
    raise UsageError(f"whatif: {changed} since the warehouse was built; {_STALE}")


def _built_from(home: Home, run_id: str) -> tuple[dict[str, str], list[dict[str, Any]], str]:
    try:
        record: dict[str, Any] = json.loads((home.runs / run_id / "build.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"whatif: the record of run {run_id} cannot be read; {_STALE}") from error
    arrivals = {one["arrival_id"]: one["batch"] for one in record["arrivals"]}
    return arrivals, record.get("decisions", []), record.get("crosswalk_sha256", "none")


def _named(counted: generations.Counted) -> tuple[dict[str, str], list[dict[str, Any]], str]:
    arrivals = {one.arrival_id: one.batch for one in counted.arrivals}
    return arrivals, [asdict(one) for one in counted.decisions], counted.crosswalk_sha256
