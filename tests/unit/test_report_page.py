"""The written report: what it says, what it must never say, and that it repeats to the byte."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import report_warehouse as warehouse

from pipeline.errors import SettingsError
from pipeline.home import Home
from pipeline.report import report
from pipeline.report.record_tables import MOST_CHANGES
from pipeline.settings import Settings

LOADS = {"src", "href", "xlink:href", "data", "poster", "action", "srcset"}
STAMPS = ("run_id", "generated_at")


class Tags(HTMLParser):
    """Every tag with its attributes, and the text that is seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.seen: list[str] = []
        self._is_hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.seen.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.seen).split())


class Written:
    """A home with its report."""

    def __init__(self, folder: Path, **replaced: warehouse.Rows) -> None:
        self.home, self.settings = warehouse.home(folder)
        warehouse.publish(self.home, **replaced)
        self.summary = report(self.settings)
        self.folder = self.home.reports / self.summary.run_id
        self.html = self.summary.page.read_text()
        self.tags = Tags(self.html)
        self.json: dict[str, Any] = json.loads(self.summary.report_file.read_text())

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / "tables" / f"{name}.csv").read_text())))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("report") / "home")


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_headline_is_a_row_of_the_mart(written: Written) -> None:
    headline = written.json["headline"]
    assert headline in written.json["positive_rates"]
    names = ("analysis", "population", "stratum")
    assert [headline[name] for name in names] == ["primary", "MMN", "all"]
    assert (headline["n_positive"], headline["n_tested"], headline["verdict"]) == (38, 88, "within")
    assert headline["rate"] == 38 / 88


def test_report_json_has_the_agreed_keys(written: Written) -> None:
    content = written.json
    assert set(content) == {
        "schema_version", "run_id", "generated_at", "as_of", "status", "headline", "positive_rates", "reconciliation",
        "checks", "reference_facts", "provenance",
    }  # fmt: skip
    assert content["status"] == "draft"
    assert content["as_of"] == "2026-03-04T06:30:00Z"
    assert content["checks"] == {"passed": 3, "failed": 3, "not_applicable": 1, "errored": 0}
    rows = content["reconciliation"]
    assert rows["exports"] == 4
    assert rows["rows"] == sum(rows["by_disposition"].values()) == 2457
    assert set(content["provenance"]["exports"][0]) == {"sha256", "name", "lab", "rows"}
    assert set(content["provenance"]) == {
        "exports", "rulebook_sha256", "expectations_sha256", "sql_sha256", "labs_sha256", "crosswalk_sha256",
        "code_version", "packages",
    }  # fmt: skip
    assert all(len(e["sha256"]) == 64 for e in content["provenance"]["exports"])


def test_what_is_not_estimable_is_null_and_never_zero(written: Written) -> None:
    row = next(r for r in written.json["positive_rates"] if r["population"] == "GBS")
    assert [row[name] for name in ("rate", "ci_low", "ci_high")] == [None, None, None]
    assert next(r for r in written.table("positive_rates") if r["population"] == "GBS")["rate"] == ""


