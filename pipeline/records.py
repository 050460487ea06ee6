"""The canonical records that every export becomes, and the tables they are landed in.

Three records: `titre` (one antibody result), `ncs_site` (one site of a motor or sensory nerve conduction study) and
`ncs_study` (one study summary with the label of its patient). `row` holds what is no record (headers, footers, torn lines,
rows of a file held whole) and `check_failure` which row broke which check. Types are DuckDB's; times are UTC.
"""

from collections.abc import Mapping
from types import MappingProxyType

RECORDS = ("titre", "ncs_site", "ncs_study")

_PLACE = {"arrival_id": "VARCHAR", "row_number": "INTEGER", "slot": "INTEGER"}
_HEAD = {
    **_PLACE,
    "format_id": "VARCHAR",
    "sending_lab": "VARCHAR",
    "arrived_on": "DATE",
    "patient_key": "VARCHAR",
    "patient_id_is_well_formed": "BOOLEAN",
    "dates_are_shifted": "BOOLEAN",
    "intake_disposition": "VARCHAR",
    "intake_reason": "VARCHAR",
}


def _with_text(**typed: str) -> dict[str, str]:
    """Each column after its `_text` twin, which keeps the cell as it was sent."""
    return {key: kind for name, kind in typed.items() for key, kind in ((f"{name}_text", "VARCHAR"), (name, kind))}


_MEASURE = "DECIMAL(18,6)"

LANDED: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "titre": {
        **_HEAD,
        "accession": "VARCHAR",
        "accession_is_well_formed": "BOOLEAN",
        "test_code": "VARCHAR",
        "test_code_is_known": "BOOLEAN",
        "performing_lab": "VARCHAR",
        "assay": "VARCHAR",
        **_with_text(antigen="VARCHAR", isotype="VARCHAR", specimen="VARCHAR"),
        "antigen_agrees": "BOOLEAN",
        "isotype_agrees": "BOOLEAN",
        **_with_text(unit="VARCHAR", collected_on="DATE", received_on="DATE", reported_at="TIMESTAMP"),
        "result_text": "VARCHAR",
        "result_kind": "VARCHAR",
        "result_problem": "VARCHAR",
        "comparator": "VARCHAR",
        "value": "DOUBLE",
        "word_meaning": "VARCHAR",
        "no_result_reason": "VARCHAR",
        **_with_text(status="VARCHAR", lab_interpretation="VARCHAR"),
        "lab_flag": "VARCHAR",
        "panel": "VARCHAR",
        "panel_role": "VARCHAR",
    },
    "ncs_site": {
        **_HEAD,
        "exam_id": "VARCHAR",
        **_with_text(exam_on="DATE", nerve="VARCHAR", side="VARCHAR", muscle="VARCHAR", site="VARCHAR"),
        **_with_text(latency_ms=_MEASURE, amplitude_mv=_MEASURE, area_mv_ms=_MEASURE, duration_ms=_MEASURE),
        **_with_text(distance_mm=_MEASURE, velocity_m_per_s=_MEASURE, amplitude_lower_limit_mv=_MEASURE),
        **_with_text(study_kind="VARCHAR", snap_amplitude_uv=_MEASURE),
        **_with_text(amplitude_measure="VARCHAR"),
    },
    "ncs_study": {
        **_HEAD,
        "study_id": "VARCHAR",
        **_with_text(study_on="DATE", reported_at="TIMESTAMP"),
        **_with_text(diagnosis="VARCHAR", certainty="VARCHAR", criteria_set="VARCHAR"),
        **_with_text(label_rests_on_anti_gm1="VARCHAR", sex="VARCHAR", birth_year="INTEGER", onset_age="INTEGER"),
        **_with_text(umn_signs="VARCHAR", bulbar_signs="VARCHAR", sensory_signs="VARCHAR"),
        **_with_text(ever_ivig="VARCHAR", first_ivig_on="DATE", last_ivig_on="DATE"),
        **_with_text(purely_motor="VARCHAR", previous_ivig_on="DATE", ivig_effect_ended_on="DATE"),
    },
    "row": {**_PLACE, "intake_disposition": "VARCHAR", "intake_reason": "VARCHAR"},
    "check_failure": {**_PLACE, "record": "VARCHAR", "check_id": "VARCHAR", "severity": "VARCHAR"},
})  # fmt: skip

# Free text a YAML asks to keep: landed apart, readable by its owner only, and in no table of the warehouse.
KEPT_TEXT: Mapping[str, str] = MappingProxyType({**_PLACE, "header": "VARCHAR", "text": "VARCHAR"})

ANALYTES_OF_INTEREST = ("GM1", "GM1:GalC", "NP-9", "Co-GM1")

_YES_NO = ("yes", "no", "unknown")
VOCABULARY: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "antigen": ("GM1", "asialo-GM1", "GM1:GalC", "NP-9", "Co-GM1", "GM2", "GD1a", "GD1b", "GQ1b", "GT1b", "GalC", "other"),
    "isotype": ("IgM", "IgG", "IgA", "IgG+IgM", "unknown"),
    "specimen": ("serum", "plasma", "CSF", "other"),
    "status": ("final", "corrected", "preliminary", "confirmed", "withdrawn"),
    "lab_interpretation": ("positive", "equivocal", "negative"),
    "side": ("L", "R"),
    "nerve": ("median", "ulnar", "radial", "peroneal", "tibial", "musculocutaneous"),
    "site": ("wrist", "below_elbow", "elbow", "above_elbow", "axilla", "erb", "ankle", "below_fibular_head",
             "above_fibular_head", "popliteal"),
    "study_kind": ("motor", "sensory"),
    "amplitude_measure": ("negative_peak", "peak_to_peak"),
    "diagnosis": ("MMN", "ALS", "CIDP", "GBS", "other"),
    "certainty": ("definite", "probable", "possible"),
    "criteria_set": ("EFNS_PNS_2010", "AAEM_2003", "other"),
    "label_rests_on_anti_gm1": _YES_NO,
    "sex": ("M", "F"),
    "umn_signs": _YES_NO,
    "bulbar_signs": _YES_NO,
    "sensory_signs": _YES_NO,
    "ever_ivig": _YES_NO,
    "purely_motor": _YES_NO,
})  # fmt: skip
