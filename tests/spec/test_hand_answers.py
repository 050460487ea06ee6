"""The pipeline gives the answers that were typed by hand, for every row, patient, segment and rate.

The answers were reached from the specification alone, without sight of the code. All differences are reported at once,
because one wrong rule shows in a row, in its patient and in a rate, and only the whole list tells which came first.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.home import DEMO_PSEUDONYM_KEY, Home
from pipeline.run import run
from pipeline.settings import Settings

from .hand_answers import DISPOSITIONS, HAND, Row, agrees, number_agrees, spellings, typed

NAMESPACE = "hand_registry"
ACCEPTED = spellings()
YES_NO = {"true": "yes", "false": "no"}

Found = dict[str, Any]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse built from the hand-typed inbox under the hand-typed formats and cut-offs, read-only."""
    root = tmp_path_factory.mktemp("hand") / "home"
    home = Home.create(root, demo=True)
    _fill_inbox(home.inbox)
    environ = {"GM1_HOME": str(root), "GM1_LABS_DIR": str(HAND / "labs"), "GM1_RULES_DIR": str(HAND / "rules")}
    run(Settings.load(root, environ=environ))
    with duckdb.connect(str(root / "warehouse" / "gm1.duckdb"), read_only=True) as connection:
        yield connection


def _fill_inbox(inbox: Path) -> None:
    """Copies the exports and gives each the time it arrived, from which a demonstration home dates its arrivals."""
    for row in typed("arrivals.csv"):
        target = inbox / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HAND / "inbox" / row["file"], target)
        arrived = datetime.fromisoformat(row["arrived_at"]).timestamp()
        os.utime(target, (arrived, arrived))


def test_the_pipeline_gives_the_answers_typed_by_hand(warehouse: duckdb.DuckDBPyConnection) -> None:
    differences = [
        *_row_differences(warehouse),
        *_flow_differences(warehouse),
        *_patient_differences(warehouse),
        *_rate_differences(warehouse),
        *_block_differences(warehouse),
    ]
    if differences:
        pytest.fail(f"{len(differences)} differences from the typed answers\n" + "\n".join(differences), pytrace=False)


def pseudonym(patient: str) -> str:
    """The key under which the pipeline knows an identifier of the fixture."""
    message = f"{NAMESPACE}{chr(31)}{patient}".encode()
    return "p" + hmac.new(bytes.fromhex(DEMO_PSEUDONYM_KEY), message, hashlib.sha256).hexdigest()[:20]


def _fetch(connection: duckdb.DuckDBPyConnection, query: str) -> list[Found]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _says(where: str, what: str, expected: str, found: object, why: str) -> str:
    shown = "nothing" if found is None else found
    return f"{where}: {what}: expected {expected or 'nothing'}, found {shown} ({why})"


# --- rows ---------------------------------------------------------------------------------------------------------

ROWS = """
    SELECT d.sending_lab || '/' || regexp_extract(d.file_name, '[^/]+$') AS file, d.row_number,
        d.disposition, d.reasons, r.disposition AS result_disposition, r.interpretation, r.reason_code, r.rule_id,
        r.is_primary_analyte::VARCHAR AS is_primary,
        o.sending_lab || '/' || regexp_extract(o.file_name, '[^/]+$') || ':' || d.original_row_number AS original
    FROM mart_row_disposition AS d
    LEFT JOIN mart_result AS r USING (arrival_id, row_number, slot)
    LEFT JOIN mart_reconciliation AS o ON o.arrival_id = d.original_arrival_id
    ORDER BY file, d.row_number, d.slot
"""


def _row_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found: dict[tuple[str, int], list[Found]] = {}
    for record in _fetch(connection, ROWS):
        found.setdefault((record["file"], record["row_number"]), []).append(record)
    for row in typed("expected_results.csv"):
        records = found.pop((row["file"], int(row["row_number"])), [])
        where = f"{row['file']} row {row['row_number']}"
        if len(records) != 1:
            yield _says(where, "dispositions", f"exactly one ({row['disposition']})", len(records), row["why"])
        else:
            yield from _one_row(where, row, records[0])
    yield from (f"{file} row {number}: not a row of the fixture" for file, number in found)


def _one_row(where: str, row: Row, found: Found) -> Iterator[str]:
    if found["disposition"] != row["disposition"]:
        yield _says(where, "disposition", row["disposition"], f"{found['disposition']} {found['reasons']}", row["why"])
        return
    if found["result_disposition"] not in (None, row["disposition"]):
        yield _says(where, "disposition in mart_result", row["disposition"], found["result_disposition"], row["why"])
    if not agrees(row["interpretation"], found["interpretation"], ACCEPTED):
        yield _says(where, "interpretation", row["interpretation"], found["interpretation"], row["why"])
    if row["disposition"] == "used":
        yield from _used_row(where, row, found)
    else:
        yield from _row_set_aside(where, row, found)


def _used_row(where: str, row: Row, found: Found) -> Iterator[str]:
    """Differences of a used row; study and conduction rows have no result, so all three cells are empty there."""
    for column, kind in (("reason_code", "reason"), ("rule_id", "rule")):
        if not agrees(row[column], found[column], ACCEPTED, kind):
            yield _says(where, column, row[column], found[column], row["why"])
    is_primary = YES_NO.get(found["is_primary"])
    if not agrees(row["is_primary"], is_primary, ACCEPTED):
        yield _says(where, "is_primary_analyte", row["is_primary"], is_primary, row["why"])


