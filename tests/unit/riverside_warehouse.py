"""A published warehouse of one invented laboratory and one clinic, small enough to know every row of it."""

from dataclasses import replace
from pathlib import Path

from intake_home import FORMAT, export, make_home, put, row

from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.settings import Settings
from pipeline.warehouse import build

STUDIES = """id: clinic_studies
schema_version: 1
title: Clinic, study summaries (invented)
state: active
lab: clinic
record: ncs_study
recognise: {file: "studies_*.csv"}
file: {encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}
patients: {namespace: riverside}
columns:
  patient_id: {from: Patient, matches: "R[0-9]{4}"}
  study_on: {from: Study}
  diagnosis: {from: Diagnosis, words: {MMN: MMN, ALS: ALS}}
  certainty: {from: Certainty, words: {D: definite}}
"""
PLASMA = FORMAT.replace("  GD1A:", "  GM1P: {antigen: GM1, isotype: IgM, specimen: CSF}\n  GD1A:")
HEADER = ("rule_id,performing_lab,assay,antigen,isotype,specimen,unit,interpretation,at_or_above,above,at_or_below,below,"
          "valid_from,valid_to,source_id,source_locator,approved_by,approved_on,note,state\n")  # fmt: skip
RESULTS = (
    row("R0001", "A1", "1:800"),  # row 2: positive
    row("R0002", "A2", "1:400"),  # row 3: negative
    row("R0003", "A3", "<1:1600"),  # row 4: reaches over the cut-off
    row("R0004", "A4", "SECRET"),  # row 5: cannot be read
    row("R0005", "A5", "1:800", "GD1A"),  # row 6: another antigen
    row("R0006", "A6", "1:800", "GM1P"),  # row 7: a specimen without a cut-off of its own
    row("R0001", "A1", "1:800"),  # row 8: row 2 again
)


def cutoff(rule_id: str, interpretation: str, state: str = "active", **bounds: int) -> str:
    """One line of assay_cutoffs.csv for Riverside's IgM anti-GM1 in serum, valid from 2020 on."""
    limits = ",".join(str(bounds.get(name, "")) for name in ("at_or_above", "above", "at_or_below", "below"))
    return (
        f"{rule_id},RIV,ELISA,GM1,IgM,serum,{{titer}},{interpretation},{limits},2020-01-01,,DEMO,Riverside,"
        f"tester,2020-01-01,invented,{state}\n"
    )


def rules(folder: Path, *lines: str) -> Path:
    """A folder of rules that holds these lines."""
    folder.mkdir()
    (folder / "assay_cutoffs.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    return folder


def riverside(root: Path) -> tuple[Home, Settings]:
    """The home, taken in and built: negative below 800, positive from 800 on, and a draft that calls 800 equivocal."""
    home, settings = make_home(root, PLASMA, STUDIES)
    lines = [cutoff("riv.negative", "negative", below=800), cutoff("riv.positive", "positive", at_or_above=800),
             cutoff("riv.draft", "equivocal", "draft", at_or_above=800, at_or_below=800)]  # fmt: skip
    settings = replace(settings, rules_dirs=(*settings.rules_dirs, rules(root / "rules", *lines)))
    put(home, "titres_1.csv", export(*RESULTS))
    studies = "".join(f"R000{number},2024-03-01,MMN,D\n" for number in (1, 2, 3, 6))
    put(home, "studies_1.csv", "Patient,Study,Diagnosis,Certainty\n" + studies, "clinic")
    ingest(settings)
    build(settings)
    return home, settings
