"""Measures take in, build and report on invented exports of any size; exits 1 when the headline is not the planted one.

    python tests/bench/measure.py [--rows 100000] [--dialect-rows 1000000] [--json FILE]

Then the same index values are taken in twice, written plainly (UTF-8, comma, decimal point) and as an older system
writes them (cp1252, semicolon, decimal comma), which should cost about the same.

Every step is a process of its own, imports included: wall and CPU seconds and the peak of its memory. Nothing is drawn
at random, so two runs work on the same bytes. All laboratories, patients and values are invented.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

ROWS_A_PATIENT = 4
CUT_OFF = 800
TITRES = ("Patient", "Accession", "Collected", "Reported", "Antigen", "Isotype", "Specimen", "Unit", "Status", "Result")
STUDIES = ("Study", "Patient", "Date", "Diagnosis", "Certainty", "Criteria", "Rests on GM1")
FILE = {
    "encoding": "utf-8",
    "delimiter": ",",
    "decimal": ".",
    "thousands": "",
    "date": "%Y-%m-%d",
    "timestamp": "%Y-%m-%d %H:%M",
    "time_zone": "UTC",
    "header_row": 1,
    "missing": [""],
}
COMMON = {"schema_version": 1, "state": "active", "lab": "bench", "file": FILE, "patients": {"namespace": "bench"}}
# YAML is a superset of JSON, so the declarations are written as JSON.
TITRE_FORMAT = COMMON | {
    "id": "bench_titres",
    "title": "Titres of the bench (invented)",
    "record": "titre",
    "recognise": {"file": "TITRES*.csv"},
    "performing_labs": {"BENCH": {"unit": "{titer}", "assay": "ELISA"}},
    "columns": {
        "patient_id": {"from": "Patient", "matches": "P[0-9]{8}"},
        "accession": {"from": "Accession"},
        "collected_on": {"from": "Collected"},
        "reported_at": {"from": "Reported"},
        "performing_lab": {"value": "BENCH"},
        "antigen": {"from": "Antigen", "words": {"GM1": "GM1", "GA1": "asialo-GM1"}},
        "isotype": {"from": "Isotype", "words": {"IgM": "IgM", "IgG": "IgG"}},
        "specimen": {"from": "Specimen", "words": {"SER": "serum"}},
        "unit": {"from": "Unit", "words": {"titer": "{titer}"}},
        "status": {"from": "Status", "words": {"F": "final"}},
        "result": {"from": "Result"},
    },
}
STUDY_FORMAT = COMMON | {
    "id": "bench_studies",
    "title": "Studies of the bench (invented)",
    "record": "ncs_study",
    "recognise": {"file": "STUDIES*.csv"},
    "columns": {
        "study_id": {"from": "Study"},
        "patient_id": {"from": "Patient", "matches": "P[0-9]{8}"},
        "study_on": {"from": "Date"},
        "diagnosis": {"from": "Diagnosis", "words": {"MMN": "MMN", "ALS": "ALS"}},
        "certainty": {"from": "Certainty", "words": {"Definite": "definite"}},
        "criteria_set": {"from": "Criteria", "words": {"EFNS": "EFNS_PNS_2010", "Other": "other"}},
        "label_rests_on_anti_gm1": {"from": "Rests on GM1", "words": {"No": "no"}},
    },
}

INDEX_VALUES = ("Patient", "Accession", "Collected", "Reported", "Isotype", "Unit", "Status", "Result", "Assessment")
PLAIN = {"encoding": "utf-8", "delimiter": ",", "decimal": "."}
OLDER = {"encoding": "cp1252", "delimiter": ";", "decimal": ","}
# What an export in another dialect may cost, in CPU seconds of the plain one.
DIALECT_LIMIT = 1.5
INDEX_FORMAT = COMMON | {
    "id": "bench_index_values",
    "title": "Index values of the bench (invented)",
    "record": "titre",
    "recognise": {"file": "INDEX*.csv"},
    "performing_labs": {"BENCH": {"unit": "{index_val}", "assay": "ELISA"}},
    "columns": {
        "patient_id": {"from": "Patient", "matches": "P[0-9]{8}"},
        "accession": {"from": "Accession"},
        "collected_on": {"from": "Collected"},
        "reported_at": {"from": "Reported"},
        "performing_lab": {"value": "BENCH"},
        "antigen": {"value": "GM1"},
        "isotype": {"from": "Isotype", "words": {"IgM": "IgM", "IgG": "IgG"}},
        "specimen": {"value": "serum"},
        "unit": {"from": "Unit", "words": {"IV": "{index_val}"}},
        "status": {"from": "Status", "words": {"F": "final"}},
        "result": {"from": "Result"},
        "lab_flag": {"from": "Assessment"},
    },
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took."""

    step: str
    wall_s: float
    cpu_s: float
    peak_mib: float


