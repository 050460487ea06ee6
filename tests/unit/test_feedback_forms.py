"""Feedback for workbooks, messages, archives and wide rows: every physical row comes back, with its place."""

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import duckdb
from intake_home import FORMAT, export, make_home, put, row
from workbook_files import write_zip, xlsx_parts, xlsx_sheet

from pipeline.feedback import FeedbackSummary, write_feedback
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.settings import Settings
from pipeline.warehouse import build

HEADERS = ("Patient", "Accession", "Test", "Collected", "Received", "Reported", "Result", "Status")
WORKBOOK = FORMAT.replace(
    '{encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}', '{form: workbook, sheet: "Results", date: "%Y-%m-%d"}'
)
WORKBOOK = (
    WORKBOOK.replace("titres_*.csv", "titres_*.xlsx") + 'ignore_sheets: [{sheet: "Legend*", why: explains the codes}]\n'
)
HL7 = """id: riverside_hl7
schema_version: 1
title: Riverside laboratory, result messages (invented)
state: active
lab: riverside
record: titre
recognise: {file: "*.hl7"}
file: {form: hl7v2, time_zone: Europe/Berlin}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
columns:
  patient_id: {from: "PID-3.1", matches: "R[0-9]{4}"}
  accession: {from: "OBR-3.1"}
  test_code: {from: "OBX-3.1"}
  collected_on: {from: "OBR-7"}
  received_on: {from: "OBR-14"}
  reported_at: {from: "OBR-22"}
  performing_lab: {value: RIV}
  result: {from: "OBX-5"}
  status: {from: "OBX-11", words: {F: final, C: corrected}}
tests: {GM1M: {antigen: GM1, isotype: IgM, specimen: serum}}
"""
FHIR = HL7.replace("riverside_hl7", "riverside_fhir").replace('"*.hl7"', '"*.ndjson"')
FHIR = FHIR.replace("{form: hl7v2, time_zone: Europe/Berlin}", "{form: fhir, time_zone: Europe/Berlin}")
for _hl7, _fhir in (
    ("PID-3.1", "subject->identifier.value"), ("OBR-3.1", "identifier.value"), ("OBX-3.1", "code.coding.code"),
    ("OBR-7", "effectiveDateTime"), ("OBR-14", "effectiveDateTime"), ("OBR-22", "issued"), ("OBX-5", "value"),
    ("OBX-11", "status"), ("{F: final, C: corrected}", "{final: final}"),
):  # fmt: skip
    FHIR = FHIR.replace(_hl7, _fhir)


def tell(home: Home, settings: Settings) -> FeedbackSummary:
    ingest(settings)
    build(settings)
    return write_feedback(settings)


def annotated(home: Home, name: str) -> tuple[list[str], list[list[str]]]:
    text = (home.feedback / "riverside" / f"{name}.annotated.csv").read_text(encoding="utf-8-sig")
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    return names, rows


def fates(home: Home) -> list[tuple[str, str]]:
    """Place and disposition of every row, as the warehouse has them."""
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        return con.execute(
            "SELECT DISTINCT row_number, place, disposition FROM mart_row_disposition WHERE slot = 1 ORDER BY row_number"
        ).fetchall()


def shown(rows: list[list[str]]) -> list[tuple[str, str]]:
    return [(cells[0], cells[1]) for cells in rows]


def test_every_sheet_of_a_workbook_comes_back(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, WORKBOOK)
    results = [HEADERS, row().split(","), row("R0002", "=1+1", "1:8oo").split(",")]
    sheets = {"Legend": xlsx_sheet([("GM1M", "SYNTHETIC")]), "Results": xlsx_sheet(results)}
    path = write_zip(tmp_path / "titres_1.xlsx", xlsx_parts(sheets))
    put(home, "titres_1.xlsx", path.read_bytes())
    assert tell(home, settings).problems == []
    names, rows = annotated(home, "titres_1.xlsx")
    assert names[4:7] == ["A", "B", "C"]
    assert shown(rows) == [(place, fate) for _, place, fate in fates(home)]
    assert [cells[0] for cells in rows] == [
        "sheet Legend, row 1", "sheet Results, row 1", "sheet Results, row 2", "sheet Results, row 3"]  # fmt: skip
    assert [cells[1] for cells in rows] == ["layout", "layout", "used", "rejected"]
    assert rows[0][4:6] == ["GM1M", "SYNTHETIC"]
    assert rows[3][4:6] == ["R0002", "'=1+1"]


