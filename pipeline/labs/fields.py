"""The canonical fields a lab YAML can map, by record, and which of them no format can do without."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.records import LANDED

_IDENTIFIED = ("patient_id",)

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "titre": (
        *_IDENTIFIED, "accession", "test_code", "performing_lab", "assay", "antigen", "isotype", "specimen", "unit",
        "collected_on", "received_on", "reported_at", "result", "status", "lab_interpretation", "lab_flag",
    ),
    "ncs_site": (
        *_IDENTIFIED, "exam_id", "exam_on", "nerve", "side", "muscle", "site", "latency_ms", "amplitude_mv",
        "area_mv_ms", "duration_ms", "distance_mm", "velocity_m_per_s", "amplitude_lower_limit_mv", "study_kind",
        "snap_amplitude_uv", "amplitude_measure",
    ),
    "ncs_study": (
        *_IDENTIFIED, "study_id", "study_on", "reported_at", "diagnosis", "certainty", "criteria_set",
        "label_rests_on_anti_gm1", "sex", "birth_year", "onset_age", "umn_signs", "bulbar_signs", "sensory_signs",
        "ever_ivig", "first_ivig_on", "last_ivig_on", "purely_motor", "previous_ivig_on", "ivig_effect_ended_on",
    ),
})  # fmt: skip

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "titre": ("patient_id", "accession", "collected_on", "performing_lab", "result", "status"),
        "ncs_site": ("patient_id", "exam_on", "nerve", "side", "site"),
        "ncs_study": ("patient_id", "diagnosis"),
    }
)

# Free-text fields whose laboratory words may be mapped to others: an unknown word stays as it was sent.
TEXT_WITH_WORDS = frozenset({"performing_lab", "assay", "unit", "muscle"})

# What a nerve answers with, and of it what is zero when the nerve does not answer; the rest was then not measured.
RESPONSE = frozenset(
    {"latency_ms", "amplitude_mv", "area_mv_ms", "duration_ms", "velocity_m_per_s", "snap_amplitude_uv"}
)
ZERO_WITHOUT_RESPONSE = frozenset({"amplitude_mv", "area_mv_ms", "snap_amplitude_uv"})

_KINDS = {"DATE": "date", "TIMESTAMP": "instant"}


def kind_of(record: str, field: str) -> str:
    """What a reader of messages makes of the field: text, date, instant, result or unit."""
    if field in ("result", "unit"):
        return field
    return _KINDS.get(LANDED[record].get(field, ""), "text")
