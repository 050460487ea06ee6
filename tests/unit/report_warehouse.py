"""A small invented warehouse for the tests of the pages: every mart they read, with figures that add up."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.home import Home
from pipeline.settings import Settings
from pipeline.statistics import interval, verdict

RUN_ID = "20260401T080000Z-ab12"
HOSTILE = "<script>alert('x')</script>&.csv"
FORMULA = "=HYPERLINK(A1).csv"
# A pseudonym and an accession that must never show up anywhere.
PATIENT, ACCESSION = "p0123456789abcdef0123", "ACC-90210"

Rows = Sequence[Mapping[str, Any]]
_COUNTS = ("used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded", "layout")


def home(folder: Path) -> tuple[Home, Settings]:
    """A demo home and the settings that open it."""
    return Home.create(folder, demo=True), Settings.load(folder, environ={})


def publish(place: Home, **replaced: Rows) -> None:
    """Writes the warehouse file; keywords replace the rows of a table."""
    place.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    place.warehouse_file.unlink(missing_ok=True)
    with duckdb.connect(str(place.warehouse_file)) as con:
        fill(con, **replaced)


def fill(con: duckdb.DuckDBPyConnection, **replaced: Rows) -> None:
    """Makes every table in `con`."""
    for name, columns in TABLES.items():
        kinds = dict(part.split(" ", 1) for part in columns.split(", "))
        con.execute(f"CREATE TABLE {name} ({columns})")
        for row in replaced.get(name, ROWS.get(name, ())):
            unknown = set(row) - set(kinds)
            assert not unknown, f"{name}: {unknown}"
            con.execute(
                f"INSERT INTO {name} VALUES ({', '.join('?' for _ in kinds)})", [row.get(column) for column in kinds]
            )


def rate(
    n_positive: int, n_tested: int, population: str = "MMN", stratum: str = "all", value: str = "all",
    analysis: str = "primary", n_equivocal: int = 0, n_unclassifiable: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One row of mart_positive_rate with its own interval and, for MMN undivided, range and verdict."""
    low, high = interval(n_positive, n_tested) if n_tested else (None, None)
    row = {
        "analysis": analysis, "population": population, "stratum": stratum, "stratum_value": value, "isotype": "IgM",
        "n_tested": n_tested, "n_positive": n_positive, "n_equivocal": n_equivocal,
        "n_unclassifiable": n_unclassifiable if stratum != "all" else n_unclassifiable or 0,
        "rate": n_positive / n_tested if n_tested else None, "ci_low": low, "ci_high": high, "ci_method": "wilson",
    }  # fmt: skip
    if population == "MMN" and stratum == "all":
        found, reason = verdict(n_tested, low, high, 0.3, 0.8, 14)
        row |= {"published_low": 0.3, "published_high": 0.8, "verdict": found, "verdict_reason": reason}
    return row


def _export(number: int, lab: str, file_name: str, **counts: int) -> dict[str, Any]:
    rows = sum(counts.values())
    return {
        "arrival_id": f"{number:016x}", "sending_lab": lab, "file_name": file_name, "sha256": f"{number:064x}",
        "format_id": f"{lab}_titres", "received_at": f"2026-03-0{number} 06:30:00", "rows_counted": rows,
        **dict.fromkeys(_COUNTS, 0), **counts, "rows_accounted": rows, "difference": 0,
    }  # fmt: skip


def _check(
    check_id: str, table: str, severity: str, outcome: str, n_checked: int, n_failed: int, **more: Any
) -> dict[str, Any]:
    return {
        "check_id": check_id, "table_name": table, "severity": severity, "category": "plausibility",
        "expect": "ExpectColumnValuesToBeBetween", "why": f"Why {check_id} matters <b>&",
        "if_failed": "Ask the sender.",
        "n_checked": n_checked, "n_failed": n_failed, "outcome": outcome, **more,
    }  # fmt: skip


def failure(check_id: str, record: str, row_number: int, number: int = 1, slot: int = 1) -> dict[str, Any]:
    """One row of mart_check_failure in the numbered export."""
    export = ROWS["mart_reconciliation"][number - 1]
    return {
        "check_id": check_id, "severity": "critical", "sending_lab": export["sending_lab"],
        "file_name": export["file_name"], "arrival_id": export["arrival_id"], "row_number": row_number, "slot": slot,
        "record": record, "expected": f"Why {check_id} matters <b>&",
    }  # fmt: skip


