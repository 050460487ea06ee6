"""Workbooks with several sheets: each table its own, rows named as people count them, nothing left unsaid."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import make_home, put
from workbook_files import Value, write_zip, xlsx_parts, xlsx_sheet

from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.warehouse import build

TWO = """id: riverside_book
schema_version: 1
title: Riverside laboratory, results and labels in one workbook (invented)
state: active
lab: riverside
recognise: {file: "book_*.xlsx"}
file: {form: workbook}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
tables:
  - record: titre
    sheet: "Serology*"
    header_row: 3
    columns:
      patient_id: {from: Patient}
      accession: {from: Sample}
      collected_on: {from: Collected}
      performing_lab: {value: RIV}
      antigen: {value: GM1}
      isotype: {value: IgM}
      specimen: {value: serum}
      status: {value: final}
      result: {from: Titre}
  - record: ncs_study
    sheet: Registry
    columns:
      patient_id: {from: Patient}
      diagnosis: {from: Diagnosis, words: {MMN: MMN}}
      study_on: {from: Date}
ignore_sheets: [{sheet: "Legend*", why: explains abbreviations}]
"""
SEROLOGY = [["SYNTHETIC"], [], ["Patient", "Sample", "Collected", "Titre"], ["R1", "A1", "2024-01-02", "1:800"]]
REGISTRY = [["Patient", "Diagnosis", "Date"], ["R1", "MMN", "2024-02-01"], ["R2", "unknown word", "2024-02-01"]]
LEGEND = [["MMN means something"], ["and so on"]]
Sheets = Mapping[str, Sequence[Sequence[Value]]]


def book(path: Path, sheets: Sheets, hidden: Sequence[str] = ()) -> bytes:
    """The bytes of a workbook with these sheets."""
    write_zip(path, xlsx_parts({name: xlsx_sheet(rows) for name, rows in sheets.items()}, hidden))
    return path.read_bytes()


def account(home: Home) -> dict[str, Any]:
    (path,) = home.landed.glob("*.manifest.json")
    (entry,) = json.loads(path.read_text())["arrivals"]
    assert isinstance(entry, dict)
    return entry


def test_rows_are_named_by_sheet_and_row(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, TWO)
    sheets = {"Legend": LEGEND, "Serology 2024": SEROLOGY, "Registry": REGISTRY}
    put(home, "book_1.xlsx", book(tmp_path / "b.xlsx", sheets, hidden=["Legend"]))
    ingest(settings)
    build(settings)
    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        places = connection.execute(
            "SELECT place, record, disposition FROM mart_row_disposition WHERE disposition <> 'layout' ORDER BY row_number"
        ).fetchall()
        layout = connection.execute(
            "SELECT place, reasons FROM mart_row_disposition WHERE disposition = 'layout' ORDER BY row_number"
        ).fetchall()
        whole = connection.execute("SELECT rows_counted, row_unit, difference FROM mart_reconciliation").fetchall()
    assert places == [
        ("sheet Serology 2024, row 4", "titre", "used"),
        ("sheet Registry, row 2", "ncs_study", "used"),
        ("sheet Registry, row 3", "ncs_study", "rejected"),
    ]
    assert layout == [
        ("sheet Legend, row 1", "other_sheet"), ("sheet Legend, row 2", "other_sheet"),
        ("sheet Serology 2024, row 1", "preamble"), ("sheet Serology 2024, row 2", "preamble"),
        ("sheet Serology 2024, row 3", "header"), ("sheet Registry, row 1", "header"),
    ]  # fmt: skip
    assert whole == [(9, "row", 0)]
    assert account(home)["notes"] == {"hidden_sheet": 1}
    (listed,) = home.quarantine.glob("*/reasons.csv")
    assert "sheet Registry, row 3" in listed.read_text()


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"Serology": SEROLOGY, "Registry": REGISTRY, "More": LEGEND}, "sheet_undeclared"),
        ({"Serology": SEROLOGY}, "sheet_missing"),
        ({"Serology": SEROLOGY, "Serology b": SEROLOGY, "Registry": REGISTRY}, None),
        ({"Serology": SEROLOGY[2:], "Registry": REGISTRY}, "header_differs"),
        ({"Serology": SEROLOGY, "Registry": [[*REGISTRY[0], "Surname"]]}, "identifier_columns"),
        ({"Serology": [*SEROLOGY[:3], [*SEROLOGY[3], "x"]], "Registry": REGISTRY}, "cells_beyond_header"),
    ],
)
def test_what_no_table_declares_holds_the_file(tmp_path: Path, sheets: Sheets, reason: str | None) -> None:
    home, settings = make_home(tmp_path, TWO)
    put(home, "book_1.xlsx", book(tmp_path / "b.xlsx", sheets))
    summary = ingest(settings)
    assert account(home)["held_reason"] == reason
    assert summary.exports_held == (reason is not None)
    rows = sum(len(sheet) for sheet in sheets.values())
    assert account(home)["rows_counted"] == rows


def test_the_validation_page_names_sheet_and_row(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, TWO)
    put(home, "book_1.xlsx", book(tmp_path / "b.xlsx", {"Serology": SEROLOGY, "Registry": REGISTRY}))
    ingest(settings)
    run = build(settings).run_id
    page = (home.validation / f"{run}.html").read_text(encoding="utf-8")
    assert "book_1.xlsx, sheet Registry" in page
