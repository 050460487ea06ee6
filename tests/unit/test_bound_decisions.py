"""A decision about a row holds for what the row said: read anew as something else, the row waits again."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import FORMAT, make_home, put

from pipeline.decisions import all_decisions
from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.quarantine import quarantine, release, rows_of
from pipeline.replay import replay
from pipeline.settings import Settings
from pipeline.warehouse import build

IGM = "  - columns: {test_code: {value: GM1M}, result: {from: M}}\n"
IGG = "  - columns: {test_code: {value: GM1G}, result: {from: G}}\n"
WIDE = (
    FORMAT.replace("  test_code: {from: Test}\n", "")
    .replace("  result: {from: Result}\n", "")
    .replace("  GD1A: {antigen: GD1a, isotype: IgM,", "  GM1G: {antigen: GM1, isotype: IgG,")
    + "slots:\n"
)
EXPORT = "riverside/titres_1.csv"
WHO = {"decided_by": "A. Reviewer", "why": "asked the laboratory by telephone"}
HEADER = "Patient,Accession,Collected,Received,Reported,M,G,Status"


def wide_row(igm: str, igg: str) -> str:
    return f"R0001,A1,2024-01-02,2024-01-03,2024-01-05,{igm},{igg},F"


def decided_home(tmp_path: Path) -> tuple[Home, Settings]:
    """Two rows that contradict each other for IgM and for IgG; of IgM, the first is used and the second rejected."""
    home, settings = make_home(tmp_path, WIDE + IGM + IGG)
    put(home, "titres_1.csv", "\n".join([HEADER, wide_row("1:800", "1:100"), wide_row("1:400", "1:200"), ""]))
    ingest(settings)
    build(settings)
    release(settings, EXPORT, "use", row_number=2, slot=1, **WHO)
    release(settings, EXPORT, "reject", row_number=3, slot=1, **WHO)
    build(settings)
    return home, settings


def declare(settings: Settings, text: str) -> None:
    (settings.labs_dirs[0] / "0.yaml").write_text(text, encoding="utf-8")


def fates(home: Home) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        return con.execute("SELECT isotype, row_number, disposition FROM mart_result ORDER BY ALL").fetchall()


DECIDED = [("IgG", 2, "held"), ("IgG", 3, "held"), ("IgM", 2, "used"), ("IgM", 3, "rejected")]
WAITING = [(isotype, row_number, "held") for isotype in ("IgG", "IgM") for row_number in (2, 3)]


def test_a_decision_is_not_applied_to_another_result_in_the_same_place(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    assert fates(home) == DECIDED
    declare(settings, WIDE + IGG + IGM)
    (tried,) = replay(settings, is_dry_run=True).exports
    assert tried.decisions_outdated == 2
    done = replay(settings)
    assert done.exports == (tried,)
    assert "decisions about rows that no longer fit: 2" in done.as_text()
    assert len(quarantine(settings).outdated) == 2
    build(settings)
    assert fates(home) == WAITING
    told = quarantine(settings)
    assert [(one.place, one.slot, one.decision, one.reason) for one in told.outdated] == [
        ("row 2", 1, "use", "conflicting_values"),
        ("row 3", 1, "reject", "conflicting_values"),
    ]
    assert "Decisions that no longer fit" in told.as_text()
    assert "Decisions that no longer fit" in rows_of(settings, EXPORT).as_text()
    # back under the first mapping the decisions are about what they were about
    declare(settings, WIDE + IGM + IGG)
    replay(settings)
    build(settings)
    assert fates(home) == DECIDED
    assert quarantine(settings).outdated == ()


def test_what_waits_again_is_decided_anew(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    declare(settings, WIDE + IGG + IGM)
    replay(settings)
    build(settings)
    release(settings, EXPORT, "use", row_number=3, slot=1, **WHO)
    build(settings)
    assert ("IgG", 3, "used") in fates(home)
    assert [one.place for one in quarantine(settings).outdated] == ["row 2"]


def test_another_name_of_the_format_changes_no_decision(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    declare(settings, (WIDE + IGM + IGG).replace("id: riverside_titres", "id: riverside_panels"))
    (done,) = replay(settings).exports
    assert done.decisions_outdated == 0
    build(settings)
    assert fates(home) == DECIDED


def test_a_decision_is_not_decided_anew_once_the_row_says_something_else(tmp_path: Path) -> None:
    _, settings = decided_home(tmp_path)
    # read so, the rows are two samples, and nothing of them is held
    two_samples = WIDE.replace("accession: {from: Accession}", "accession: {from: M}")
    declare(settings, two_samples + IGM + IGG + "ignore: [{column: Accession, why: a test of two samples}]\n")
    replay(settings)
    build(settings)
    with pytest.raises(UsageError, match="is not held"):
        release(settings, EXPORT, "reject", row_number=2, slot=1, **WHO)


def test_a_decision_without_a_fingerprint_fits_nothing(tmp_path: Path) -> None:
    home, settings = decided_home(tmp_path)
    assert all(len(one.fingerprint or "") == 32 for one in all_decisions(home))
    for path in home.reviews.glob("*.json"):
        content = json.loads(path.read_text())
        del content["fingerprint"]
        path.write_text(json.dumps(content))
    build(settings)
    assert fates(home) == WAITING
    assert len(quarantine(settings).outdated) == 2
