"""Rows that hold several records: wide panels, several kinds of record, texts kept apart; and what must add up."""

import json
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import make_home, put

from pipeline.errors import PublicationStopped, SettingsError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest import views as views_module
from pipeline.labs import load_format
from pipeline.warehouse import build

WIDE = """id: riverside_panel
schema_version: 1
title: Riverside laboratory, one row a sample (invented)
state: active
lab: riverside
record: titre
recognise: {file: "panel_*.csv"}
file: {encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}
patients: {site: riverside, pseudonym_version: "2"}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
columns:
  patient_id: {from: [Patient, Subject], matches: "R[0-9]{4}"}
  accession: {from: Accession}
  collected_on: {from: Collected}
  performing_lab: {value: RIV}
  antigen: {value: GM1}
  specimen: {value: serum}
  status: {value: final}
slots:
  - columns: {isotype: {value: IgM}, result: {from: IgM}}
  - columns: {isotype: {value: IgG}, result: {from: IgG}}
if_empty: not_requested
keep: [{column: Remark, why: the study board asked for it}]
exclude: [{column: Patient, matches: "^QC", reason: control}]
"""
BOTH = """id: riverside_both
schema_version: 1
title: Riverside registry, results and labels by row type (invented)
state: active
lab: riverside
recognise: {file: "both_*.csv"}
file: {encoding: utf-8, delimiter: ","}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
tables:
  - record: titre
    when: {column: Kind, matches: "^T$"}
    columns:
      patient_id: {from: Patient}
      accession: {from: Number}
      collected_on: {from: Day}
      performing_lab: {value: RIV}
      antigen: {value: GM1}
      isotype: {value: IgM}
      specimen: {value: serum}
      status: {value: final}
      result: {from: Value}
  - record: ncs_study
    when: {column: Kind, matches: "^S$"}
    columns:
      patient_id: {from: Patient}
      study_id: {from: Number}
      study_on: {from: Day}
      diagnosis: {from: Value, words: {MMN: MMN, ALS: ALS}}
"""


def landed(home: Home, table: str) -> list[dict[str, Any]]:
    """Every landed row of a table, by place."""
    files = [str(path) for path in (home.landed / table).glob("*.parquet")]
    found = duckdb.sql(f"SELECT * FROM read_parquet({files}) ORDER BY row_number, slot")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def manifest(home: Home) -> dict[str, Any]:
    """The account of the one export of a home."""
    (path,) = home.landed.glob("*.manifest.json")
    (entry,) = json.loads(path.read_text())["arrivals"]
    assert isinstance(entry, dict)
    return entry


def test_a_wide_panel_gives_one_record_a_filled_slot(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, WIDE)
    rows = ["subject,Accession,Collected,IgM,IgG,Remark", "R0001,A1,2024-01-02,1:800,<1:100,", "",
            "R0002,A2,2024-01-02,,1:400,a note", "R0003,A3,2024-01-02,,,", "R0004,A4,2024-01-02,1:1600,banana,"]  # fmt: skip
    put(home, "panel_1.csv", "\n".join(rows) + "\n")
    summary = ingest(settings)
    found = landed(home, "titre")
    assert [(one["row_number"], one["slot"], one["isotype"], one["comparator"], one["value"]) for one in found] == [
        (2, 1, "IgM", "", 800.0), (2, 2, "IgG", "<", 100.0), (4, 2, "IgG", "", 400.0), (6, 1, "IgM", "", 1600.0),
        (6, 2, "IgG", None, None),
    ]  # fmt: skip
    assert [one["intake_disposition"] for one in found] == [None, None, None, None, "rejected"]
    rows_only = [(one["row_number"], one["slot"], one["intake_reason"]) for one in landed(home, "row")]
    assert rows_only == [(1, 1, "header"), (3, 1, "blank"), (4, 1, "not_requested"),
                         (5, 1, "not_requested"), (5, 2, "not_requested")]  # fmt: skip
    assert (manifest(home)["rows_counted"], manifest(home)["slots_counted"]) == (6, 10)
    assert summary.rows_rejected == 1


def test_an_empty_slot_is_rejected_unless_declared(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, WIDE.replace("if_empty: not_requested\n", ""))
    put(home, "panel_1.csv", "Patient,Accession,Collected,IgM,IgG,Remark\nR0001,A1,2024-01-02,,1:100,\n")
    ingest(settings)
    assert [(one["slot"], one["intake_disposition"]) for one in landed(home, "titre")] == [(1, "rejected"), (2, None)]