def test_every_segment_of_a_message_file_comes_back(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, HL7)
    obr = "OBR|1||A1|GM1P^Panel|||20240102|||||||20240103||||||||20240105120000"
    segments = ["MSH|^~\\&|LIS|SYNLAB|||20240105120000||ORU^R01|1|P|2.5.1", "PID|1||R0001^^^SYN", obr,
                "OBX|1|SN|GM1M^GM1 IgM||^1^:^800|{titer}|||||F", "OBX|2|ST|GM1M^GM1 IgM||=cmd|{titer}|||||F"]  # fmt: skip
    put(home, "a.hl7", "\r".join(segments) + "\r")
    assert tell(home, settings).problems == []
    names, rows = annotated(home, "a.hl7")
    assert names[4:] == ["segment"]
    assert [cells[4] for cells in rows] == segments
    assert shown(rows) == [(place, fate) for _, place, fate in fates(home)]
    assert [cells[0] for cells in rows][3:] == ["segment 4", "segment 5"]
    assert Counter(cells[1] for cells in rows)["layout"] == 3
    assert (
        "of the 2 results of this file"
        in (home.feedback / "riverside" / "a.hl7.summary.txt").read_text().splitlines()[0]
    )


def test_every_resource_of_a_fhir_file_comes_back(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FHIR)
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "R0001"}]}
    observation = {
        "resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p"}, "identifier": [{"value": "A1"}],
        "code": {"coding": [{"code": "GM1M"}]}, "effectiveDateTime": "2024-01-02", "issued": "2024-01-05T12:00:00Z",
        "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 800}},
    }  # fmt: skip
    lines = [json.dumps(patient), json.dumps(observation), "-no_json"]
    put(home, "a.ndjson", "\n".join(lines) + "\n")
    assert tell(home, settings).problems == []
    names, rows = annotated(home, "a.ndjson")
    assert names[4:] == ["resource"]
    assert shown(rows) == [(place, fate) for _, place, fate in fates(home)]
    assert [cells[1] for cells in rows] == ["layout", "used", "rejected"]
    assert json.loads(rows[1][4]) == observation
    assert rows[2][4] == "'-no_json"


def test_a_packed_export_comes_back_unpacked(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT.replace("titres_*.csv", "titres_*"))
    put(home, "titres_1.csv.gz", gzip.compress(export(row(), row("R0002", "A2", "?")).encode()))
    assert tell(home, settings).problems == []
    _, rows = annotated(home, "titres_1.csv.gz")
    assert [cells[1] for cells in rows] == ["layout", "used", "rejected"]


def test_a_wide_row_comes_back_once_with_the_fate_of_each_result(tmp_path: Path) -> None:
    wide = FORMAT.replace("  test_code: {from: Test}\n", "").replace("  result: {from: Result}\n", "")
    wide += """slots:
  - columns: {test_code: {value: GM1M}, result: {from: IgM}}
  - columns: {test_code: {value: GM1G}, result: {from: IgG}}
if_empty: not_requested
"""
    wide = wide.replace("  GD1A:", "  GM1G: {antigen: GM1, isotype: IgG, specimen: serum}\n  GD1A:")
    home, settings = make_home(tmp_path, wide)
    dates = "2024-01-02,2024-01-03,2024-01-05"
    lines = ["Patient,Accession,Collected,Received,Reported,IgM,IgG,Status", f"R0001,A1,{dates},1:800,1:800,F",
             f"R0002,A2,{dates},1:800,?,F", f"R0003,A3,{dates},1:800,,F"]  # fmt: skip
    put(home, "titres_1.csv", "\n".join(lines) + "\n")
    assert tell(home, settings).problems == []
    _, rows = annotated(home, "titres_1.csv")
    assert [cells[1] for cells in rows] == ["layout", "used", "result 1: used; result 2: rejected", "used"]
    assert "result 2: " in rows[2][3]
    first = (home.feedback / "riverside" / "titres_1.csv.summary.txt").read_text().splitlines()[0]
    assert first == "4 of the 5 results of this file were used; the other 1 not."