def has_mmn(patient: int) -> bool:
    """Every fourth patient."""
    return patient % 4 == 0


def is_positive(patient: int) -> bool:
    """Every eighth patient, so half of those with MMN."""
    return patient % 8 == 0


def titre_rows(patients: int) -> Iterator[tuple[str, ...]]:
    """One accession of four results a patient; every thousandth row's result cannot be read."""
    for patient in range(patients):
        collected = date(2024, 1, 1) + timedelta(days=patient % 600)
        value = CUT_OFF * 2 if is_positive(patient) else CUT_OFF // 2
        for place, (antigen, isotype) in enumerate((("GM1", "IgM"), ("GM1", "IgG"), ("GA1", "IgM"), ("GA1", "IgG"))):
            result = "1;800" if place == 1 and patient % 250 == 0 else f"1:{value}"
            dates = (str(collected), f"{collected + timedelta(days=3)} 09:00")
            yield (f"P{patient:08d}", f"A{patient:08d}", *dates, antigen, isotype, "SER", "titer", "F", result)


def study_rows(patients: int) -> Iterator[tuple[str, ...]]:
    """One study a patient."""
    for patient in range(patients):
        label = ("MMN", "EFNS") if has_mmn(patient) else ("ALS", "Other")
        yield f"S{patient:08d}", f"P{patient:08d}", "2024-01-01", label[0], "Definite", label[1], "No"


def index_rows(rows: int, decimal: str) -> Iterator[tuple[str, ...]]:
    """Two results an accession, all readable; the laboratory's assessment is written with letters beyond ASCII."""
    for row in range(rows):
        patient = row // 2
        collected = date(2024, 1, 1) + timedelta(days=patient % 600)
        result = f"{row % 160}{decimal}{row % 97 % 10}"
        dates = (str(collected), f"{collected + timedelta(days=3)} 09:00")
        assessment = "erh\u00f6ht" if row % 3 else "unauff\u00e4llig (gepr\u00fcft)"
        yield f"P{patient:08d}", f"A{patient:08d}", *dates, ("IgM", "IgG")[row % 2], "IV", "F", result, assessment


def rule_rows() -> list[dict[str, str]]:
    """Positive from the cut-off on, negative below."""
    common = {"performing_lab": "BENCH", "assay": "ELISA", "antigen": "GM1", "specimen": "serum", "unit": "{titer}",
              "valid_from": "2020-01-01", "source_id": "invented", "source_locator": "bench", "approved_by": "bench",
              "approved_on": "2020-01-01", "note": "invented for a measurement"}  # fmt: skip
    return [
        common
        | {"rule_id": f"BENCH-{isotype}-{meaning}", "isotype": isotype, "interpretation": meaning, side: str(CUT_OFF)}
        for isotype in ("IgM", "IgG")
        for meaning, side in (("positive", "at_or_above"), ("negative", "below"))
    ]


