"""Rules of the invented cohorts: bands with gaps, dates, one side missing, and limits of a laboratory of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def _band(lab: str, name: str, interpretation: str, unit: str, **other: Any) -> Row:
    return {
        "rule_id": f"{lab}.{name}", "performing_lab": lab, "assay": "ELISA", "antigen": "GM1", "isotype": "IgM",
        "specimen": "serum", "unit": unit, "interpretation": interpretation, "source_id": "PROJECT",
        "source_locator": "invented", "approved_by": "test", "approved_on": "2020-01-01", **other,
    }  # fmt: skip


OLD = {"valid_from": "2020-01-01", "valid_to": "2024-12-31"}
NEW = {"valid_from": "2025-01-01"}
TITER, INDEX, PERCENT = "{titer}", "{index_val}", "%"
CUTOFFS: Sequence[Row] = (
    # DATED: titres, the cut-off doubles on the first day of 2025; IgG has one of its own
    _band("DATED", "old.neg", "negative", TITER, below="800", **OLD),
    _band("DATED", "old.pos", "positive", TITER, at_or_above="800", **OLD),
    _band("DATED", "new.neg", "negative", TITER, at_or_below="800", **NEW),
    _band("DATED", "new.eq", "equivocal", TITER, above="800", at_or_below="1600", **NEW),
    _band("DATED", "new.pos", "positive", TITER, above="1600", **NEW),
    _band("DATED", "igg.neg", "negative", TITER, isotype="IgG", below="400"),
    _band("DATED", "igg.pos", "positive", TITER, isotype="IgG", at_or_above="400"),
    # GAPS: whole index values, nothing between them, two bands positive; other specimens, isotypes and complexes
    _band("GAPS", "neg", "negative", INDEX, at_or_below="29"),
    _band("GAPS", "eq", "equivocal", INDEX, at_or_above="30", at_or_below="50"),
    _band("GAPS", "pos", "positive", INDEX, at_or_above="51", at_or_below="100"),
    _band("GAPS", "strong", "positive", INDEX, above="100"),
    _band("GAPS", "both.neg", "negative", INDEX, isotype="IgG+IgM", below="30"),
    _band("GAPS", "both.pos", "positive", INDEX, isotype="IgG+IgM", at_or_above="30"),
    _band("GAPS", "galc.neg", "negative", INDEX, antigen="GM1:GalC", below="30"),
    _band("GAPS", "galc.pos", "positive", INDEX, antigen="GM1:GalC", at_or_above="30"),
    # CLOSED: ended at the end of 2024 and nobody said what came after
    _band("CLOSED", "neg", "negative", PERCENT, below="30", **OLD),
    _band("CLOSED", "pos", "positive", PERCENT, at_or_above="30", **OLD),
    # ONESIDE: only the positive side is printed, and it does not say from when
    _band("ONESIDE", "pos", "positive", TITER, above="2000"),
    # SPINAL: spinal fluid alone
    _band("SPINAL", "csf.neg", "negative", "{ratio}", specimen="CSF", below="10"),
    _band("SPINAL", "csf.pos", "positive", "{ratio}", specimen="CSF", at_or_above="10"),
    # REFLEX: a screen in words and a titre
    _band("REFLEX", "neg", "negative", TITER, assay="TITRE", below="4000"),
    _band("REFLEX", "pos", "positive", TITER, assay="TITRE", at_or_above="4000"),
)
UNIT = {"DATED": TITER, "GAPS": INDEX, "CLOSED": PERCENT, "ONESIDE": TITER, "SPINAL": "{ratio}", "NORULE": TITER}
BOUNDS: Mapping[str, Sequence[str]] = {
    "DATED": ("799", "800", "801", "1599", "1600", "1601", "400", "100", "25600", "3"),
    "GAPS": ("29", "29.5", "30", "30.5", "50", "50.4", "50.5", "51", "100", "100.5", "101", "0.5", "28.9", "250"),
    "CLOSED": ("29.9", "30", "30.1", "0.1", "80"),
    "ONESIDE": ("1999", "2000", "2001", "64000", "500"),
    "SPINAL": ("9.9", "10", "10.1"),
    "NORULE": ("800", "1600"),
    "REFLEX": ("3999", "4000", "4001", "500", "1000", "32000"),
}
SITE_RULES: Mapping[str, Sequence[Row]] = {
    "titre_series": [
        {"series_id": "dated", "performing_lab": "DATED", "assay": "ELISA", "first_titre": "100", "factor": "2",
         "last_titre": "25600", "state": "active", "source_id": "PROJECT", "source_locator": "invented"},
    ],
    "nerve_limits": [
        {"limit_id": "harbour.ulnar", "sending_lab": "harbour", "nerve": "ulnar", "muscle": "FDI",
         "distal_amplitude_lower_limit_mv": "7.5", "state": "active", "source_id": "PROJECT", "source_locator": "invented"},
        {"limit_id": "harbour.median", "sending_lab": "harbour", "nerve": "median", "muscle": "APB",
         "distal_amplitude_lower_limit_mv": "5.5", "state": "active", "source_id": "PROJECT", "source_locator": "invented"},
    ],
    "sensory_limits": [
        {"limit_id": "harbour.median", "sending_lab": "harbour", "nerve": "median", "snap_amplitude_uv_above": "12",
         "velocity_m_per_s_above": "48", "state": "active", "source_id": "PROJECT", "source_locator": "invented"},
    ],
}  # fmt: skip