def test_an_empty_slot_of_a_withdrawal_is_a_record(tmp_path: Path) -> None:
    words = "status: {from: State, words: {F: final, K: corrected, W: withdrawn}}"
    home, settings = make_home(tmp_path, WIDE.replace("status: {value: final}", words))
    head = "Patient,Accession,Collected,State,IgM,IgG,Remark\n"
    put(home, "panel_1.csv", head + "R0001,A1,2024-01-02,F,1:800,1:100,\nR0002,A2,2024-01-02,F,1:800,,\n")
    put(home, "panel_2.csv", head + "R0001,A1,2024-01-02,W,,,\n")
    ingest(settings)
    build(settings)
    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        found = connection.execute("SELECT accession, disposition FROM mart_result ORDER BY ALL").fetchall()
    assert found == [("A1", "withdrawn")] * 4 + [("A2", "used")]


def test_kept_text_is_landed_apart_and_for_its_owner_only(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, WIDE)
    put(home, "panel_1.csv", "Patient,Accession,Collected,IgM,IgG,Remark\nR0001,A1,2024-01-02,1:800,,kept words\n")
    ingest(settings)
    (path,) = home.restricted.glob("*.parquet")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.restricted.stat().st_mode) == 0o700
    found = duckdb.sql(f"SELECT row_number, slot, header, text FROM read_parquet('{path}')").fetchall()
    assert found == [(2, 1, "Remark", "kept words")]
    elsewhere = [file for file in home.root.rglob("*") if file.is_file() and file != path
                 and file.parts[-3] != "archive" and "inbox" not in file.parts]  # fmt: skip
    assert not any(b"kept words" in file.read_bytes() for file in elsewhere)


def test_rows_of_several_kinds(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, BOTH)
    rows = ["Kind,Patient,Number,Day,Value", "T,p1,A1,2024-01-02,1:800", "S,p1,S1,2024-02-01,MMN", "X,p1,,,"]
    put(home, "both_1.csv", "\n".join(rows) + "\n")
    ingest(settings)
    assert [(one["row_number"], one["slot"]) for one in landed(home, "titre")] == [(2, 1)]
    assert [(one["row_number"], one["slot"], one["diagnosis"]) for one in landed(home, "ncs_study")] == [(3, 2, "MMN")]
    assert [(one["row_number"], one["intake_disposition"], one["intake_reason"]) for one in landed(home, "row")] == [
        (1, "layout", "header"), (4, "rejected", "no_record_kind"),
    ]  # fmt: skip


def test_a_lost_slot_stops_the_landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = make_home(tmp_path, WIDE)
    put(home, "panel_1.csv", "Patient,Accession,Collected,IgM,IgG,Remark\nR0001,A1,2024-01-02,1:800,1:100,\n")
    select = views_module._record_select
    monkeypatch.setattr(views_module, "_record_select", lambda part: f"{select(part)} AND {part.slot} = 1")
    with pytest.raises(PublicationStopped, match="3 record slots read, 2 landed"):
        ingest(settings)
    assert not list(home.landed.glob("*.manifest.json"))


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ("result: {from: IgG}", "result: {from: Igm}", "'igm' is named twice"),
        ("keep: [{column: Remark", "keep: [{column: Patient", "mapped under columns and named here as well"),
        ("if_empty: not_requested", "if_empty: ignored", "if_empty"),
        ("file: {encoding: utf-8, delimiter: \",\"", "file: {header_rows: 2, encoding: utf-8, delimiter: \",\"",
         "only a workbook's header takes several rows"),
        ("file: {encoding: utf-8, delimiter: \",\"", "file: {delimiter: \",\"", "encoding"),
        ("record: titre\n", "record: titre\nignore_sheets: [{sheet: x, why: y}]\n", "only workbooks have sheets"),
    ],
)  # fmt: skip
def test_unsound_declarations_name_their_key(tmp_path: Path, was: str, becomes: str, complaint: str) -> None:
    path = tmp_path / "one.yaml"
    assert was in WIDE
    path.write_text(WIDE.replace(was, becomes))
    with pytest.raises(SettingsError, match=r"one\.yaml") as error:
        load_format(path)
    assert complaint in str(error.value)
