"""The validation page: every check, every failing row by its place, never a value, nothing dropped in silence."""

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest
import report_warehouse as warehouse
from test_report_page import LOADS, Tags

from pipeline.home import Home
from pipeline.validation import write_site
from pipeline.validation.evidence import MOST_RANGES, gather

STOPPED = {
    "check_id": "mart_difference_zero", "table_name": "mart_reconciliation", "severity": "critical",
    "category": "conformance", "expect": "ExpectColumnValuesToBeInSet", "why": "Rows add up.",
    "if_failed": "Look for the lost row.", "n_checked": 4, "n_failed": 1, "outcome": "failed",
}  # fmt: skip


class Site:
    """A home with the validation page of one run."""

    def __init__(self, folder: Path, run_id: str = warehouse.RUN_ID, **replaced: warehouse.Rows) -> None:
        self.home, _ = warehouse.home(folder)
        self.run_id = run_id
        with duckdb.connect() as con:
            warehouse.fill(con, **replaced)
            self.evidence = gather(con)
            write_site(con, self.home, run_id)
        self.html = (self.home.validation / f"{run_id}.html").read_text()
        self.tags = Tags(self.html)

    @property
    def index(self) -> Tags:
        return Tags((self.home.validation / "index.html").read_text())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("validation") / "home")


def test_every_check_is_on_the_page_with_its_outcome(site: Site) -> None:
    for check in warehouse.ROWS["mart_check_result"]:
        assert check["check_id"] in site.tags.text
    order = [site.html.index(f'<h2 id="{name}"') for name in ("failed", "unused", "idle", "passed")]
    assert order == sorted(order)
    text = site.tags.text.replace("\u00a0", " ")
    assert "7 checks: 3 failed, 0 errored, 1 had nothing to check, 3 passed." in text
    assert "Having nothing to check is not a pass" in text
    assert site.html.index("titre_collected_on_readable") < site.html.index("titre_value_on_series")


def test_failing_rows_are_named_by_export_and_row(site: Site) -> None:
    places = [cells(row) for row in re.findall(r"<tr>(.*?)</tr>", site.html, re.DOTALL)]
    assert ["northgate", "NRL_GM1_2026-03.csv", "4", "4, 7–9", f"{1:016x}"] in places
    assert ["westlea", "studies.csv", "31", "10–40", f"{4:016x}"] in places
    assert "12 (slot 2)" in site.tags.text


def cells(row: str) -> list[str]:
    return re.findall(r"<td>(.*?)</td>", row, re.DOTALL)


def test_ranges_hold_exactly_the_failing_rows(site: Site) -> None:
    for (record, check_id), listing in site.evidence.failures.items():
        given = {
            (f["arrival_id"], f["row_number"], f["slot"])
            for f in warehouse.ROWS["mart_check_failure"]
            if (f["record"], f["check_id"]) == (record, check_id)
        }
        listed = {
            (r["arrival_id"], number, r["slot"])
            for r in listing.ranges
            for number in range(r["first_row"], r["last_row"] + 1)
        }
        assert listed == given
        assert listing.n_listed == listing.n_rows == len(given)


def test_held_rows_are_listed_with_their_reason(site: Site) -> None:
    assert set(site.evidence.unused) == {
        ("held", "performing_lab_undeclared"),
        ("held", "preliminary"),
        ("rejected", "titre_collected_on_readable"),
        ("rejected", "too_few_columns"),
    }
    for _, reason in site.evidence.unused:
        assert reason in site.tags.text


def test_the_reconciliation_shows_each_export_and_the_sum(site: Site) -> None:
    assert "2,457 rows in 4 exports" in site.tags.text.replace("\u00a0", " ")
    assert "difference to the count from the bytes of the files is 0" in site.tags.text


def test_a_difference_is_shown_loudly(tmp_path: Path) -> None:
    exports = [dict(row) for row in warehouse.ROWS["mart_reconciliation"]]
    exports[0]["difference"], exports[1]["difference"] = 2, -2
    text = Site(tmp_path / "home", mart_reconciliation=exports).tags.text.replace("\u00a0", " ")
    assert "4 rows unaccounted for" in text


