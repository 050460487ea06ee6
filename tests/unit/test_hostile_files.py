"""Files no laboratory should send: each is refused, held or loses its rows with a reason, and a sound export of the same
run is taken in whole all the same."""

import csv
import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intake_home import FORMAT, export, make_home, put, row
from workbook_files import ole, xls_stream, xlsx

from pipeline.home import Home
from pipeline.ingest import arrivals, ingest, receiving
from pipeline.messages import MESSAGES

ROOT = Path(__file__).resolve().parents[2]
_COLUMNS = FORMAT[FORMAT.index("patients:") :]


def form(name: str, glob: str, shape: str, columns: str = _COLUMNS) -> str:
    return f'id: riverside_{name}\nschema_version: 1\ntitle: Riverside laboratory, {name} (invented)\nstate: active\nlab: riverside\nrecord: titre\nrecognise: {{file: "{glob}"}}\nfile: {shape}\n{columns}'


MESSAGE_COLUMNS = """patients: {namespace: riverside}
performing_labs: {RIV: {unit: "{titer}", assay: ELISA}}
columns:
  patient_id: {from: "%s"}
  accession: {from: "%s"}
  collected_on: {from: "%s"}
  performing_lab: {value: RIV}
  antigen: {value: GM1}
  isotype: {value: IgM}
  specimen: {value: serum}
  result: {from: "%s"}
  status: {value: final}
"""
FORMATS = (
    FORMAT,
    form("archives", "packed_*", '{encoding: utf-8, delimiter: ",", date: "%Y-%m-%d"}'),
    form("workbooks", "*.xls*", '{form: workbook, date: "%Y-%m-%d"}'),
    form("hl7", "*.hl7", "{form: hl7v2}", MESSAGE_COLUMNS % ("PID-3.1", "OBR-3.1", "OBR-7", "OBX-5")),
    form("fhir", "*.json", "{form: fhir}", MESSAGE_COLUMNS % ("subject.display", "id", "effectiveDateTime", "value")),
)
SOUND = export(row(), row("R0002", "A2", "<1:400"), row("R0003", "A3", ">51200"))
HL7 = "MSH#$~!+#LIS#RIV#GM1#REG#20240112##ORU$R01#1#P#2.5.1\rPID#1##R0001\rOBR#1##A9#X$x###20240108\rOBX#1#SN#X$x##$1$:$800######F\r"


def write_sparse(path: Path, size: int) -> None:
    """The header, then one line of `size` bytes that takes no room on the disk until it is read."""
    with path.open("wb") as file:
        file.write(export().encode())
        file.seek(size, os.SEEK_CUR)
        file.write(b"\n")


def write_long_line(path: Path, size: int) -> None:
    """The header, one line of `size` bytes of text, and a sound row."""
    with path.open("wb") as file:
        file.write(export().encode())
        for _ in range(size >> 20):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + row("R0009", "A9").encode() + b"\n")


