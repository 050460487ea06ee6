"""Decisions of named persons: what can be decided, what is kept, and what intake and build make of it."""

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import FORMAT, export, make_home, put, row

from pipeline import decisions
from pipeline.decisions import Decision
from pipeline.errors import SettingsError, UsageError
from pipeline.home import Home
from pipeline.ingest import ingest, waiting_labs
from pipeline.ingest.generations import landed
from pipeline.quarantine import quarantine, release, rows_of
from pipeline.settings import Settings
from pipeline.status import status
from pipeline.warehouse import build

EXPORT = "riverside/titres_1.csv"
WHO = {"decided_by": "A. Reviewer", "why": "asked the laboratory by telephone"}
FOOTED = FORMAT.replace(
    'date: "%Y-%m-%d"}', 'date: "%Y-%m-%d", footer: {matches: "^Total", stated_rows: "^Total ([0-9]+)"}}'
)


def contested_home(tmp_path: Path) -> tuple[Home, Settings]:
    """Rows 2 and 3 are one result with two values, row 4 is malformed, row 5 sound; built."""
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), row(result="1:1600"), row("X1"), row("R0002", "A2")))
    ingest(settings)
    build(settings)
    return home, settings


def fates(home: Home) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        query = "SELECT row_number, disposition, reasons FROM mart_row_disposition WHERE row_number > 1 ORDER BY ALL"
        return con.execute(query).fetchall()


def test_a_held_row_is_used_and_its_rival_rejected(tmp_path: Path) -> None:
    home, settings = contested_home(tmp_path)
    made = release(settings, EXPORT, "use", row_number=3, **WHO)
    assert (made.row_number, made.slot, made.reason_code, made.decision) == (3, 1, "conflicting_values", "use")
    release(settings, EXPORT, "reject", row_number=2, **WHO)
    assert quarantine(settings).is_warehouse_older
    build(settings)
    assert not quarantine(settings).is_warehouse_older
    assert fates(home)[:2] == [(2, "rejected", "rejected_on_review"), (3, "used", "released; no_rule")]
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        (as_of,) = con.execute("SELECT as_of FROM _build").fetchall()[0]
        assert con.execute("SELECT is_released FROM mart_result WHERE row_number = 3").fetchall() == [(True,)]
    assert f"{as_of:%Y-%m-%dT%H:%M:%SZ}" == max(one.decided_at for one in decisions.decisions(home))
    run = json.loads(max(home.runs.glob("*/build.json")).read_text())
    assert [one["decided_by"] for one in run["decisions"]] == ["A. Reviewer", "A. Reviewer"]


def test_a_build_as_of_an_earlier_time_does_not_know_later_decisions(tmp_path: Path) -> None:
    home, settings = contested_home(tmp_path)
    before = max(one.generation_at for one in landed(home).values())
    release(settings, EXPORT, "use", row_number=3, **WHO)
    build(settings, as_of=before)
    assert fates(home)[1] == (3, "held", "conflicting_values")
    build(settings)
    assert fates(home)[1] == (3, "used", "released; no_rule")


def test_the_newest_decision_counts_and_none_is_lost(tmp_path: Path) -> None:
    home, settings = contested_home(tmp_path)
    first = release(settings, EXPORT, "use", row_number=3, **WHO)
    build(settings)
    second = release(settings, EXPORT, "reject", row_number=3, **WHO)
    assert first.decided_at < second.decided_at
    assert quarantine(settings).is_warehouse_older
    build(settings)
    assert fates(home)[1] == (3, "rejected", "rejected_on_review")
    release(settings, EXPORT, "use", row_number=3, **WHO)
    build(settings)
    assert fates(home)[1] == (3, "used", "released; no_rule")
    assert len(list(home.reviews.glob("*.json"))) == 3
    assert len(decisions.all_decisions(home)) == 3
    assert len(decisions.decisions(home)) == 1
    assert status(settings).decisions == {"release": 3}


