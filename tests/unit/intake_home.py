"""A home with one invented laboratory, and its exports."""

from dataclasses import replace
from pathlib import Path

from pipeline.home import Home
from pipeline.settings import Settings

FORMAT = """id: riverside_titres
schema_version: 1
title: Riverside laboratory, endpoint titres (invented)
state: active
lab: riverside
record: titre
recognise: {file: "titres_*.csv"}
file: {encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}
patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
columns:
  patient_id: {from: Patient, matches: "R[0-9]{4}"}
  accession: {from: Accession}
  test_code: {from: Test}
  collected_on: {from: Collected}
  received_on: {from: Received}
  reported_at: {from: Reported}
  performing_lab: {value: RIV}
  result: {from: Result}
  status: {from: Status, words: {F: final, C: corrected}}
tests:
  GM1M: {antigen: GM1, isotype: IgM, specimen: serum}
  GD1A: {antigen: GD1a, isotype: IgM, specimen: serum}
exclude: [{column: Patient, matches: "^QC", reason: control}]
"""
HEADER = "Patient,Accession,Test,Collected,Received,Reported,Result,Status"


def row(
    patient: str = "R0001", accession: str = "A1", result: str = "1:800", test: str = "GM1M", status: str = "F"
) -> str:
    """One row of an export; sound unless told otherwise."""
    return f"{patient},{accession},{test},2024-01-02,2024-01-03,2024-01-05,{result},{status}"


def export(*rows: str) -> str:
    """The text of an export."""
    return "\n".join([HEADER, *rows]) + "\n"


def make_home(root: Path, *formats: str) -> tuple[Home, Settings]:
    """A home whose only formats are the given ones, and the settings to use it with."""
    home = Home.create(root / "home")
    labs = root / "labs"
    labs.mkdir()
    for number, text in enumerate(formats or (FORMAT,)):
        (labs / f"{number}.yaml").write_text(text, encoding="utf-8")
    settings = Settings.load(home.root, {"GM1_THREADS": "2", "GM1_MEMORY_LIMIT": "1GB"})
    return home, replace(settings, labs_dirs=(labs,))


def put(home: Home, name: str, content: str | bytes, lab: str = "riverside") -> Path:
    """A file in a laboratory's inbox."""
    path = home.inbox / lab / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
