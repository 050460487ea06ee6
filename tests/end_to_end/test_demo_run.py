"""The whole way on the demo exports, held against the generator's manifest, which never read a file."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.demo import VARIANTS, manifest, prepare
from pipeline.run import closing_summary, latest_report, run
from pipeline.settings import Settings
from pipeline.statistics import interval

DISPOSITIONS = ("used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded", "layout")


class Month:
    """A demo home after one month: its report, its warehouse and what the manifest expects."""

    def __init__(self, home: Path, month: int) -> None:
        self.settings = Settings.load(home, {})
        prepare(self.settings, month)
        self.summary = run(self.settings)
        self.report = json.loads(latest_report(self.settings).read_text())
        self.expected = manifest(month)
        self.closing = closing_summary(self.settings)
        with duckdb.connect(str(self.summary.build.warehouse_file), read_only=True) as con:
            self.reconciliation = _records(con, "FROM mart_reconciliation")
            self.rows = _records(con, "FROM mart_row_disposition")
            self.changes = _records(con, "FROM mart_change")
            self.patients = _records(con, "FROM mart_patient")
            self.rates = _records(con, "FROM mart_positive_rate")
            self.build = _records(con, "FROM _build")[0]


def _records(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Month]:
    home = tmp_path_factory.mktemp("demo") / "home"
    return {1: Month(home, 1), 2: Month(home, 2)}


@pytest.mark.parametrize("month", [1, 2])
def test_every_file_has_the_dispositions_of_the_manifest(months: dict[int, Month], month: int) -> None:
    found = {
        f"{r['sending_lab']}/{r['file_name']}": {d: r[d] for d in DISPOSITIONS if r[d]}
        for r in months[month].reconciliation
    }
    assert found == {name: file["dispositions"] for name, file in months[month].expected["files"].items()}


@pytest.mark.parametrize("month", [1, 2])
def test_rows_counted_from_the_bytes_are_the_sum_of_the_dispositions(months: dict[int, Month], month: int) -> None:
    inbox = months[month].settings.home / "inbox"
    for row in months[month].reconciliation:
        # a third way of counting: the csv module of Python, on the bytes in the inbox
        raw = (inbox / row["sending_lab"] / row["file_name"]).read_bytes().decode("cp1252")
        counted = sum(1 for _ in csv.reader(raw.splitlines(keepends=True)))
        assert row["rows_counted"] == row["rows_accounted"] == sum(row[d] for d in DISPOSITIONS) == counted
        assert row["difference"] == 0


@pytest.mark.parametrize("month", [1, 2])
def test_every_planted_row_ended_where_it_was_planted(months: dict[int, Month], month: int) -> None:
    found = {(f"{r['sending_lab']}/{r['file_name']}", r["row_number"]): r["disposition"] for r in months[month].rows}
    planted = months[month].expected["planted"]
    assert planted
    assert {(p["file"], p["row_number"]): found[p["file"], p["row_number"]] for p in planted} == {
        (p["file"], p["row_number"]): p["disposition"] for p in planted
    }


@pytest.mark.parametrize("month", [1, 2])
def test_the_headline_is_the_manifest_s_and_one_query_on_mart_patient(months: dict[int, Month], month: int) -> None:
    found, expected = months[month].report["headline"], months[month].expected
    assert {name: found[name] for name in expected["headline"]} == expected["headline"]
    counted = [p for p in months[month].patients if p["is_in_primary"]]
    assert len(counted) == found["n_tested"]
    assert sum(p["interpretation"] == "positive" for p in counted) == found["n_positive"]
    assert (found["ci_low"], found["ci_high"]) == interval(found["n_positive"], found["n_tested"], "wilson", 0.95)
    variants = {r["analysis"]: r for r in months[month].rates if r["population"] == "MMN" and r["stratum"] == "all"}
    for analysis in ("equivocal_excluded", "equivocal_as_positive", "before_first_ivig"):
        assert {k: variants[analysis][k] for k in expected[analysis]} == expected[analysis], analysis


def test_month_two_changes_exactly_what_it_should(months: dict[int, Month]) -> None:
    before = {(r["arrival_id"], r["row_number"]): r["disposition"] for r in months[1].rows}
    after = {(r["arrival_id"], r["row_number"]): r["disposition"] for r in months[2].rows}
    changed = {place: (was, after[place]) for place, was in before.items() if after[place] != was}
    # two corrections, one amended study, one preliminary result that became final, one withdrawal; nothing else moves
    assert sorted(changed.values()) == [("held", "superseded"), ("used", "superseded"), ("used", "superseded"),
                                        ("used", "superseded"), ("used", "withdrawn")]  # fmt: skip
    new = [c for c in months[2].changes if c not in months[1].changes]
    assert sorted((c["kind"], c["is_class_change"]) for c in new) == [
        ("corrected", False),  # 60 to 62: positive before and after
        ("corrected", False),  # preliminary 70, final 72
        ("corrected", True),  # 85 to 12
        ("withdrawn", True),
    ]
    withdrawn = {c["patient_key"] for c in new if c["kind"] == "withdrawn"}
    tested = [{p["patient_key"] for p in months[n].patients if p["is_in_primary"]} for n in (1, 2)]
    assert len(withdrawn) == 1
    assert withdrawn <= tested[0]
    assert not withdrawn & tested[1]


def test_running_again_takes_in_nothing_and_gives_the_same_report_but_for_the_stamp(months: dict[int, Month]) -> None:
    settings = months[2].settings
    again = run(settings)
    assert again.ingest.exports_new == 0
    report = json.loads(latest_report(settings).read_text())
    stamp = ("run_id", "generated_at")
    assert {k: v for k, v in report.items() if k not in stamp} == {
        k: v for k, v in months[2].report.items() if k not in stamp
    }
    assert report["run_id"] != months[2].report["run_id"]


def test_as_of_gives_last_month_s_figures_again(months: dict[int, Month]) -> None:
    settings = months[2].settings
    run(settings, as_of="2026-03-31T23:59:59Z")
    report = json.loads(latest_report(settings).read_text())
    assert report["headline"] == months[1].report["headline"]
    assert report["reconciliation"] == months[1].report["reconciliation"]


def test_no_identifier_of_a_patient_leaves_the_inbox_and_the_archive_but_to_go_back(months: dict[int, Month]) -> None:
    from pipeline.demo.plan import planned

    identifiers = [p.identifier.encode() for p in planned(VARIANTS["within"]).people]
    home = months[2].settings.home
    for file in home.rglob("*"):
        if file.is_file() and file.relative_to(home).parts[0] not in ("inbox", "archive", "feedback"):
            content = file.read_bytes()
            assert not any(identifier in content for identifier in identifiers), file


def test_the_closing_lines_say_what_came_of_it(months: dict[int, Month]) -> None:
    said, headline = months[1].closing, months[1].report["headline"]
    assert f"{headline['n_positive']} of {headline['n_tested']} MMN patients" in said
    assert "within the published 30-80 %" in said
    for name in ("positive_rates.html", f"{months[1].report['run_id']}.html", "gm1.duckdb"):
        assert name in said


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "within"])
def test_each_variant_ends_as_its_name_says(variant: str, tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "home", {})
    prepare(settings, 1, variant)
    run(settings)
    report = json.loads(latest_report(settings).read_text())
    expected = manifest(1, variant)["headline"]
    assert report["headline"]["verdict"] == variant
    assert {name: report["headline"][name] for name in expected} == expected
