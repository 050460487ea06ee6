"""One small home, run twice by the real command, with every mistake of intake an expert looks for in its exports.

Alder measures IgM anti-GM1 by ELISA and calls 1:800 positive; it sends some samples on to Birch, whose limit is 1:4000, and
to Cedar, which reports an index of three bands. Reed titrates only what its screen found. All of it is invented.
"""

import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
from harness import Row, cutoff, rules_dir

from pipeline.home import Home
from pipeline.pseudonyms import pseudonym
from pipeline.run import RunSummary, run
from pipeline.settings import Settings

LABS = Path(__file__).parents[1] / "labs"
NAMESPACE = "expert"
# The one row of mart_positive_rate that the report leads with, for the columns one asks for.
HEADLINE = "SELECT {} FROM mart_positive_rate WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'all'"
# Stand where no identifier belongs: nothing but the bytes as received may hold them afterwards.
NAMES = ("Testperson", "Musterfrau", "1961-05-17")

_COLUMNS = """columns:
  patient_id: {from: Patient, matches: "EX[0-9]{4}"}
  accession: {from: Accession}
  test_code: {from: Test}
  collected_on: {from: Collected}
  performing_lab: {from: Lab}
  result: {from: Result}
  unit: {from: Unit, words: {titre: "{titer}", IV: "{index_val}", pct: "%"}}
  status: {from: Status, words: {F: final, C: corrected, P: preliminary, W: withdrawn}}
  lab_interpretation: {from: Stated, words: {POS: positive, NEG: negative}}
ignore: [{column: Remark, why: free text that could name a patient}]
tests:
  GM1M: {antigen: GM1, isotype: IgM, specimen: serum}
  GM1G: {antigen: GM1, isotype: IgG, specimen: serum}
  GM1GM: {antigen: GM1, isotype: IgG+IgM, specimen: serum}
  GA1M: {antigen: asialo-GM1, isotype: IgM, specimen: serum}
  GALCM: {antigen: "GM1:GalC", isotype: IgM, specimen: serum}
result:
  no_result: {QNS: insufficient, hemolyzed: haemolysed, pending: pending}
"""
ALDER = f"""id: alder
schema_version: 1
title: Alder laboratory, titres and what it sends on (invented)
state: active
lab: alder
record: titre
recognise: {{file: "alder_*.csv"}}
file: {{encoding: utf-8, delimiter: ",", date: "%d/%m/%Y", footer: {{matches: "^Total"}}}}
patients: {{namespace: {NAMESPACE}}}
performing_labs:
  ALDER: {{unit: "{{titer}}", assay: ELISA}}
  BIRCH: {{unit: "{{titer}}", assay: ELISA}}
  CEDAR: {{unit: "{{index_val}}", assay: INDEX}}
  NEWLAB: {{unit: "{{titer}}", assay: ELISA}}
{_COLUMNS}"""
REED = f"""id: reed
schema_version: 1
title: Reed laboratory, a titre where the screen is positive (invented)
state: active
lab: reed
record: titre
recognise: {{file: "reed_*.csv"}}
file: {{encoding: utf-8, delimiter: ",", date: "%d/%m/%Y"}}
patients: {{namespace: {NAMESPACE}}}
performing_labs: {{REED: {{}}}}
columns:
  patient_id: {{from: Patient}}
  accession: {{from: Accession}}
  test_code: {{from: Test}}
  collected_on: {{from: Collected}}
  performing_lab: {{value: REED}}
  result: {{from: Result}}
  status: {{value: final}}
tests:
  SCR: {{antigen: GM1, isotype: IgM, specimen: serum, assay: SCREEN, unit: "", reads: word, panel: igm, role: screen}}
  TTR: {{antigen: GM1, isotype: IgM, specimen: serum, assay: ENDPOINT, unit: "{{titer}}", reads: titre, panel: igm, role: titre}}
result: {{words: {{Positive: positive, Negative: negative}}}}
"""
# Sends the titres of its positive screens only, and does not say so.
BOLD = f"""id: bold
schema_version: 1
title: Bold laboratory, titres without their screens and no word of it (invented)
state: active
lab: bold
record: titre
recognise: {{file: "bold_*.csv"}}
file: {{encoding: utf-8, delimiter: ",", date: "%d/%m/%Y"}}
patients: {{namespace: {NAMESPACE}}}
performing_labs: {{BOLD: {{unit: "{{titer}}", assay: ENDPOINT}}}}
columns:
  patient_id: {{from: Patient}}
  accession: {{from: Accession}}
  test_code: {{from: Test}}
  collected_on: {{from: Collected}}
  performing_lab: {{value: BOLD}}
  result: {{from: Result}}
  status: {{value: final}}
tests: {{TTR: {{antigen: GM1, isotype: IgM, specimen: serum}}}}
"""
CLINIC = f"""id: clinic
schema_version: 1
title: Clinic, study summaries (invented)
state: active
lab: clinic
record: ncs_study
recognise: {{file: "studies_*.csv"}}
file: {{encoding: utf-8, delimiter: ",", date: "%d/%m/%Y"}}
patients: {{namespace: {NAMESPACE}}}
columns:
  patient_id: {{from: Patient}}
  study_on: {{from: Study}}
  diagnosis: {{from: Diagnosis, words: {{MMN: MMN, ALS: ALS}}}}
  certainty: {{from: Certainty, words: {{definite: definite, possible: possible}}}}
  label_rests_on_anti_gm1: {{from: Rests, words: {{Y: "yes", N: "no"}}}}
  first_ivig_on: {{from: First IVIG}}
"""
SITES = f"""id: sites
schema_version: 1
title: Clinic, motor sites (invented)
state: active
lab: clinic
record: ncs_site
recognise: {{file: "sites_*.csv"}}
file: {{encoding: utf-8, delimiter: ",", date: "%d/%m/%Y"}}
patients: {{namespace: {NAMESPACE}}}
columns:
  patient_id: {{from: Patient}}
  exam_id: {{from: Exam}}
  exam_on: {{from: Date}}
  nerve: {{from: Nerve, words: {{Median: median}}}}
  side: {{from: Side, words: {{L: L, R: R}}}}
  muscle: {{value: APB}}
  site: {{from: Site, words: {{wrist: wrist, elbow: elbow}}}}
  latency_ms: {{from: Latency}}
  amplitude_mv: {{from: Amplitude}}
  amplitude_measure: {{from: Measured, words: {{neg: negative_peak, p-p: peak_to_peak}}}}
  area_mv_ms: {{from: Area}}
  duration_ms: {{from: Duration}}
  distance_mm: {{from: Distance}}
"""