def _disposition(
    number: int, row_number: int, disposition: str, reasons: str | None, record: str = "titre"
) -> dict[str, Any]:
    export = ROWS["mart_reconciliation"][number - 1]
    return {
        "arrival_id": export["arrival_id"], "sending_lab": export["sending_lab"], "file_name": export["file_name"],
        "row_number": row_number, "slot": 1, "record": record, "disposition": disposition, "reasons": reasons,
    }  # fmt: skip


def _result(number: int, lab: str, interpretation: str, rule_id: str | None, **more: Any) -> dict[str, Any]:
    return {
        "row_id": number, "arrival_id": f"{1:016x}", "row_number": number, "slot": 1, "performing_lab": lab,
        "patient_key": PATIENT, "accession": ACCESSION, "disposition": "used", "interpretation": interpretation,
        "rule_id": rule_id, "is_primary_analyte": True, "agrees_with_lab": True,
        "interpretation_by_current_rule": interpretation, **more,
    }  # fmt: skip


TABLES = {
    "_build": "schema_version INTEGER, run_id VARCHAR, built_at TIMESTAMP, as_of TIMESTAMP, sql_sha256 VARCHAR, "
    "rulebook_sha256 VARCHAR, expectations_sha256 VARCHAR, labs_sha256 VARCHAR, crosswalk_sha256 VARCHAR, code_version VARCHAR, "
    "python_version VARCHAR, duckdb_version VARCHAR, packages VARCHAR",
    "rule_analysis": "analysis VARCHAR, position INTEGER, label VARCHAR",
    "rule_population": "population VARCHAR, position INTEGER, label VARCHAR",
    "rule_source": "source_id VARCHAR, citation VARCHAR, kind VARCHAR",
    "rule_published_range": "range_id VARCHAR, population VARCHAR, low DOUBLE, high DOUBLE, ci_method VARCHAR, "
    "confidence DOUBLE, minimum_n INTEGER, source_id VARCHAR, source_locator VARCHAR, note VARCHAR",
    "rule_cutoff": "rule_id VARCHAR, performing_lab VARCHAR, assay VARCHAR, antigen VARCHAR, isotype VARCHAR, "
    "specimen VARCHAR, unit VARCHAR, interpretation VARCHAR, at_or_above DOUBLE, above DOUBLE, at_or_below DOUBLE, "
    "below DOUBLE, valid_from DATE, valid_to DATE, source_id VARCHAR, source_locator VARCHAR, approved_by VARCHAR, "
    "approved_on DATE, note VARCHAR, state VARCHAR",
    "mart_positive_rate": "analysis VARCHAR, population VARCHAR, stratum VARCHAR, stratum_value VARCHAR, "
    "isotype VARCHAR, n_tested BIGINT, n_positive BIGINT, n_equivocal BIGINT, n_unclassifiable BIGINT, rate DOUBLE, "
    "ci_low DOUBLE, ci_high DOUBLE, ci_method VARCHAR, published_low DOUBLE, published_high DOUBLE, verdict VARCHAR, "
    "verdict_reason VARCHAR",
    "mart_join_audit": "has_study BOOLEAN, has_result BOOLEAN, has_site BOOLEAN, label VARCHAR, n_patients BIGINT, "
    "n_in_primary BIGINT",
    "mart_crosswalk": "direction VARCHAR, outcome VARCHAR, n BIGINT",
    "mart_patient_flow": "position INTEGER, kind VARCHAR, flow_class VARCHAR, label VARCHAR, n_patients BIGINT, "
    "n_remaining BIGINT",
    "mart_reconciliation": "arrival_id VARCHAR, sending_lab VARCHAR, file_name VARCHAR, sha256 VARCHAR, "
    "format_id VARCHAR, received_at TIMESTAMP, rows_counted BIGINT, used BIGINT, held BIGINT, superseded BIGINT, "
    "withdrawn BIGINT, duplicate BIGINT, rejected BIGINT, excluded BIGINT, layout BIGINT, rows_accounted BIGINT, "
    "difference BIGINT",
    "mart_row_disposition": "arrival_id VARCHAR, sending_lab VARCHAR, file_name VARCHAR, row_number INTEGER, "
    "slot INTEGER, record VARCHAR, disposition VARCHAR, reasons VARCHAR",
    "mart_check_result": "check_id VARCHAR, table_name VARCHAR, severity VARCHAR, category VARCHAR, expect VARCHAR, "
    "why VARCHAR, if_failed VARCHAR, n_checked BIGINT, n_failed BIGINT, outcome VARCHAR, error VARCHAR",
    "mart_check_failure": "check_id VARCHAR, severity VARCHAR, sending_lab VARCHAR, file_name VARCHAR, "
    "arrival_id VARCHAR, row_number INTEGER, slot INTEGER, record VARCHAR, expected VARCHAR",
    "mart_sheet": "arrival_id VARCHAR, sheet VARCHAR, rows_above BIGINT, n_rows BIGINT",
    "mart_change": "kind VARCHAR, patient_key VARCHAR, sending_lab VARCHAR, accession VARCHAR, test_code VARCHAR, "
    "earlier_arrival_id VARCHAR, earlier_row_number INTEGER, later_arrival_id VARCHAR, later_row_number INTEGER, "
    "interpretation_before VARCHAR, interpretation_after VARCHAR, is_class_change BOOLEAN",
    "mart_result": "row_id BIGINT, arrival_id VARCHAR, row_number INTEGER, slot INTEGER, performing_lab VARCHAR, "
    "patient_key VARCHAR, accession VARCHAR, disposition VARCHAR, interpretation VARCHAR, reason_code VARCHAR, "
    "rule_id VARCHAR, is_primary_analyte BOOLEAN, agrees_with_lab BOOLEAN, assay VARCHAR, "
    "interpretation_by_current_rule VARCHAR",
    "mart_repeat": "performing_lab VARCHAR, assay VARCHAR, change VARCHAR",
    "mart_patient": "patient_key VARCHAR, population VARCHAR, is_in_primary BOOLEAN, is_before_first_ivig BOOLEAN, "
    "n_segments_assessed BIGINT, n_definite_block BIGINT, n_probable_block BIGINT, block_conclusion VARCHAR, "
    "certainty VARCHAR, label_rests_on_anti_gm1 VARCHAR, data_support VARCHAR, electrodiagnostic_support VARCHAR",
    "mart_ivig_timing": "population VARCHAR, position INTEGER, ivig_timing VARCHAR, label VARCHAR, n_tested BIGINT, "
    "n_positive BIGINT, n_equivocal BIGINT",
    "rule_analyte": "antigen VARCHAR, position INTEGER",
    "mart_analyte_rate": "population VARCHAR, antigen VARCHAR, isotype VARCHAR, specimen VARCHAR, n_tested BIGINT, "
    "n_positive BIGINT, n_equivocal BIGINT, n_unclassifiable BIGINT, rate DOUBLE, ci_low DOUBLE, ci_high DOUBLE",
    "mart_published_cohort": "cohort_id VARCHAR, study VARCHAR, country VARCHAR, year INTEGER, population VARCHAR, "
    "analyte VARCHAR, isotype VARCHAR, assay VARCHAR, cutoff_words VARCHAR, state VARCHAR, n_patients INTEGER, "
    "n_tested INTEGER, n_positive INTEGER, count_basis VARCHAR, rate DOUBLE, ci_low DOUBLE, ci_high DOUBLE, "
    "stated_rate_pct DECIMAL(9,3), stated_low_pct DECIMAL(9,3), stated_high_pct DECIMAL(9,3), "
    "citation VARCHAR, source_locator VARCHAR, note VARCHAR",
    "rule_block_requirement": "criteria_set VARCHAR, is_default BOOLEAN",
    "mart_conduction_block": "patient_key VARCHAR, criteria_set VARCHAR, conduction_block VARCHAR, reason_code VARCHAR",
    "mart_reference_fact": "fact_id VARCHAR, statement VARCHAR, source_document VARCHAR, source_line VARCHAR, "
    "quantity VARCHAR, unit VARCHAR, published_low DOUBLE, published_high DOUBLE, observed DOUBLE, n BIGINT, "
    "ci_low DOUBLE, ci_high DOUBLE, outcome VARCHAR, note VARCHAR, position INTEGER, source_id VARCHAR, n_counted BIGINT, "
    "median_observed DOUBLE, inhabitants BIGINT, beside VARCHAR, reason_code VARCHAR, reason VARCHAR",
    "rule_diagnostic_statement": "statement_id VARCHAR, position INTEGER, label VARCHAR",
    "mart_diagnostic_statement": "patient_key VARCHAR, population VARCHAR, statement_id VARCHAR, outcome VARCHAR",
    "rule_diagnosis_finding": "finding_id VARCHAR, position INTEGER, label VARCHAR",
    "mart_diagnosis_finding": "patient_key VARCHAR, population VARCHAR, finding_id VARCHAR",
}