def test_only_what_is_held_can_be_decided(tmp_path: Path) -> None:
    _, settings = contested_home(tmp_path)
    for number in (1, 4, 5, 99):
        with pytest.raises(UsageError, match=f"row {number}, slot 1: is not held"):
            release(settings, EXPORT, "use", row_number=number, **WHO)
    with pytest.raises(UsageError, match="is not held"):
        release(settings, EXPORT, "use", row_number=3, slot=2, **WHO)
    with pytest.raises(UsageError, match="is not held; `gm1 quarantine` lists"):
        release(settings, EXPORT, "use", **WHO)
    with pytest.raises(UsageError, match="needs a name and a reason"):
        release(settings, EXPORT, "use", "", " ", row_number=3)


def test_a_decision_rests_on_what_is_built(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), row(result="1:1600")))
    ingest(settings)
    with pytest.raises(UsageError, match="run `gm1 build` first"):
        release(settings, EXPORT, "use", row_number=3, **WHO)


def test_a_file_is_taken_in_despite_the_hold_it_was_released_from(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FOOTED)
    put(home, "titres_1.csv", export(row(), row("R0002", "A2")) + "Total 3\n")
    ingest(settings)
    (held,) = quarantine(settings).files
    assert held.reason == "footer_total_differs" and held.can_release
    assert waiting_labs(settings) == []
    with pytest.raises(UsageError, match="decide about the file"):
        release(settings, EXPORT, "use", row_number=2, **WHO)
    made = release(settings, EXPORT, "use", **WHO)
    assert (made.row_number, made.slot, made.reason_code) == (None, None, "footer_total_differs")
    assert waiting_labs(settings) == ["riverside"]
    again = ingest(settings)
    assert (again.exports_tried_again, again.exports_held, again.rows_accepted) == (1, 0, 2)
    assert waiting_labs(settings) == []
    assert ingest(settings).rows == 0
    generation = landed(home)[made.arrival_id]
    assert generation.generation_at >= made.decided_at
    assert generation.notes == {"released_footer_total_differs": 1}
    assert len(list((home.landed / "titre").glob("*.parquet"))) == 1
    release(settings, EXPORT, "reject", **WHO)
    assert ingest(settings).exports_held == 1
    assert [one.reason for one in quarantine(settings).files] == []
    build(settings)
    assert {(fate, reasons) for _, fate, reasons in fates(home)} == {("rejected", "rejected_on_review")}


def test_a_file_nobody_wants_is_left_out_by_decision(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "notes.csv", "SYNTHETIC\nnothing of interest\n")
    ingest(settings)
    with pytest.raises(UsageError, match="nobody can overrule"):
        release(settings, "riverside/notes.csv", "use", **WHO)
    release(settings, "riverside/notes.csv", "reject", **WHO)
    ingest(settings)
    build(settings)
    found = quarantine(settings)
    assert found.files == ()
    assert [(one.move, one.reason, one.rows) for one in found.reasons] == [("nobody", "rejected_on_review", 2)]
    assert rows_of(settings, "riverside/notes.csv").held is None


def test_a_decision_outlives_taking_in_again_and_answers_one_hold(tmp_path: Path) -> None:
    home, settings = contested_home(tmp_path)
    release(settings, EXPORT, "use", row_number=3, **WHO)
    build(settings)
    bad = row(result="1:3200", status="C").replace("2024-01-05", "someday")
    put(home, "titres_2.csv", export(bad))
    ingest(settings)
    build(settings)
    # the correction could not be read, so the released value is in doubt again, for another reason
    assert (3, "held", "correction_rejected") in fates(home)


def test_a_decision_that_cannot_be_read_stops_the_build(tmp_path: Path) -> None:
    home, settings = contested_home(tmp_path)
    (home.reviews / "20260101T000000Z-00000000.json").write_text("{}")
    with pytest.raises(SettingsError, match="expected a decision"):
        build(settings)


def test_decisions_of_one_second_keep_their_order(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(0))
    for said in ("use", "reject", "use"):
        decisions.record(home, Decision(at, "A. Reviewer", "a reason", "a1", 2, 1, "preliminary", said))
    (counted,) = decisions.decisions(home)
    assert (counted.decision, counted.decided_at) == ("use", "1970-01-01T00:00:02Z")
    (counted,) = decisions.decisions(home, as_of="1970-01-01T00:00:01Z")
    assert counted.decision == "reject"