def _other_form(folder: str, namespace: str) -> str:
    text = (LABS / folder / "format.yaml").read_text(encoding="utf-8")
    return text.replace(f"namespace: {namespace}", f"namespace: {NAMESPACE}")


FORMATS = (
    ALDER,
    REED,
    BOLD,
    CLINIC,
    SITES,
    _other_form("hl_seven_statuses", "torridge"),
    _other_form("fhir_lines", "frome_test"),
)
_SOURCE = {"source_id": "DEMO", "source_locator": "invented", "approved_by": "tester"}
_INDEX = {"performing_lab": "CEDAR", "assay": "INDEX", "unit": "{index_val}", **_SOURCE}


def _two(lab: str, limit: float, **key: Any) -> list[Row]:
    name = "/".join([lab, *map(str, key.values())])
    both = {"performing_lab": lab, **_SOURCE, **key}
    return [
        cutoff("negative", f"{name}.negative", below=limit, **both),
        cutoff("positive", f"{name}.positive", at_or_above=limit, **both),
    ]


CUTOFFS: list[Row] = [
    *_two("ALDER", 800), *_two("ALDER", 800, isotype="IgG"), *_two("ALDER", 800, isotype="IgG+IgM"),
    *_two("ALDER", 800, antigen="GM1:GalC"), *_two("ALDER", 800, antigen="asialo-GM1"), *_two("BIRCH", 4000),
    *_two("REED", 4000, assay="ENDPOINT"), *_two("BOLD", 4000, assay="ENDPOINT"),
    *_two("TOR", 800), *_two("FRO", 800),
    cutoff("negative", "cedar.negative", at_or_below=29, **_INDEX),
    cutoff("equivocal", "cedar.equivocal", at_or_above=30, at_or_below=50, **_INDEX),
    cutoff("positive", "cedar.positive", at_or_above=51, **_INDEX),
]  # fmt: skip