ROWS: dict[str, Rows] = {}
ROWS["_build"] = [
    {
        "schema_version": 1, "run_id": RUN_ID, "built_at": "2026-04-01 08:00:00", "as_of": "2026-03-04 06:30:00",
        "sql_sha256": "5" * 64, "rulebook_sha256": "2" * 64, "expectations_sha256": "e" * 64, "labs_sha256": "1" * 64, "crosswalk_sha256": "none",
        "code_version": "0.1.0+abcdef012345", "python_version": "3.11.7", "duckdb_version": "2.0.0",
        "packages": json.dumps({"duckdb": "2.0.0", "pandas": "3.1.1", "python": "3.11.7"}),
    }
]  # fmt: skip
ROWS["rule_analysis"] = [
    {"analysis": "primary", "position": 1, "label": "Primary: equivocal counts as negative"},
    {"analysis": "equivocal_excluded", "position": 2, "label": "Equivocal results left out"},
    {"analysis": "equivocal_as_positive", "position": 3, "label": "Equivocal counts as positive"},
    {
        "analysis": "before_first_ivig",
        "position": 4,
        "label": "Only patients sampled before the day of their first IVIG",
    },
]
ROWS["rule_population"] = [
    {"population": name, "position": position, "label": name}
    for position, name in enumerate(
        ("MMN", "MMN possible", "MMN resting on anti-GM1", "CIDP", "GBS", "ALS", "other"), 1
    )
]
ROWS["rule_source"] = [{"source_id": "DEMO", "citation": "Invented for a test", "kind": "invented"}]
ROWS["rule_published_range"] = [
    {
        "range_id": "mmn", "population": "MMN", "low": 0.3, "high": 0.8, "ci_method": "wilson", "confidence": 0.95,
        "minimum_n": 14, "source_id": "DOCUMENT_B", "source_locator": "line 5", "note": "",
    }
]  # fmt: skip
_BAND = {
    "performing_lab": "NORTHGATE", "assay": "ENDPOINT", "antigen": "GM1", "isotype": "IgM", "specimen": "serum",
    "unit": "{titer}", "source_id": "DEMO", "source_locator": "test", "approved_by": "A. Tester",
    "approved_on": "2024-01-02", "state": "active", "valid_from": "2024-01-01",
}  # fmt: skip
ROWS["rule_cutoff"] = [
    {**_BAND, "rule_id": "NG-NEG", "interpretation": "negative", "below": 800},
    {**_BAND, "rule_id": "NG-POS", "interpretation": "positive", "at_or_above": 800, "at_or_below": 51200},
    {**_BAND, "rule_id": "NG-HIGH", "interpretation": "positive", "above": 51200},
    {
        **_BAND,
        "rule_id": "DRAFT",
        "interpretation": "positive",
        "above": 9,
        "state": "draft",
        "performing_lab": "OTHER",
    },
]
_LONG = "EASTMOOR-UNIVERSITY-HOSPITAL-IMMUNOLOGY-REFERENCE-SERVICE"
ROWS["mart_positive_rate"] = [
    rate(38, 88, n_equivocal=6, n_unclassifiable=3),
    rate(2, 6, "MMN possible", n_unclassifiable=1),
    rate(4, 4, "MMN resting on anti-GM1"),
    rate(3, 41, "CIDP"),
    rate(0, 0, "GBS"),
    rate(5, 52, "ALS"),
    rate(1, 23, "other"),
    rate(21, 44, stratum="performing_lab", value="NORTHGATE"),
    rate(17, 41, stratum="performing_lab", value="SOUTHMERE"),
    rate(0, 3, stratum="performing_lab", value=_LONG),
    rate(21, 44, stratum="assay", value="NORTHGATE: ENDPOINT"),
    rate(17, 41, stratum="assay", value="SOUTHMERE: INDEX"),
    rate(0, 3, stratum="assay", value=f"{_LONG}: LINE"),
    rate(9, 25, stratum="period", value="2023"),
    rate(14, 33, stratum="period", value="2024"),
    rate(15, 30, stratum="period", value="2025"),
    rate(38, 82, analysis="equivocal_excluded", n_unclassifiable=3),
    rate(44, 88, analysis="equivocal_as_positive", n_equivocal=6, n_unclassifiable=3),
    rate(11, 20, analysis="before_first_ivig", n_equivocal=1, n_unclassifiable=3),
]
_FLOW = (
    ("start", "all_patients", "Patients seen in any export", 412),
    ("loss", "no_study_row", "No study row: nobody has labelled them", 160),
    ("loss", "study_row_rejected", "Study rows all rejected", 2),
    ("loss", "study_row_held", "Study rows held: the label waits for a decision", 1),
    ("loss", "other_diagnosis", "Labelled with another diagnosis", 131),
    ("loss", "mmn_possible", "MMN only possible, or certainty not stated", 8),
    ("subtotal", "labelled_mmn", "Labelled MMN definite or probable", 110),
    ("loss", "label_rests_on_anti_gm1", "Label rests on anti-GM1", 5),
    ("subtotal", "cohort", "Cohort: label not known to rest on anti-GM1", 105),
    ("loss", "not_tested", "Not tested: no antibody row at all", 9),
    ("loss", "other_analyte_only", "Tested for other antibodies only", 0),
    ("loss", "other_isotype_only", "Anti-GM1 tested, other isotype only", 2),
    ("loss", "other_specimen_only", "IgM anti-GM1 tested, not in serum", 1),
    ("loss", "rejected", "IgM anti-GM1 rows all rejected", 1),
    ("loss", "withdrawn", "IgM anti-GM1 results withdrawn", 1),
    ("loss", "held", "IgM anti-GM1 results held for a decision", 0),
    ("loss", "unclassifiable", "IgM anti-GM1 serum results, none evaluable", 3),
    ("end", "tested", "Tested: one evaluable IgM anti-GM1 serum result each", 88),
)