def test_the_page_loads_nothing_and_runs_nothing(written: Written) -> None:
    for name, attributes in written.tags.tags:
        assert name not in {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
        assert not [key for key in attributes if key.startswith("on")]
        for key in LOADS & set(attributes):
            assert not re.match(r"\s*(https?:)?//|\s*[a-z]+:", attributes[key] or ""), attributes
    style = written.html[written.html.index("<style>") : written.html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "Content-Security-Policy" in written.html


def test_every_link_within_the_page_has_its_target_and_ids_are_unique(written: Written) -> None:
    ids = [attributes["id"] for _, attributes in written.tags.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [a["href"] or "" for tag, a in written.tags.tags if tag == "a"]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert f"../../validation/{warehouse.RUN_ID}.html" in links
    for link in links:
        if not link.startswith(("#", "../")):
            assert (written.folder / link).is_file()


def test_the_page_says_what_the_range_is_and_is_not(written: Written) -> None:
    text = written.tags.text.replace("\u00a0", " ")
    for said in (
        "38 of 88 tested MMN patients are IgM anti-GM1 positive; 95 % Wilson interval 33.3–53.6 %.",
        "Within the published range",
        "The published range is 30–80 %",
        "Patient information on MMN, no author and no date (file b.txt), line 5",
        "names no assay, no isotype, no cut-off and no number of patients",
        "not mean that an assay, a laboratory or a cohort is validated",
        "It is not a diagnosis",
        "Every laboratory, patient and result behind this page is invented",
        "Each patient counts once, by the earliest collected result",
        "2,457 rows in 4 exports = 2,271 used + 3 held",
        "412 patients − 324 lost on the way = 88 tested",
        "Limits of inference",
    ):
        assert said in text, said


def test_no_patient_no_pseudonym_and_no_accession_leaves_the_warehouse(written: Written) -> None:
    for name, content in files(written.folder).items():
        text = content.decode()
        assert warehouse.PATIENT[:12] not in text, name
        assert warehouse.ACCESSION not in text, name
        for column in ("patient_key", "result_text", "birth_year"):
            assert column not in text, (name, column)


def test_hostile_file_names_are_shown_and_do_nothing(written: Written) -> None:
    assert "<script" not in written.html
    assert "&lt;script&gt;alert(" in written.html
    assert warehouse.HOSTILE in written.tags.text
    assert written.json["provenance"]["exports"][1]["name"] in (warehouse.HOSTILE, warehouse.FORMULA)


def test_no_cell_of_a_csv_starts_a_formula(written: Written) -> None:
    names = [row["file_name"] for row in written.table("reconciliation")]
    assert f"'{warehouse.FORMULA}" in names
    for file in (written.folder / "tables").iterdir():
        for row in csv.reader(io.StringIO(file.read_text())):
            assert not [cell for cell in row if re.match(r"[=+@\t\r]|-\D", cell)], file.name


def test_long_cells_are_not_shortened(written: Written, tmp_path: Path) -> None:
    long = "x" * 300 + ".csv"
    exports = [{**row, "file_name": long} for row in warehouse.ROWS["mart_reconciliation"]]
    assert long in Written(tmp_path / "home", mart_reconciliation=exports).html


def test_the_same_warehouse_gives_the_same_bytes(written: Written) -> None:
    before = files(written.folder)
    report(written.settings)
    assert files(written.folder) == before
    assert [p.name for p in written.home.reports.iterdir()] == [warehouse.RUN_ID]


def test_another_run_of_the_same_inputs_differs_in_its_stamp_only(written: Written, tmp_path: Path) -> None:
    build = {**warehouse.ROWS["_build"][0], "run_id": "20270101T000000Z-ffff", "built_at": "2027-01-01 00:00:00"}
    shuffled = {
        name: list(reversed(rows)) for name, rows in warehouse.ROWS.items() if name not in ("_build", "mart_result")
    }
    other = Written(tmp_path / "home", _build=[build], **shuffled)
    content = {name: value for name, value in other.json.items() if name not in STAMPS}
    assert content == {name: value for name, value in written.json.items() if name not in STAMPS}
    one, two = files(written.folder), files(other.folder)
    for name in one:
        if name.startswith(("tables/", "figures/")):
            assert one[name] == two[name], name
    html = other.html.replace("20270101T000000Z-ffff", warehouse.RUN_ID)
    assert html.replace("2027-01-01 00:00:00", "2026-04-01 08:00:00") == written.html


def test_a_verdict_that_depends_on_equivocals_is_said(tmp_path: Path) -> None:
    rates = [
        warehouse.rate(30, 80, n_equivocal=20),
        warehouse.rate(30, 60, analysis="equivocal_excluded"),
        warehouse.rate(50, 80, analysis="equivocal_as_positive", n_equivocal=20),
        warehouse.rate(5, 9, analysis="before_first_ivig"),
    ]
    text = Written(tmp_path / "home", mart_positive_rate=rates).tags.text
    assert "The verdict depends on how they count." in text
    assert "Too few" in text


def test_a_code_breaks_at_its_dots_and_is_copied_whole(written: Written) -> None:
    """A rule may break across lines between its parts, never inside a word; the text of the cell stays the code."""
    rule = warehouse.ROWS["rule_cutoff"][0]["rule_id"]
    assert str(rule).replace(".", ".<wbr>") in written.html
    assert rule in "".join(written.tags.seen)


def test_failed_checks_say_how_bad_and_why_without_repeating_that_they_failed(written: Written) -> None:
    heads = re.findall(r'<th scope="col">([^<]*)', written.html.split("Checks that failed</p>")[1])
    assert heads[:6] == ["Severity", "Check", "Of", "Failed", "Checked", "Why it matters"]


def test_a_reason_why_results_are_not_evaluable_stands_in_words(written: Written) -> None:
    assert "straddles_ cut_ off The result is a bound that reaches over a cut-off" in written.tags.text


def test_the_criteria_of_block_are_those_of_the_data(tmp_path: Path) -> None:
    rows = [{**row, "criteria_set": "UTRECHT"} for row in warehouse.ROWS["mart_conduction_block"]]
    sets = [{"criteria_set": "UTRECHT", "is_default": True}]
    text = Written(tmp_path / "home", mart_conduction_block=rows, rule_block_requirement=sets).tags.text
    assert "Block is judged by the criteria of UTRECHT," in text
    assert "negative-peak area between two sites, never by amplitude" not in text


def test_many_changes_are_listed_in_the_csv_and_the_page_says_how_many(tmp_path: Path) -> None:
    one = dict(warehouse.ROWS["mart_change"][0])
    changes = [{**one, "earlier_row_number": number} for number in range(MOST_CHANGES + 5)]
    many = Written(tmp_path / "home", mart_change=changes)
    assert f"The first {MOST_CHANGES} of {MOST_CHANGES + 5} are listed" in many.tags.text
    assert len(many.table("changes")) == MOST_CHANGES + 5


def test_an_empty_warehouse_is_reported_as_such(tmp_path: Path) -> None:
    names = ("primary", "equivocal_excluded", "equivocal_as_positive", "before_first_ivig")
    kept = ("_build", "rule_analysis", "rule_population", "rule_published_range", "mart_reference_fact")
    nothing: dict[str, warehouse.Rows] = {name: [] for name in warehouse.TABLES if name not in kept}
    nothing["mart_positive_rate"] = [warehouse.rate(0, 0, analysis=name) for name in names]
    build = [{**warehouse.ROWS["_build"][0], "as_of": None}]
    empty = Written(tmp_path / "home", **{**nothing, "_build": build})
    text = empty.tags.text
    assert "Not estimable" in text
    assert "no rate can be given" in text
    assert "No export has arrived yet." in text
    assert "no export yet" in text
    assert "there is no label to ask it of" in text
    assert (empty.json["as_of"], empty.json["headline"]["rate"]) == (None, None)
    assert (empty.folder / "tables" / "changes.csv").read_text().startswith("kind,")


def test_a_home_that_is_no_demo_does_not_say_it_is(tmp_path: Path) -> None:
    Home.create(tmp_path / "home")
    settings = Settings.load(tmp_path / "home", environ={})
    home = Home.open(settings)
    warehouse.publish(home)
    assert "is invented" not in report(settings).page.read_text()


def test_without_a_warehouse_the_error_says_what_to_do(tmp_path: Path) -> None:
    _, settings = warehouse.home(tmp_path / "home")
    with pytest.raises(SettingsError, match="nothing was published yet; run `gm1 run`"):
        report(settings)


def test_a_warehouse_of_another_version_is_not_read(tmp_path: Path) -> None:
    home, settings = warehouse.home(tmp_path / "home")
    warehouse.publish(home, _build=[{**warehouse.ROWS["_build"][0], "schema_version": 99}])
    with pytest.raises(SettingsError, match="another version"):
        report(settings)


def test_a_failure_while_writing_leaves_the_old_report(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(written.folder)
    monkeypatch.setattr(Path, "rename", _no_space)
    with pytest.raises(OSError, match="no space"):
        report(written.settings)
    assert files(written.folder) == before
    assert [p.name for p in written.home.reports.iterdir()] == [warehouse.RUN_ID]


def _no_space(*_: object) -> Path:
    raise OSError("no space")


def test_the_warehouse_is_opened_for_reading_only(written: Written) -> None:
    with duckdb.connect(str(written.home.warehouse_file), read_only=True):
        assert report(written.settings).run_id == warehouse.RUN_ID


def test_the_summary_is_plain(written: Written) -> None:
    found = json.loads(json.dumps(written.summary.as_dict()))
    assert (found["verdict"], found["n_tested"], found["n_positive"]) == ("within", 88, 38)
    assert Path(found["page"]).is_file()