def _row_set_aside(where: str, row: Row, found: Found) -> Iterator[str]:
    reasons = (found["reasons"] or "").split("; ")
    if not any(agrees(row["reason_code"], reason or None, ACCEPTED, "reason") for reason in reasons):
        yield _says(where, "reasons", row["reason_code"], found["reasons"], row["why"])
    if row["disposition"] in ("rejected", "held", "excluded") and not found["reasons"]:
        yield _says(where, "reasons", "at least one", None, row["why"])
    if row["original"] and row["original"] != found["original"]:
        yield _says(where, "original", row["original"], found["original"], row["why"])


# --- exports ------------------------------------------------------------------------------------------------------

RECONCILIATION = "SELECT *, sending_lab || '/' || regexp_extract(file_name, '[^/]+$') AS file FROM mart_reconciliation"


def _flow_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found = {record["file"]: record for record in _fetch(connection, RECONCILIATION)}
    for row in typed("expected_row_flow.csv"):
        record = found.pop(row["file"], None)
        if record is None:
            yield _says(row["file"], "export", "a line in mart_reconciliation", None, "every export is accounted for")
            continue
        expected = {name: int(row[name]) for name in DISPOSITIONS}
        expected |= {"rows_counted": int(row["rows"]), "rows_accounted": int(row["rows"]), "difference": 0}
        for name, number in expected.items():
            if record[name] != number:
                yield _says(row["file"], name, str(number), record[name], "counted by eye")
    yield from (f"{file}: not an export of the fixture" for file in found)


# --- patients -----------------------------------------------------------------------------------------------------

PATIENTS = """
    SELECT patient_key, population, flow_class, is_in_primary::VARCHAR AS is_in_primary, accession,
        collected_on::VARCHAR AS collected_on, interpretation, is_before_first_ivig::VARCHAR AS is_before_first_ivig,
        n_igm_gm1_serum_evaluable::VARCHAR AS n_evaluable
    FROM mart_patient
"""


def _patient_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found = {record["patient_key"]: record for record in _fetch(connection, PATIENTS)}
    for row in typed("expected_patients.csv"):
        record = found.pop(pseudonym(row["patient"]), None)
        if record is None:
            yield _says(f"patient {row['patient']}", "patient", "a line in mart_patient", None, row["why"])
            continue
        for column in [name for name in row if name not in ("patient", "why")]:
            value = YES_NO.get(record[column], record[column])
            if not agrees(row[column], value, ACCEPTED, column):
                yield _says(f"patient {row['patient']}", column, row[column], value, row["why"])
    yield from (f"patient {key}: not a patient of the fixture (a control, or a row of a held file)" for key in found)


# --- rates --------------------------------------------------------------------------------------------------------

COUNTS = ("n_tested", "n_positive", "n_equivocal", "n_unclassifiable")


def _rate_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    records = _fetch(connection, "SELECT * FROM mart_positive_rate WHERE isotype = 'IgM'")
    for row in typed("expected_rates.csv"):
        keys = ("analysis", "population", "stratum")
        where = " / ".join(row[key] for key in (*keys, "stratum_value"))
        matching = [
            record
            for record in records
            if all(record[key] == row[key] for key in keys)
            and agrees(row["stratum_value"], str(record["stratum_value"]), ACCEPTED)
        ]
        if len(matching) == 1:
            yield from _one_rate(where, row, matching[0])
        elif matching or any(row[count] not in ("0", "*") for count in COUNTS):
            yield _says(where, "rate", "exactly one line", len(matching), row["why"])


def _one_rate(where: str, row: Row, found: Found) -> Iterator[str]:
    for column in (*COUNTS, "ci_low", "ci_high"):
        if not number_agrees(row[column], found[column]):
            yield _says(where, column, row[column], found[column], row["why"])
    if not agrees(row["verdict"], found["verdict"], ACCEPTED):
        yield _says(where, "verdict", row["verdict"], found["verdict"], row["why"])
    if row["n_tested"] == "0" and found["rate"] is not None:
        yield _says(where, "rate", "nothing", found["rate"], "nobody was tested, so there is no rate")


# --- conduction block ---------------------------------------------------------------------------------------------

BLOCKS = """
    SELECT exam_id, patient_key, nerve, side, distal_site || '-' || proximal_site AS segment, conduction_block
    FROM mart_conduction_block
    WHERE criteria_set = 'EFNS_PNS_2010' OR criteria_set IS NULL
"""


def _block_differences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found: dict[tuple[str, ...], list[str]] = {}
    for record in _fetch(connection, BLOCKS):
        key = tuple(record[name] for name in ("exam_id", "patient_key", "nerve", "side", "segment"))
        found.setdefault(key, []).append(record["conduction_block"])
    for row in typed("expected_blocks.csv"):
        where = f"{row['exam']} {row['nerve']} {row['side']} {row['segment']}"
        key = (row["exam"], pseudonym(row["patient"]), row["nerve"], row["side"], row["segment"])
        classes = found.pop(key, ["absent"])
        if len(classes) != 1 or not agrees(row["class"], classes[0], ACCEPTED):
            yield _says(where, "class", row["class"], ", ".join(classes), row["why"])
    yield from (f"{' '.join(map(str, key))}: a segment the fixture does not have" for key in found)