TITRES = "Patient,Accession,Test,Collected,Lab,Result,Unit,Status,Stated,Remark"
STUDIES = "Patient,Study,Diagnosis,Certainty,Rests,First IVIG"
MOTOR = "Patient,Exam,Date,Nerve,Side,Site,Latency,Amplitude,Measured,Area,Duration,Distance"


def titre(patient: int, accession: str, result: str = "1:800", test: str = "GM1M", on: str = "15/02/2024", lab: str = "ALDER",
          unit: str = "titre", status: str = "F", stated: str = "") -> str:  # fmt: skip
    """One row of Alder's export."""
    return f"EX{patient:04d},{accession},{test},{on},{lab},{result},{unit},{status},{stated},"


def study(patient: int, diagnosis: str = "MMN", certainty: str = "definite", rests: str = "N", ivig: str = "") -> str:
    """One row of the clinic's summaries."""
    return f"EX{patient:04d},20/03/2024,{diagnosis},{certainty},{rests},{ivig}"


def site(
    patient: int, site: str, amplitude: str = "9", distance: str = "", measured: str = "neg", latency: str = ""
) -> str:
    """One row of the clinic's motor sites: a median forearm."""
    at = latency or {"wrist": "3.5", "elbow": "7.5"}[site]
    area, duration = ("28", "6") if site == "elbow" else ("30", "6")
    return f"EX{patient:04d},X{patient},20/03/2024,Median,L,{site},{at},{amplitude},{measured},{area},{duration},{distance}"


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def message(accession: str, patient: int, value: str, status: str, reported: str) -> str:
    """One HL7 v2 result of Torridge."""
    return "\r".join([
        f"MSH|^~\\&|LIS|TAM|GM1|REG|{reported}||ORU^R01^ORU_R01|{accession}{status}|P|2.5.1",
        f"PID|1||EX{patient:04d}^^^TAM", f"ORC|RE||{accession}",
        f"OBR|1||{accession}|PANEL^anti-GM1|||202401081015|||||||||||||||{reported}",
        f"OBX|1|SN|GM1M^anti-GM1||{value}|titer|<1:800|N|||{status}|||20240110|||||||||Torridge laboratory",
        f"SPM|1|{accession}||SER^Serum",
    ]) + "\r"  # fmt: skip


def observation(accession: str, patient: int, status: str, issued: str) -> str:
    """One FHIR result of Frome, with what it refers to."""
    return lines(
        '{"resourceType":"Organization","id":"lab","name":"Frome laboratory"}',
        f'{{"resourceType":"Patient","id":"p","identifier":[{{"value":"EX{patient:04d}"}}]}}',
        f'{{"resourceType":"Specimen","id":"s","identifier":[{{"value":"{accession}"}}],"type":{{"text":"serum"}}}}',
        f'{{"resourceType":"Observation","id":"o","status":"{status}","code":{{"coding":[{{"system":"urn:lab","code":"GM1M"}}]}},'
        '"subject":{"reference":"Patient/p"},"specimen":{"reference":"Specimen/s"},"performer":[{"reference":"Organization/lab"}],'
        f'"effectiveDateTime":"2024-01-08T10:15:00+00:00","issued":"{issued}",'
        '"valueRatio":{"numerator":{"value":1},"denominator":{"value":3200}}}',
    )