def test_the_page_loads_nothing_and_runs_nothing(site: Site) -> None:
    for tags in (site.tags, site.index):
        for name, attributes in tags.tags:
            assert name not in {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
            for key in LOADS & set(attributes):
                assert not re.match(r"\s*(https?:)?//|\s*[a-z]+:", attributes[key] or ""), attributes
    ids = [attributes["id"] for _, attributes in site.tags.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_hostile_file_names_and_texts_do_nothing(site: Site) -> None:
    assert "<script" not in site.html
    assert "<b>" not in site.html
    assert warehouse.HOSTILE in site.tags.text


def test_no_value_is_on_the_page(site: Site) -> None:
    for word in (warehouse.PATIENT, warehouse.ACCESSION, "patient_key", "result_text"):
        assert word not in site.html


def test_too_many_rows_are_all_in_a_csv_and_the_page_says_so(tmp_path: Path) -> None:
    # every other row, so that none are neighbours
    failures = [warehouse.failure("titre_value_on_series", "titre", 2 * n, 3) for n in range(1, MOST_RANGES + 6)]
    site = Site(tmp_path / "home", mart_check_failure=failures)
    total = MOST_RANGES + 5
    text = site.tags.text.replace("\u00a0", " ")
    assert f"{MOST_RANGES:,} of {total:,} rows are listed here; all {total:,} are in" in text
    link = next(a["href"] for tag, a in site.tags.tags if tag == "a" and (a["href"] or "").endswith(".csv"))
    assert link
    rows = list(csv.DictReader(io.StringIO((site.home.validation / link).read_text())))
    assert [int(row["row_number"]) for row in rows] == [2 * n for n in range(1, total + 1)]
    assert rows[0]["file_name"] == f"'{warehouse.FORMULA}"


def test_a_file_held_whole_is_one_range(tmp_path: Path) -> None:
    row = dict(warehouse.ROWS["mart_row_disposition"][7])
    rows = [{**row, "row_number": n, "reasons": "format_unknown"} for n in range(1, 5001)]
    site = Site(tmp_path / "home", mart_row_disposition=rows)
    assert "1–5000" in site.tags.text
    assert not list(site.home.validation.glob("*.csv"))


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_build_that_is_not_published_says_what_stopped_it(tmp_path: Path, outcome: str) -> None:
    check = {**STOPPED, "outcome": outcome, "error": "no column difference" if outcome == "error" else None}
    site = Site(tmp_path / "home", mart_check_result=[*warehouse.ROWS["mart_check_result"], check])
    assert "This build was not published." in site.tags.text
    assert "Report of this run" not in site.tags.text
    assert ("could not be evaluated" in site.tags.text) == (outcome == "error")
    assert "stopped by mart_difference_zero" in site.index.text


def test_a_critical_failure_of_a_record_stops_nothing(site: Site) -> None:
    assert site.evidence.stopping == []
    assert "Report of this run" in site.tags.text


def test_the_index_lists_runs_newest_first(tmp_path: Path) -> None:
    for number in (2, 3, 1):
        run_id = f"2026040{number}T080000Z-aaaa"
        build = {**warehouse.ROWS["_build"][0], "run_id": run_id, "built_at": f"2026-04-0{number} 08:00:00"}
        site = Site(tmp_path / "home", run_id, _build=[build])
    links = [a["href"] for tag, a in site.index.tags if tag == "a" and a["href"] != "#content"]
    assert links == [f"2026040{n}T080000Z-aaaa.html" for n in (3, 2, 1)]
    site.home.validation.joinpath("20260403T080000Z-aaaa.json").write_text("{")
    again = Site(tmp_path / "home", "20260404T080000Z-aaaa")
    assert "Summary not readable" in again.index.text


def test_the_side_file_says_what_the_index_shows(site: Site) -> None:
    content = json.loads((site.home.validation / f"{site.run_id}.json").read_text())
    assert content["checks"] == {"error": 0, "failed": 3, "not_applicable": 1, "passed": 3}
    assert (content["exports"], content["rows"], content["rows_unaccounted"]) == (4, 2457, 0)


def test_the_same_build_gives_the_same_bytes(site: Site, tmp_path: Path) -> None:
    shuffled = {name: list(reversed(rows)) for name, rows in warehouse.ROWS.items() if name.startswith("mart_")}
    again = Site(tmp_path / "home", **shuffled)
    for name in (f"{site.run_id}.html", f"{site.run_id}.json", "index.html"):
        assert (site.home.validation / name).read_bytes() == (again.home.validation / name).read_bytes()


def test_nothing_arrived_yet_is_a_page_too(tmp_path: Path) -> None:
    nothing: dict[str, warehouse.Rows] = {name: [] for name in warehouse.TABLES if name.startswith("mart_")}
    build = [{**warehouse.ROWS["_build"][0], "as_of": None}]
    site = Site(tmp_path / "home", **{**nothing, "_build": build})
    assert "0 checks" in site.tags.text.replace("\u00a0", " ")
    assert isinstance(site.home, Home)
