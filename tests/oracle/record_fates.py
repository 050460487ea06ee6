"""Where study rows and rows of nerve conduction sites end."""

from collections.abc import Hashable, Sequence
from typing import Any

from .fates import LONG_AGO, Fate, Fates, grouped, is_candidate, without_copies
from .landed import PLACE, Row, as_day, as_time, exact

LABEL = ("diagnosis", "certainty", "criteria_set", "label_rests_on_anti_gm1")


def studies(rows: Sequence[Row]) -> Fates:
    """The fate of every study row."""
    fates = {r["row_id"]: Fate(r["intake_disposition"], r.get("intake_reason")) for r in rows if not is_candidate(r)}
    kept = without_copies([r for r in rows if is_candidate(r)], _study_says, fates)
    current: list[Row] = []
    for group in grouped(kept, lambda r: (r.get("sending_lab"), r["patient_key"], r.get("study_id"))).values():
        newest = max(study_time(r) for r in group)
        latest = sorted((r for r in group if study_time(r) == newest), key=lambda r: r["row_id"])
        current += latest
        fates |= {
            r["row_id"]: Fate("superseded", "later_version", latest[0]["row_id"])
            for r in group
            if study_time(r) != newest
        }
        if len(latest) > 1:
            fates |= {r["row_id"]: Fate("held", "conflicting_values") for r in latest}
    return fates | _by_label(current, fates)


def _study_says(row: Row) -> Hashable:
    left_out = PLACE | {"arrived_on", "format_id"}
    return tuple(
        sorted((k, str(v)) for k, v in row.items() if k not in left_out and not k.endswith("_text") and v is not None)
    )


def study_time(row: Row) -> tuple[Any, ...]:
    """Studies in order: by their own day, then by the time of report."""
    return as_day(row.get("study_on")) or LONG_AGO.date(), as_time(row.get("reported_at")) or LONG_AGO


def _by_label(rows: Sequence[Row], fates: Fates) -> Fates:
    found: Fates = {}
    for group in grouped(rows, lambda r: (r["patient_key"], as_day(r.get("study_on")))).values():
        labels = {tuple(r.get(name) for name in LABEL) for r in group}
        for row in group:
            if len(labels) > 1:
                found[row["row_id"]] = Fate("held", "labels_disagree")
            elif row["row_id"] not in fates:
                found[row["row_id"]] = Fate("used")
    return found


def sites(rows: Sequence[Row]) -> Fates:
    """The fate of every row of a nerve conduction site."""
    fates = {r["row_id"]: Fate(r["intake_disposition"], r.get("intake_reason")) for r in rows if not is_candidate(r)}
    kept = without_copies([r for r in rows if is_candidate(r)], lambda r: (site_key(r), _site_says(r)), fates)
    for group in grouped(kept, site_key).values():
        fate = Fate("used") if len(group) == 1 else Fate("held", "conflicting_values")
        fates |= {r["row_id"]: fate for r in group}
    return fates


def _site_says(row: Row) -> Hashable:
    names = (
        "latency_ms", "amplitude_mv", "area_mv_ms", "duration_ms", "distance_mm", "velocity_m_per_s",
        "amplitude_lower_limit_mv", "snap_amplitude_uv",
    )  # fmt: skip
    return (*(exact(row.get(name)) for name in names), row.get("amplitude_measure") or "negative_peak")


def site_key(row: Row) -> Hashable:
    """Two rows with this in common measured the same site."""
    names = ("sending_lab", "patient_key", "exam_id", "exam_on", "nerve", "side", "muscle", "site")
    return (*(str(row.get(name)) for name in names), row.get("study_kind") or "motor")