def _flow() -> Rows:
    rows, left = [], _FLOW[0][3]
    for position, (kind, flow_class, label, number) in enumerate(_FLOW, 1):
        left -= number if kind == "loss" else 0
        rows.append({"position": position, "kind": kind, "flow_class": flow_class, "label": label, "n_patients": number,
                     "n_remaining": left})  # fmt: skip
    return rows


ROWS["mart_patient_flow"] = _flow()
ROWS["mart_join_audit"] = [
    {"has_study": True, "has_result": True, "has_site": False, "label": "study and results, no nerve sites",
     "n_patients": 60, "n_in_primary": 40},
]  # fmt: skip
ROWS["mart_crosswalk"] = [
    {"direction": "identifiers_of_records", "outcome": "matched", "n": 1204},
    {"direction": "identifiers_of_records", "outcome": "ambiguous", "n": 2},
    {"direction": "persons_of_crosswalk", "outcome": "not_found", "n": 17},
    {"direction": "rows_gained_by_link", "outcome": "titre", "n": 0},
]
ROWS["mart_reconciliation"] = [
    _export(1, "northgate", "NRL_GM1_2026-03.csv", used=611, held=2, superseded=3, withdrawn=2, duplicate=14,
            rejected=9, excluded=120, layout=2),
    _export(2, "southmere", HOSTILE, used=204, rejected=4, excluded=11, layout=3, held=1),
    _export(3, "southmere", FORMULA, used=1204, duplicate=11, layout=1),
    _export(4, "westlea", "studies.csv", used=252, rejected=2, layout=1),
]  # fmt: skip
ROWS["mart_row_disposition"] = [
    _disposition(1, 2, "used", None),
    _disposition(1, 4, "rejected", "titre_collected_on_readable"),
    _disposition(1, 7, "rejected", "titre_collected_on_readable"),
    _disposition(1, 8, "rejected", "titre_collected_on_readable"),
    _disposition(1, 9, "rejected", "titre_collected_on_readable"),
    _disposition(1, 30, "held", "preliminary"),
    _disposition(1, 31, "rejected", "too_few_columns", "none"),
    _disposition(2, 12, "held", "performing_lab_undeclared"),
    _disposition(2, 13, "excluded", "control"),
    _disposition(2, 1, "layout", "header", "none"),
]
ROWS["mart_check_result"] = [
    _check("titre_collected_on_readable", "titre", "critical", "failed", 983, 5),
    _check("titre_value_on_series", "titre", "warning", "failed", 800, 2),
    _check("titre_unit_known", "titre", "critical", "passed", 983, 0),
    _check("ncs_site_amplitude_plausible", "ncs_site", "critical", "not_applicable", 0, 0),
    _check("mart_reconciliation_difference_zero", "mart_reconciliation", "critical", "passed", 4, 0),
    _check("mart_patient_flow_ends", "mart_patient_flow", "critical", "passed", 18, 0),
    _check("study_onset_age_given", "ncs_study", "info", "failed", 252, 31),
]
ROWS["mart_check_failure"] = [
    *(failure("titre_collected_on_readable", "titre", row) for row in (4, 7, 8, 9)),
    failure("titre_collected_on_readable", "titre", 12, 2, slot=2),
    failure("titre_value_on_series", "titre", 40),
    failure("titre_value_on_series", "titre", 41, 3),
    *(failure("study_onset_age_given", "ncs_study", row, 4) for row in range(10, 41)),
]
ROWS["mart_change"] = [
    {
        "kind": kind, "patient_key": PATIENT, "sending_lab": "northgate", "accession": ACCESSION, "test_code": "T",
        "earlier_arrival_id": f"{1:016x}", "earlier_row_number": row, "later_arrival_id": later,
        "later_row_number": 5 if later else None, "interpretation_before": before, "interpretation_after": after,
        "is_class_change": before != after,
    }
    for kind, row, later, before, after in (
        ("corrected", 17, f"{2:016x}", "negative", "positive"),
        ("corrected", 18, f"{2:016x}", "negative", "negative"),
        ("withdrawn", 40, f"{1:016x}", "positive", None),
    )
]  # fmt: skip
ROWS["mart_result"] = [
    *(_result(n, "NORTHGATE", "negative", "NG-NEG") for n in range(1, 6)),
    _result(
        6,
        "NORTHGATE",
        "positive",
        "NG-POS",
        agrees_with_lab=False,
        assay="ELISA",
        interpretation_by_current_rule="negative",
    ),
    _result(7, "NORTHGATE", "positive", "NG-POS + NG-HIGH", agrees_with_lab=None),
    _result(8, "SOUTHMERE", "positive", "words:southmere_titres", is_primary_analyte=False),
    _result(9, "SOUTHMERE", "not_evaluable", None, reason_code="straddles_cut_off", agrees_with_lab=None),
]
ROWS["mart_patient"] = [
    {
        "patient_key": PATIENT[:-2] + f"{n:02d}", "population": "MMN", "is_in_primary": n < 88,
        "is_before_first_ivig": True if n < 20 else False if n < 60 else None,
        "n_segments_assessed": 6 if n < 70 else 0, "n_definite_block": int(n < 30), "n_probable_block": int(n < 41),
        "block_conclusion": "definite" if n < 30 else "probable" if n < 41 else "incomplete" if n < 60 else "none" if n < 70 else None,
        "certainty": "definite" if n % 3 else "probable", "label_rests_on_anti_gm1": "no" if n < 90 else None,
        "data_support": "contradicted" if n < 4 else "supported" if n < 30 else "incomplete",
        "electrodiagnostic_support": "block_below_category" if n < 41 else "none_in_adequate_study" if n < 70 else "not_studied",
    }
    for n in range(95)
]  # fmt: skip
ROWS["mart_ivig_timing"] = [
    {
        "population": "MMN", "position": n, "ivig_timing": name, "label": words, "n_tested": tested, "n_positive": tested // 2,
        "n_equivocal": 0,
    }
    for n, (name, words, tested) in enumerate(
        [("never_treated", "Never treated", 20), ("later", "Later", 0), ("unknown", "Not known", 68)]
    )
]  # fmt: skip
ROWS["mart_repeat"] = [
    {"performing_lab": "NORTHGATE", "assay": "ELISA", "change": change}
    for change in ("same", "within_one_dilution", "within_one_dilution", "changed")
]
ROWS["rule_analyte"] = [{"antigen": "GM1", "position": 1}, {"antigen": "GM1:GalC", "position": 2}]
ROWS["mart_analyte_rate"] = [
    {
        "population": "MMN", "antigen": "GM1:GalC", "isotype": "IgM", "specimen": "serum", "n_tested": 9, "n_positive": 6,
        "n_equivocal": 0, "n_unclassifiable": 1, "rate": 6 / 9, "ci_low": 0.35, "ci_high": 0.88,
    }
]  # fmt: skip
_COHORT = {
    "study": "Invented and colleagues", "country": "Nowhere", "year": 2001, "population": "MMN", "analyte": "GM1",
    "isotype": "IgM", "assay": "ELISA", "cutoff_words": "1:800 or more", "citation": "An invented paper",
}  # fmt: skip
ROWS["mart_published_cohort"] = [
    {
        **_COHORT, "cohort_id": "invented.counted", "state": "active", "n_patients": 16, "n_tested": 16, "n_positive": 10,
        "count_basis": "stated", "rate": 10 / 16, "ci_low": 0.38641, "ci_high": 0.81519, "stated_rate_pct": 62.5,
    },
    {
        **_COHORT, "cohort_id": "invented.draft", "study": "Remembered and colleagues", "state": "draft", "n_patients": 90,
        "n_tested": 90, "n_positive": 39, "count_basis": "remembered", "rate": 39 / 90, "ci_low": 0.336, "ci_high": 0.536,
        "stated_rate_pct": 43, "note": "read the paper first",
    },
    {
        **_COHORT, "cohort_id": "invented.range", "study": "A review", "state": "draft", "count_basis": "rate_only",
        "stated_low_pct": 11, "stated_high_pct": 84,
    },
]  # fmt: skip
ROWS["rule_block_requirement"] = [{"criteria_set": "EFNS_PNS_2010", "is_default": True}]
ROWS["mart_conduction_block"] = [
    {"patient_key": PATIENT, "criteria_set": "EFNS_PNS_2010", "conduction_block": grade, "reason_code": reason}
    for grade, reason in (("definite", None), ("none", None), ("none", None), ("not_assessable", "area_missing"))
]
ROWS["rule_diagnostic_statement"] = [
    {"statement_id": "purely_motor", "position": 1, "label": "Purely motor"},
    {"statement_id": "no_umn_signs", "position": 2, "label": "No upper motor neuron signs"},
]
ROWS["mart_diagnostic_statement"] = [
    {"patient_key": PATIENT, "population": population, "statement_id": "purely_motor", "outcome": outcome}
    for population, outcome in (("MMN", "met"), ("MMN", "met"), ("MMN", "not_met"), ("ALS", "not_met"))
]
ROWS["rule_diagnosis_finding"] = [
    {
        "finding_id": "definite_without_block",
        "position": 1,
        "label": "Stated definite, and an adequate study found no block",
    },
    {"finding_id": "contradicted_by_statement", "position": 2, "label": "Stated definite, and a statement is not met"},
]
ROWS["mart_diagnosis_finding"] = [
    {"patient_key": patient, "population": population, "finding_id": "definite_without_block"}
    for patient, population in (("p1", "MMN"), ("p1", "MMN"), ("p2", "MMN resting on anti-GM1"))
]
_FACT = {
    "source_document": "Patient information on MMN, no author and no date (file b.txt)",
    "unit": "fraction",
    "source_id": "DOCUMENT_B",
}
ROWS["mart_reference_fact"] = [
    {
        **_FACT, "fact_id": "R1", "statement": "The antibodies have been found in 30 to 80 % of MMN patients",
        "source_line": "line 5", "quantity": "share of MMN patients with anti-GM1 detected", "published_low": 0.3,
        "published_high": 0.8, "observed": 38 / 88, "n": 88, "ci_low": 0.33333, "ci_high": 0.53601,
        "outcome": "observed", "note": "Series with one named assay each lie far apart",
    },
    {
        **_FACT, "fact_id": "R3", "statement": "About 0.6 cases in every 100,000 people", "source_line": "line 6",
        "quantity": "prevalence of MMN", "unit": "per 100000 inhabitants", "published_low": 0.6, "published_high": 0.6,
        "n": 0, "outcome": "not_observable", "note": "Published estimates lie around it", "reason_code": "no_catchment",
        "reason": "No catchment is configured.",
    },
    {
        **_FACT, "fact_id": "R12", "statement": "Sensory nerve function stays normal", "source_line": "line 19",
        "quantity": "share without sensory signs", "observed": 0.95, "n": 100, "ci_low": 0.888, "ci_high": 0.978,
        "outcome": "observed", "note": None,
    },
]  # fmt: skip
