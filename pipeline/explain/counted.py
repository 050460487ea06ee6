"""What a result counts towards: the figure is of one test and one result a patient, and most results are neither."""

import duckdb

from pipeline.explain.published import Row, rows

_PATIENT = """
SELECT p.chosen_row_id = r.row_id AS is_chosen, p.is_in_primary, p.flow_class
FROM mart_result r
LEFT JOIN mart_patient p ON p.patient_key = r.patient_key
WHERE r.row_id = $row_id"""


def counted_as(connection: duckdb.DuckDBPyConnection, result: Row) -> str | None:
    """Whether a used result is the one its patient counts by in the headline, and if not, why; None for any other row."""
    if result["disposition"] != "used":
        return None
    if not result["is_primary_analyte"]:
        test = ", ".join(str(result[name] or "not stated") for name in ("isotype", "antigen", "specimen"))
        return f"not in the headline, which is of IgM against GM1 in serum; this is {test}"
    (patient,) = rows(connection, _PATIENT, {"row_id": result["row_id"]})
    if result["is_carried_by_partner"]:
        return "not by itself: the titre of its panel stands for both"
    if result["interpretation"] == "not_evaluable":
        return "not in the headline: it is not evaluable"
    if not patient["is_chosen"]:
        return "not in the headline: its patient counts by another result, the earliest"
    if not patient["is_in_primary"]:
        return f"not in the headline: its patient is not of the cohort ({patient['flow_class']})"
    return "in the headline, as the one result of its patient"
