"""What could end an intake, or read a number as another one, and does not."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intake_home import FORMAT, HEADER, export, make_home, put, row

from pipeline.errors import SettingsError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.labs import load_format
from pipeline.settings import Settings
from pipeline.warehouse import build

HL7 = """id: riverside_hl7
schema_version: 1
title: Riverside laboratory, messages (invented)
state: active
lab: riverside
record: titre
recognise: {file: "*.hl7"}
file: {form: hl7v2}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
columns:
  patient_id: {from: PID-3.1}
  accession: {from: OBR-3.1}
  test_code: {from: OBX-3.1}
  collected_on: {from: OBR-7}
  performing_lab: {value: RIV}
  result: {from: OBX-5}
  status: {from: OBX-11, words: {F: final}}
tests:
  GM1M: {antigen: GM1, isotype: IgM, specimen: serum}
"""
FHIR = """id: riverside_fhir
schema_version: 1
title: Riverside laboratory, resources (invented)
state: active
lab: riverside
recognise: {file: "*.ndjson"}
file: {form: fhir}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
tables:
  - record: titre
    when: {column: code.text, matches: "^M$"}
    columns:
      patient_id: {from: subject.identifier.value}
      accession: {from: identifier.value}
      collected_on: {from: effectiveDateTime}
      performing_lab: {value: RIV}
      antigen: {value: GM1}
      isotype: {value: IgM}
      specimen: {value: serum}
      result: {from: value}
      status: {from: status, words: {final: final}}
  - record: titre
    when: {column: code.text, matches: "^G$"}
    columns:
      patient_id: {from: subject.identifier.value}
      accession: {from: identifier.value}
      collected_on: {from: effectiveDateTime}
      performing_lab: {value: RIV}
      antigen: {value: GM1}
      isotype: {value: IgG}
      specimen: {value: serum}
      result: {from: value}
      status: {from: status, words: {final: final}}
"""
MESSAGE = "MSH|^~\\&|A|B|C|D|20240303||ORU^R01|1|P|2.5\rPID|1||R0001\rOBR|1||B1|GM1M|||20240102\r"


def landed(home: Home, table: str) -> list[dict[str, Any]]:
    files = [str(path) for path in (home.landed / table).glob("*.parquet")]
    found = duckdb.sql(f"SELECT * FROM read_parquet({files}) ORDER BY arrival_id, row_number, slot")
    return [dict(zip(found.columns, values, strict=True)) for values in found.fetchall()]


def taken_in(tmp_path: Path, *formats: str) -> tuple[Home, Settings]:
    return make_home(tmp_path, *formats)


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ("800", 800.0), ('"1,000"', 1000.0), ("1.000", None), ("800.000", None), ("1.234", None),
        ("1:1.000", 1000.0), ('"1:1,000"', 1000.0), ("1 000", 1000.0),
    ],
)  # fmt: skip
def test_a_decimal_mark_never_groups_the_digits_of_a_bare_number(
    tmp_path: Path, result: str, value: float | None
) -> None:
    home, settings = taken_in(tmp_path)
    put(home, "titres_1.csv", export(row(result=result)))
    ingest(settings)
    (found,) = landed(home, "titre")
    assert (found["value"], found["intake_disposition"]) == (value, None if value else "rejected")


@pytest.mark.parametrize(
    ("observed", "value"), [("NM|GM1M||800.000", 800.0), ("NM|GM1M||1.234", None), ("SN|GM1M||^1^:^400.000", 400.0),
                            ("SN|GM1M||^1^:^1.234", None), ("ST|GM1M||1:1,000", 1000.0)]
)  # fmt: skip
def test_numbers_of_messages_have_no_groups(tmp_path: Path, observed: str, value: float | None) -> None:
    home, settings = taken_in(tmp_path, HL7)
    put(home, "a.hl7", f"{MESSAGE}OBX|1|{observed}||||||F\r")
    ingest(settings)
    (found,) = landed(home, "titre")
    assert (found["value"], found["intake_disposition"]) == (value, None if value else "rejected")


def test_a_message_cut_short_before_its_first_result_stops_nobody(tmp_path: Path) -> None:
    home, settings = taken_in(tmp_path, HL7, FORMAT)
    put(home, "a.hl7", f"{MESSAGE}OB")
    put(home, "titres_1.csv", export(row()))
    summary = ingest(settings)
    assert (summary.rows, summary.rows_rejected, summary.rows_accepted) == (6, 1, 1)
    assert [(one["row_number"], one["intake_reason"]) for one in landed(home, "row") if
            one["intake_disposition"] == "rejected"] == [(4, "unreadable_segment")]  # fmt: skip


def test_components_of_several_kinds(tmp_path: Path) -> None:
    home, settings = taken_in(tmp_path, FHIR)

    def observation(number: int, *codes: str) -> str:
        parts = [{"code": {"text": code}, "valueString": f"1:{100 * at}"} for at, code in enumerate(codes, 1)]
        return json.dumps({"resourceType": "Observation", "status": "final", "identifier": [{"value": f"A{number}"}],
                           "subject": {"identifier": {"value": "R1"}}, "effectiveDateTime": "2024-01-02",
                           "component": parts})  # fmt: skip

    put(home, "a.ndjson", "\n".join([observation(1, "M", "M"), observation(2, "M", "G"), observation(3, "M", "X")]))
    ingest(settings)
    assert [(one["row_number"], one["slot"], one["isotype"], one["value"]) for one in landed(home, "titre")] == [
        (1, 1, "IgM", 100.0), (1, 3, "IgM", 200.0), (2, 1, "IgM", 100.0), (2, 4, "IgG", 200.0), (3, 1, "IgM", 100.0),
    ]  # fmt: skip
    assert [(one["row_number"], one["slot"], one["intake_reason"]) for one in landed(home, "row")] == [
        (3, 3, "no_record_kind")
    ]
    assert build(settings).rows == 3


@pytest.mark.parametrize("total", ["9" * 5000, "9" * 16, "2"])
def test_a_stated_total_that_no_file_can_have_holds_the_file(tmp_path: Path, total: str) -> None:
    footer = FORMAT.replace(
        'date: "%Y-%m-%d"', 'date: "%Y-%m-%d", footer: {matches: "^Total", stated_rows: "^Total,([0-9]+)"}'
    )
    home, settings = taken_in(tmp_path, footer)
    put(home, "titres_1.csv", export(row(), f"Total,{total},,,,,,"))
    assert ingest(settings).exports_held == 1
    assert {one["intake_reason"] for one in landed(home, "row")} == {"footer_total_differs"}


@pytest.mark.parametrize("pattern", ["^Total (?:[0-9]+)", "^Total \\\\([0-9]+", "^Total"])
def test_a_stated_total_needs_a_group(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(FORMAT.replace('date: "%Y-%m-%d"', f'footer: {{matches: "^Total", stated_rows: "{pattern}"}}'))
    with pytest.raises(SettingsError, match="needs a group"):
        load_format(path)


def test_declared_texts_are_never_taken_for_parts_of_the_query(tmp_path: Path) -> None:
    odd = FORMAT.replace("{from: Result}", '{from: "{source}"}').replace('delimiter: ","', 'delimiter: "\'", quote: ""')
    home, settings = taken_in(tmp_path, odd)
    lines = [HEADER.replace("Result", "{source}"), row()]
    put(home, "titres_1.csv", "\n".join(lines).replace(",", "'") + "\n")
    ingest(settings)
    assert [one["value"] for one in landed(home, "titre")] == [800.0]