def write_gzip_bomb(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(export().encode())
        for _ in range(300):
            file.write(b"\0" * (1 << 20))


def write_zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("titres.csv", "w") as member:
        for _ in range(300):
            member.write(b" " * (1 << 20))


def write_zip(path: Path, **members: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def write_truncated_workbook(path: Path) -> None:
    xlsx(path, [export().strip().split(","), row().split(",")])
    path.write_bytes(path.read_bytes()[:-400])


def text(content: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


WIDE = ",".join(f"column {number}" for number in range(10_000))
# name of the file: how it is made, and why it is held (None: taken in, its bad rows rejected)
HOSTILE: dict[str, tuple[Callable[[Path], object], str | None]] = {
    "titres_empty.csv": (text(""), "file_empty"),
    "titres_header_only.csv": (text(export()), None),
    "titres_nul.csv": (text(export(row()).replace("1:800", "1:\0800")), "nul_bytes"),
    "titres_open_quote.csv": (text(export(row(), '"R0002' + row()[5:], row())), "unterminated_quote"),
    "titres_wide_header.csv": (text(f"{WIDE}\n{row()}\n"), "too_many_columns_in_file"),
    "titres_wide_row.csv": (text(export(WIDE, row("R0008", "A8"))), None),
    "titres_one_long_line.csv": (lambda path: write_long_line(path, 200 << 20), None),
    "titres_long_quoted.csv": (text(export(row("R0004", "A4", '"' + "ab, \n" * 7_000_000 + '"'), row())), None),
    "titres_hole.csv": (lambda path: write_sparse(path, 200 << 20), "nul_bytes"),
    "titres_no_line_break.csv": (lambda path: path.write_bytes(b"x" * (64 << 20)), "header_differs"),
    "packed_bomb.csv.gz": (write_gzip_bomb, "archive_too_large"),
    "packed_bomb.zip": (write_zip_bomb, "archive_too_large"),
    "packed_torn.csv.gz": (lambda path: path.write_bytes(gzip.compress(SOUND.encode())[:-9]), "archive_damaged"),
    "packed_upwards.zip": (lambda path: write_zip(path, **{"../../../upwards.csv": export(row("R0007", "A7"))}), None),
    "packed_several.zip": (lambda path: write_zip(path, a=SOUND, b=SOUND), "archive_not_one_file"),
    "truncated.xlsx": (write_truncated_workbook, "workbook_damaged"),
    "encrypted.xlsx": (lambda path: ole(path, {"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"secret"}), "file_encrypted"),
    "encrypted.xls": (lambda path: ole(path, {"Workbook": xls_stream([], is_encrypted=True)}), "file_encrypted"),
    "odd_separators.hl7": (text(HL7), None),
    "no_separators.hl7": (text(HL7.replace("MSH#$~!+", "MSH####")), "not_hl7"),
    "own_json.json": (text('{"results": [["R0001", "1:800"]]}\n'), "not_fhir"),
    "deep_json.json": (text('{"resourceType": "Observation", "a": ' + "[" * 100_000 + "]" * 100_000 + "}\n"), "not_fhir"),
}  # fmt: skip

# In a process of its own: bounded in memory, and without the rights by which root reads every file.
CHILD = """
import ctypes, json, os, resource, sys, time
from pathlib import Path

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, data) == 0
    for at in (0, 1):  # effective, permitted
        data[at] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert libc.capset(header, data) == 0

from dataclasses import replace
from pipeline.ingest import ingest
from pipeline.settings import Settings

settings = Settings.load(Path(sys.argv[1]), {"GM1_THREADS": "2", "GM1_MEMORY_LIMIT": "1GB"})
summary = ingest(replace(settings, labs_dirs=(Path(sys.argv[2]),)))
print(json.dumps(summary.as_dict()))
"""


def outcomes(home: Home) -> dict[str, tuple[str | None, dict[str, int]]]:
    """Of each landed export: why it is held, and its rows."""
    names = {one.arrival_id: one.file_name for one in arrivals.receipts(home).values()}
    found = {}
    for path in home.landed.glob("*.manifest.json"):
        for entry in json.loads(path.read_text(encoding="utf-8"))["arrivals"]:
            found[names[entry["arrival_id"]]] = (entry["held_reason"], entry["rows"])
    return found


def reasons(home: Home, name: str) -> list[tuple[str, ...]]:
    """Row and reason of every row of an export that did not get through."""
    (arrival,) = [one for one in arrivals.receipts(home).values() if one.file_name == name]
    path = home.quarantine / arrival.sha256 / "reasons.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(line["row_number"], line["check_or_reason"]) for line in csv.DictReader(file)]


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, Any]]:
    """A home after one run on everything hostile at once and one sound export, and what the run said."""
    root = tmp_path_factory.mktemp("hostile")
    home, settings = make_home(root, *FORMATS)
    put(home, "titres_sound.csv", SOUND)
    inbox = home.inbox / "riverside"
    for name, (write, _) in HOSTILE.items():
        write(inbox / name)
    put(home, "titres_unreadable.csv", SOUND + "\n").chmod(0)
    put(home, "titres_growing.csv.part", SOUND)
    (inbox / "titres_folder.csv").mkdir()
    (root / "outside.csv").write_text(SOUND + "\n\n", encoding="utf-8")
    (inbox / "titres_link.csv").symlink_to(root / "outside.csv")
    (home.inbox / "linked").symlink_to(root, target_is_directory=True)
    os.mkfifo(inbox / "titres_pipe.csv")
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(home.root), str(settings.labs_dirs[0])],
        capture_output=True, text=True, timeout=300, check=False, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[:3000]
    return home, json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", HOSTILE)
def test_is_held_or_loses_its_rows(besieged: tuple[Home, dict[str, Any]], name: str) -> None:
    held_reason, rows = outcomes(besieged[0])[name]
    assert held_reason == HOSTILE[name][1]
    if held_reason is not None:
        assert MESSAGES[held_reason].remedy
        assert {record for record, count in rows.items() if count} <= {"row"}


def test_the_sound_export_of_that_run_is_whole(besieged: tuple[Home, dict[str, Any]]) -> None:
    home, _ = besieged
    held_reason, rows = outcomes(home)["titres_sound.csv"]
    assert (held_reason, rows["titre"]) == (None, 3)
    assert reasons(home, "titres_sound.csv") == []


def test_rows_of_a_damaged_file_are_rejected_one_by_one(besieged: tuple[Home, dict[str, Any]]) -> None:
    home, _ = besieged
    assert reasons(home, "titres_wide_row.csv") == [("2", "too_many_columns")]
    assert reasons(home, "titres_one_long_line.csv") == [("2", "line_too_long")]
    assert outcomes(home)["titres_one_long_line.csv"][1]["titre"] == 1
    assert {reason for _, reason in reasons(home, "titres_long_quoted.csv")} == {"line_too_long"}
    assert outcomes(home)["titres_long_quoted.csv"][1]["titre"] == 1
    assert outcomes(home)["odd_separators.hl7"][1]["titre"] == 1
    assert outcomes(home)["packed_upwards.zip"][1]["titre"] == 1


def test_what_is_no_file_is_named_and_left(besieged: tuple[Home, dict[str, Any]]) -> None:
    home, summary = besieged
    told = "\n".join(summary["warnings"] + summary["errors"])
    for name in ("titres_growing.csv.part", "titres_folder.csv", "titres_link.csv", "titres_pipe.csv", "linked"):
        assert name in told
        assert name not in outcomes(home)
    assert "titres_unreadable.csv: cannot be read" in "\n".join(summary["errors"])
    assert "titres_unreadable.csv" not in outcomes(home)


def test_nothing_was_written_outside(besieged: tuple[Home, dict[str, Any]]) -> None:
    home, _ = besieged
    assert not list(home.root.parent.rglob("upwards.csv"))
    assert not list(home.root.rglob(".receiving-*"))
    assert {path.name for path in home.root.parent.iterdir()} == {"home", "labs", "outside.csv"}


def test_no_message_holds_what_a_file_holds(besieged: tuple[Home, dict[str, Any]]) -> None:
    """However long the header or the line: messages stay short."""
    home, summary = besieged
    assert all(len(line) < 1000 for line in summary["warnings"] + summary["errors"])
    for path in home.landed.glob("*.manifest.json"):
        for entry in json.loads(path.read_text(encoding="utf-8"))["arrivals"]:
            assert len(entry["held_detail"] or "") < 3000


def test_a_file_still_being_written_waits_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = make_home(tmp_path)
    path = put(home, "titres_growing.csv", export(row()))
    put(home, "titres_sound.csv", SOUND)
    copied = receiving._copied

    def copied_while_growing(source: Path, folder: Path) -> tuple[str, Path]:
        found = copied(source, folder)
        if source == path:
            with path.open("a", encoding="utf-8") as file:
                file.write(row("R0002", "A2") + "\n")
        return found

    monkeypatch.setattr(receiving, "_copied", copied_while_growing)
    first = ingest(settings)
    assert first.exports_new == 1 and "still being written" in "".join(first.warnings)
    monkeypatch.undo()
    assert ingest(settings).exports_new == 1
    assert outcomes(home)["titres_growing.csv"][1]["titre"] == 2
