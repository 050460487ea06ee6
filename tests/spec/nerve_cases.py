"""One warehouse for many small nerve studies: each case is a patient, so that a page of cases costs one build."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import Row, built

from pipeline import resources

EFNS, UTRECHT, PERMISSIVE = "EFNS_PNS_2010", "UTRECHT", "PERMISSIVE_2005"


@dataclass(frozen=True)
class Case:
    """What is shown, the rows that show it, and what must come of them; each key of `expected` is a column."""

    says: str
    sites: Sequence[Row]
    expected: Mapping[str, Any]
    of_set: str = EFNS
    segment: tuple[str, str] | None = None
    where: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.says


def pair(proximal: Row | None = None, distal: Row | None = None, **both: Any) -> list[Row]:
    """Wrist and elbow of a left median nerve, half of the area and amplitude lost; keywords change both rows."""
    at_elbow = {"site": "elbow", "latency_ms": "7.5", "amplitude_mv": "5", "area_mv_ms": "15", "duration_ms": "6"}
    return [{**both, **(distal or {})}, {**at_elbow, **both, **(proximal or {})}]


def found(folder: Path, cases: Sequence[Case], table: str) -> list[dict[str, Any]]:
    """For each case what `table` says of it: only the columns that the case expects."""
    sites = [{**row, "patient_key": f"case{number}"} for number, case in enumerate(cases) for row in case.sites]
    con = built(folder, sites=sites)
    return [_one(con, number, case, table) for number, case in enumerate(cases)]


def _one(con: Any, number: int, case: Case, table: str) -> dict[str, Any]:
    conditions = {"patient_key": f"case{number}", "criteria_set": case.of_set, **case.where}
    if case.segment:
        conditions |= {"distal_site": case.segment[0], "proximal_site": case.segment[1]}
    where = " AND ".join(f"{name} = '{value}'" for name, value in conditions.items())
    rows = con.execute(f"SELECT {', '.join(case.expected)} FROM {table} WHERE {where}").fetchall()
    assert len(rows) == 1, f"{case.says}: {len(rows)} rows where one is meant"
    return dict(zip(case.expected, rows[0], strict=True))


def site_rule(folder: Path, file: str, *rows: Mapping[str, str]) -> Path:
    """A site's own rows of a rule file, in the folder where `built` looks for rules of a site."""
    target = folder / "rules" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    with (resources.RULES_DIR / file).open(newline="", encoding="utf-8") as shipped:
        head = next(csv.reader(shipped))
    with target.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, head, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return target