FIRST: dict[str, str] = {
    # 2: withdrawn and corrected later
    "alder/alder_01.csv": lines(TITRES, titre(201, "C1", "1:3200"), titre(202, "C2", "1:200")),
    "torridge/first.hl7": message("W1", 211, "^1^:^3200", "F", "20240201093000") + message("W2", 212, "^1^:^3200", "F", "20240201093000"),
    "frome_test/first.ndjson": observation("W3", 213, "final", "2024-01-12T09:30:00Z"),
    # 3: titres below and above a limit, and cells a spreadsheet mangled
    "alder/alder_03.csv": lines(
        TITRES, titre(301, "T1", "<1:400"), titre(302, "T2", "1:400"), titre(303, "T3", "1:1600"), titre(304, "T4", ">1:400"),
        titre(305, "T5", ">1:51200"), titre(306, "T6", "14:20:00"), titre(307, "T7", "01-Jan-40"),
        titre(308, "T8", "0.597222222222222"), titre(309, "T9", "<1:1600")),
    # 4: other laboratories, other units
    "alder/alder_04.csv": lines(
        TITRES, titre(401, "L1", "1:1600"), titre(402, "L2", "1:1600", lab="BIRCH"), titre(403, "L3", "1:51200", lab="NEWLAB"),
        titre(404, "L4", "1:51200", lab="NOBODY"), titre(405, "L5", "60", unit="IV"), titre(406, "L6", "60", lab="CEDAR", unit="IV"),
        titre(407, "L7", "60", lab="CEDAR", unit="pct")),
    # 5: what is no IgM anti-GM1
    "alder/alder_05.csv": lines(
        TITRES, *(titre(500 + n, f"G{n}", "1:51200", test) for n, test in enumerate(("GM1G", "GM1GM", "GA1M", "GALCM"), 1))),
    # 6: who is in the cohort
    "alder/alder_06.csv": lines(TITRES, *(titre(600 + n, f"K{n}", "1:3200") for n in range(1, 6))),
    # 8: nothing, and equivocal
    "alder/alder_08.csv": lines(
        TITRES, *(titre(800 + n, f"N{n}", text) for n, text in enumerate(("QNS", "hemolyzed", "pending", "ND", "", "0", "-"), 1)),
        titre(810, "N10", "1:3200", status="P"), titre(811, "N11", "40", lab="CEDAR", unit="IV")),
    # 9: a torn row, a row without an identifier, a blank line and a footer
    "alder/alder_09.csv": lines(TITRES, titre(901, "R1"), "EX0902,R2,GM1M,15/02/2024,ALDER,1:800", titre(903, "R3").replace("EX0903", ""),
                                "", titre(904, "R4"), "Total 4,,,,,,,,,"),
    # 10: days before months
    "alder/alder_10a.csv": lines(TITRES, titre(1001, "D1", "1:3200", on="03/04/2021"), titre(1001, "D2", "1:200", on="05/03/2021"),
                                 titre(1002, "D3", "1:200", on="05/03/2024"), titre(1003, "D4", "1:200", on="25/01/2024")),
    "alder/alder_10b.csv": lines(TITRES, titre(1004, "D5", on="03/04/2021"), titre(1005, "D6", on="04/13/2021"), titre(1006, "D7", on="02/14/2021")),
    # 12: units of the nerve studies
    "clinic/sites_12.csv": lines(
        MOTOR, site(1201, "wrist", "8200"), site(1201, "elbow", "7900"), site(1202, "wrist"), site(1202, "elbow", distance="22"),
        site(1203, "wrist", "16", measured="p-p"), site(1203, "elbow"), site(1204, "wrist"), site(1204, "elbow", distance="2.2"),
        site(1205, "wrist", "8", measured="height")),
    # 13: many samples of one patient
    "alder/alder_13.csv": lines(
        TITRES, titre(1301, "S0", "1:200", on="01/02/2020"),
        *(titre(1301, f"S{n}", "1:51200", on=f"0{n}/03/2024") for n in range(1, 6)), titre(1302, "S9", "1:200")),
    # 15: names where none belong
    "alder/alder_15.csv": lines(TITRES, titre(1501, "P1", NAMES[0]), titre(1502, "P2", stated=NAMES[2]), titre(1503, "P3") + NAMES[1]),
    # 1: titres with and without their screens
    "reed/reed_01.csv": lines("Patient,Accession,Test,Collected,Result", "EX0101,Q1,TTR,15/02/2024,1:8000", "EX0102,Q2,SCR,15/02/2024,Negative",
                              "EX0103,Q3,SCR,15/02/2024,Positive", "EX0103,Q3,TTR,15/02/2024,1:8000"),
    "bold/bold_01.csv": lines("Patient,Accession,Test,Collected,Result",
                              *(f"EX{n:04d},B{n},TTR,15/02/2024,1:8000" for n in range(151, 171))),
    "clinic/studies_1.csv": lines(
        STUDIES, *(study(n) for n in (101, 102, 103, 201, 202, 211, 212, 213, 301, 304, 403, 405, 501, 502, 503, 504, 601)),
        study(602, "ALS"), study(603, certainty="possible"), study(604, rests="Y"), *(study(n) for n in range(801, 812)),
        study(1001), study(1002, ivig="10/03/2024"), study(1003), study(1301), study(1302)),
}  # fmt: skip
LATER: dict[str, str] = {
    "alder/alder_02.csv": lines(TITRES, titre(201, "C1", "1:200", status="C"), titre(202, "C2", "", status="W")),
    "torridge/later.hl7": message("W1", 211, "^1^:^3200", "W", "20240301093000")
    + message("W2", 212, "", "D", "20240301093000"),
    "frome_test/later.ndjson": observation("W3", 213, "entered-in-error", "2024-02-12T09:30:00Z"),
}


