"""The figures of the report as CSV files, for whoever wants to reckon with them."""

import pandas as pd

from pipeline.pages import csv_text
from pipeline.report.findings import Findings

# File name (without .csv) and the list of findings that it holds.
FILES = {
    "positive_rates": "rates",
    "analyte_rates": "analytes",
    "ivig_timing": "ivig_timing",
    "patient_flow": "patient_flow",
    "crosswalk": "crosswalk",
    "join_audit": "join_audit",
    "reconciliation": "exports",
    "rows_by_reason": "reasons",
    "changes": "changes",
    "checks": "checks",
    "cutoffs_applied": "cutoffs",
    "results_not_evaluable": "not_evaluable",
    "agreement_with_laboratories": "agreement",
    "rule_now_beside_rule_then": "rule_now",
    "repeats": "repeats",
    "conduction_block_segments": "block_segments",
    "conduction_block_patients": "block_patients",
    "reference_facts": "reference_facts",
    "diagnostic_statements": "statements",
    "data_support": "data_support",
    "electrodiagnostic_support": "electrodiagnosis",
    "diagnosis_findings": "diagnosis_findings",
    "labels_resting_on_anti_gm1": "incorporation",
    "published_cohorts": "published_cohorts",
}


def csv_tables(findings: Findings) -> dict[str, str]:
    """Text by file name; rates are fractions, and what is missing is empty."""
    return {f"{file}.csv": csv_text(_frame(findings, name)) for file, name in FILES.items()}


def _frame(findings: Findings, name: str) -> pd.DataFrame:
    # object: a whole number stays whole in a column where others are missing
    return pd.DataFrame(getattr(findings, name), columns=list(findings.columns[name]), dtype=object)