def write(folder: Path, patients: int) -> None:
    """The exports, their declarations and the cut-offs."""
    from pipeline.resources import RULES_DIR

    inbox, labs, rules = (folder / name for name in ("home/inbox/bench", "labs", "rules"))
    for made in (inbox, labs, rules):
        made.mkdir(parents=True)
    for name, head, rows in (("TITRES", TITRES, titre_rows(patients)), ("STUDIES", STUDIES, study_rows(patients))):
        with (inbox / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    for declared in (TITRE_FORMAT, STUDY_FORMAT):
        (labs / f"{declared['id']}.yaml").write_text(json.dumps(declared, indent=1))
    with (RULES_DIR / "assay_cutoffs.csv").open(newline="") as shipped:
        columns = csv.DictReader(shipped).fieldnames or []
    with (rules / "assay_cutoffs.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rule_rows())


def write_dialect(folder: Path, rows: int, dialect: dict[str, str]) -> dict[str, str]:
    """One export in a dialect with its declaration, and the environment to take it in with."""
    inbox, labs = folder / "home/inbox/bench", folder / "labs"
    for made in (inbox, labs):
        made.mkdir(parents=True)
    with (inbox / "INDEX.csv").open("w", newline="", encoding=dialect["encoding"]) as file:
        writer = csv.writer(file, delimiter=dialect["delimiter"])
        writer.writerow(INDEX_VALUES)
        writer.writerows(index_rows(rows, dialect["decimal"]))
    declared = INDEX_FORMAT | {"file": FILE | dialect}
    (labs / "index.yaml").write_text(json.dumps(declared, indent=1))
    return os.environ | {"GM1_HOME": str(folder / "home"), "GM1_LABS_DIR": str(labs)}


def dialects(rows: int) -> tuple[Cost, Cost]:
    """What taking in the plain export costs, and the other one."""
    costs = []
    for name, dialect in (("plain", PLAIN), ("older", OLDER)):
        with tempfile.TemporaryDirectory(prefix="gm1-bench-") as folder:
            environment = write_dialect(Path(folder), rows, dialect)
            measured("init", environment)
            costs.append(replace(measured("ingest", environment), step=name))
    return costs[0], costs[1]


def measured(step: str, environment: dict[str, str]) -> Cost:
    """Runs one `gm1` command; SystemExit when it fails."""
    began = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    command = [sys.executable, "-m", "pipeline.cli", step]
    pid = os.posix_spawn(sys.executable, command, environment, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"gm1 {step} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(step, time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def headline(home: Path) -> tuple[int, int]:
    """(tested, positive) of the one report in `home`."""
    (report,) = home.glob("reports/*/report.json")
    found = json.loads(report.read_text())["headline"]
    return found["n_tested"], found["n_positive"]


def main() -> int:
    """0 when the planted headline came out."""
    parser = argparse.ArgumentParser(description="Measure take in, build and report on invented exports.")
    parser.add_argument("--rows", type=int, default=100_000, help="titre rows [100000]; studies are a quarter of them")
    parser.add_argument("--dialect-rows", type=int, default=1_000_000, help="index values in two dialects [1000000]")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    patients = max(8, options.rows // ROWS_A_PATIENT)
    with tempfile.TemporaryDirectory(prefix="gm1-bench-") as name:
        folder = Path(name)
        write(folder, patients)
        environment = os.environ | {
            "GM1_HOME": str(folder / "home"),
            "GM1_LABS_DIR": str(folder / "labs"),
            "GM1_RULES_DIR": str(folder / "rules"),
        }
        costs = [measured(step, environment) for step in ("init", "ingest", "build", "report")]
        found = headline(folder / "home")
    planted = (sum(map(has_mmn, range(patients))), sum(map(is_positive, range(patients))))
    print(f"{patients * ROWS_A_PATIENT:,} titre rows, {patients:,} studies\n\nstep      wall s   CPU s  peak MiB")
    for cost in costs:
        print(f"{cost.step:8}{cost.wall_s:8.1f}{cost.cpu_s:8.1f}{cost.peak_mib:10.0f}")
    print(f"\n{found[0]:,} tested, {found[1]:,} positive; planted {planted[0]:,} and {planted[1]:,}")
    plain, older = dialects(options.dialect_rows)
    ratio = older.cpu_s / plain.cpu_s
    print(f"\n{options.dialect_rows:,} index values taken in; cp1252, semicolon and decimal comma cost {ratio:.2f} times the "
          f"CPU of UTF-8, comma and decimal point (at most {DIALECT_LIMIT})\n\ndialect   wall s   CPU s  peak MiB")  # fmt: skip
    for cost in (plain, older):
        print(f"{cost.step:8}{cost.wall_s:8.1f}{cost.cpu_s:8.1f}{cost.peak_mib:10.0f}")
    if options.json:
        figures = {"rows": patients * ROWS_A_PATIENT, "steps": [asdict(c) for c in costs],
                   "dialect_rows": options.dialect_rows, "dialects": [asdict(plain), asdict(older)]}  # fmt: skip
        options.json.write_text(json.dumps(figures))
    return int(found != planted or ratio > DIALECT_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