@dataclass(frozen=True, slots=True)
class Expert:
    """The home after both runs, with what the first run had said."""

    home: Home
    settings: Settings
    before: dict[str, tuple[Any, ...]]
    summary: RunSummary
    log: list[str]
    con: duckdb.DuckDBPyConnection

    def result(self, accession: str, columns: str = "disposition, interpretation, reason_code") -> tuple[Any, ...]:
        """The one result under this accession number."""
        (row,) = self.results(accession, columns)
        return row

    def results(
        self, accession: str, columns: str = "disposition, interpretation, reason_code"
    ) -> list[tuple[Any, ...]]:
        """Every result under it, in the order the rows arrived."""
        return self.con.execute(
            f"SELECT {columns} FROM mart_result WHERE accession = ? ORDER BY row_id", [accession]
        ).fetchall()

    def patient(self, number: int, columns: str = "serology_state, interpretation") -> tuple[Any, ...]:
        """The patient of this number."""
        query = f"SELECT {columns} FROM mart_patient WHERE patient_key = ?"
        (row,) = self.con.execute(query, [self.key(number)]).fetchall()
        return tuple(row)

    def key(self, number: int) -> str:
        """The pseudonym of a patient."""
        return pseudonym(f"EX{number:04d}", NAMESPACE, self.home.pseudonym_key(self.settings))

    def place(self, file: str, row_number: int) -> tuple[Any, ...]:
        """Where a row of an export ended, and why."""
        query = "SELECT disposition, reasons FROM mart_row_disposition WHERE file_name = ? AND row_number = ?"
        (row,) = self.con.execute(query, [file, row_number]).fetchall()
        return tuple(row)

    @property
    def page(self) -> str:
        """The report as it is read: its text, hard spaces and line ends as plain ones."""
        return text_of(self.summary.report.page.read_text(encoding="utf-8"))


def text_of(html: str) -> str:
    """The text of a page without its style and its tags."""
    seen = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<style>.*?</style>", " ", html.replace("<wbr>", "")))
    return " ".join(unescape(seen).split())


class _Heard(logging.Handler):
    """Every line that anything logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def expert(root: Path) -> Iterator[Expert]:
    """The home, run on the first exports and again on the later ones."""
    home = Home.create(root / "home")
    folder = root / "labs"
    folder.mkdir()
    for number, text in enumerate(FORMATS):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    settings = Settings.load(home.root, {"GM1_THREADS": "2", "GM1_MEMORY_LIMIT": "1GB"})
    rules = rules_dir(root / "rules", CUTOFFS)
    settings = replace(settings, labs_dirs=(folder,), rules_dirs=(*settings.rules_dirs, rules))
    _put(home, FIRST)
    heard, log = _Heard(), logging.getLogger()
    levels = [(one, one.level) for one in (log, logging.getLogger("gm1"))]
    log.addHandler(heard)
    for one, _ in levels:
        one.setLevel(logging.DEBUG)
    run(settings)
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        rows = con.execute("SELECT accession, disposition, interpretation FROM mart_result").fetchall()
    _put(home, LATER)
    summary = run(settings)
    log.removeHandler(heard)
    for one, level in levels:
        one.setLevel(level)
    # one process shares what it has open: a later build of the same home would be read from the file that is open here
    looked_at = shutil.copyfile(home.warehouse_file, root / "looked_at.duckdb")
    with duckdb.connect(str(looked_at), read_only=True) as con:
        yield Expert(home, settings, {row[0]: tuple(row[1:]) for row in rows if row[0]}, summary, heard.lines, con)


def _put(home: Home, exports: dict[str, str]) -> None:
    for place, text in exports.items():
        path = home.inbox / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
