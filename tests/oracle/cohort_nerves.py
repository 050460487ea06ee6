"""Nerve conduction of invented patients: falls at every bound, gaps, units, swapped sites, whole studies and torn ones."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]
SITES = {
    "median": ("wrist", "below_elbow", "elbow", "above_elbow", "axilla", "erb"),
    "ulnar": ("wrist", "below_elbow", "elbow", "above_elbow", "axilla", "erb"),
    "peroneal": ("ankle", "below_fibular_head", "above_fibular_head", "popliteal"),
    "tibial": ("ankle", "popliteal"),
    "radial": ("elbow", "axilla"),
}
MUSCLE = {"median": "APB", "ulnar": "ADM", "peroneal": "EDB", "tibial": "AH", "radial": "EIP"}
AREA_LEFT = (
    "0.5",
    "0.5001",
    "0.4999",
    "0.7",
    "0.7001",
    "0.6999",
    "0.77",
    "0.7699",
    "0.71",
    "0.7099",
    "0.95",
    "1.1",
    "1.11",
    "0.3",
    "0",
)
AMPLITUDE_LEFT = (
    "0.7",
    "0.7001",
    "0.6999",
    "0.68",
    "0.6799",
    "0.67",
    "0.6699",
    "0.78",
    "0.7799",
    "0.95",
    "1.1",
    "1.1001",
    "0.3",
    "0",
)
DURATION_LEFT = ("1.3", "1.3001", "1.2999", "1.02", "1.6", "0.9")
DISTAL_MV = ("10", "10", "10", "10", "10", "10", "1", "1.01", "0.8", "0.9", "1.2", "1.21", "1.1", "1.5", "1.51", "0")


def sites(rng: Random, key: str, taken: date) -> list[Row]:
    """The site rows of one patient."""
    rows: list[Row] = []
    for number in range(rng.choices((0, 1, 2), weights=(5, 5, 1))[0]):
        on = taken + timedelta(days=rng.randint(-50, 50))
        lab = rng.choice(("clinic", "harbour"))
        head = {
            "sending_lab": lab,
            "patient_key": key,
            "patient_id_is_well_formed": True,
            "exam_id": f"E{key}{number}",
            "exam_on": str(on),
        }
        rows += _whole_arms(rng, head) if rng.random() < 0.15 else _some_nerves(rng, head)
    return rows


def _whole_arms(rng: Random, head: Row) -> list[Row]:
    """Median and ulnar nerve of both arms up to the axilla, all sound; sometimes one site is missing."""
    rows = []
    for side in ("L", "R"):
        rows += _recording(rng, head, "median", side, ("wrist", "elbow", "axilla"), sound=True)
        rows += _recording(rng, head, "ulnar", side, ("wrist", "below_elbow", "above_elbow", "axilla"), sound=True)
    if rng.random() < 0.4:
        rows.pop(rng.randrange(len(rows)))
    return rows


def _some_nerves(rng: Random, head: Row) -> list[Row]:
    rows = []
    for nerve in rng.sample(sorted(SITES), rng.randint(1, 3)):
        chosen = [s for s in SITES[nerve] if rng.random() < 0.65] or [SITES[nerve][0]]
        side = rng.choice("LR")
        rows += _recording(rng, head, nerve, side, tuple(chosen), sound=False)
        if rng.random() < 0.5:
            rows += _sensory(rng, head, nerve, side)
    return rows


def _recording(rng: Random, head: Row, nerve: str, side: str, at: tuple[str, ...], sound: bool) -> list[Row]:
    amplitude = Decimal("10" if sound else rng.choice(DISTAL_MV))
    muscle = MUSCLE[nerve] if sound else rng.choices((MUSCLE[nerve], "FDI", None), weights=(12, 2, 1))[0]
    base: Row = {**head, "nerve": nerve, "side": side, "muscle": muscle, "study_kind": rng.choice(("motor", None))}
    limit = None if sound else rng.choice((None, None, None, "5.05", "5", "6"))
    area, duration, latency = amplitude * 3, Decimal("6"), Decimal("3.5")
    rows = []
    for number, site in enumerate(at):
        if number:
            left = {name: Decimal("0.97" if sound else rng.choice(choices)) for name, choices in (
                ("amplitude", AMPLITUDE_LEFT), ("area", AREA_LEFT), ("duration", DURATION_LEFT))}  # fmt: skip
            amplitude, area, duration = amplitude * left["amplitude"], area * left["area"], duration * left["duration"]
            latency += Decimal(rng.choice(("4", "4", "4", "5.5", "6.25", "0.2", "30", "-1", "0")) if not sound else "4")
        rows.append({
            **base, "site": site, "latency_ms": latency, "amplitude_mv": _six(amplitude), "area_mv_ms": _six(area),
            "duration_ms": _six(duration), "distance_mm": _distance(rng, site) if number else None,
            "velocity_m_per_s": None, "amplitude_lower_limit_mv": limit, "arrival": 1,
        })  # fmt: skip
        if not sound:
            rows[-1] |= _odd(rng, rows[-1], rows[-2] if number else None)
    return rows if sound else _sent(rng, rows)


def _six(value: Decimal) -> Decimal:
    """As landed: six places."""
    return value.quantize(Decimal("0.000001"))


def _distance(rng: Random, site: str) -> str:
    return (
        rng.choice(("220", "200", "220", "100", "60", "59.9", "25", "147", "146.9", "123", "122.9", "153.25"))
        if site
        else ""
    )


def _odd(rng: Random, row: Row, before: Row | None) -> Row:
    """Now and then something is missing, has another unit, or is stated otherwise."""
    changed: Row = {}
    for name in ("area_mv_ms", "duration_ms", "latency_ms", "distance_mm", "amplitude_lower_limit_mv"):
        if rng.random() < 0.07:
            changed[name] = None
    if rng.random() < 0.05:
        changed |= {"amplitude_mv": "0", "area_mv_ms": rng.choice((None, "0")), "duration_ms": None}
    if rng.random() < 0.04:
        changed |= {"area_mv_ms": rng.choice(("0.01", "140"))}
    if rng.random() < 0.02:
        changed |= {"amplitude_measure": rng.choice(("peak_to_peak", "negative_peak"))}
    if before is not None and rng.random() < 0.3:
        changed |= {
            "velocity_m_per_s": rng.choice(
                ("55", "50", "51", "56", "49", "54", "55.01", "41", "41.01", "25.52", "23.52", "25.53")
            )
        }
    return changed


def _sent(rng: Random, rows: list[Row]) -> list[Row]:
    """Some rows are sent twice, some with two values, some are refused at intake."""
    row, picked = rng.choice(rows), rng.random()
    if picked < 0.06:
        return [*rows, row | {"arrival": 2}]
    if picked < 0.12:
        return [*rows, row | {"amplitude_mv": "7.77"}]
    if picked < 0.18:
        return [
            *[r for r in rows if r is not row],
            row | {"intake_disposition": "rejected", "intake_reason": "ncs_site_amplitude_plausible"},
        ]
    return rows


def _sensory(rng: Random, head: Row, nerve: str, side: str) -> list[Row]:
    rows = [{
        **head, "nerve": nerve, "side": side, "muscle": None, "study_kind": "sensory", "site": SITES[nerve][0],
        "latency_ms": "2.5", "amplitude_mv": None, "area_mv_ms": None, "duration_ms": None, "arrival": 1,
        "snap_amplitude_uv": rng.choice(("30", "30", "15", "15.1", "12.1", "12", "10", "10.1", None)),
        "velocity_m_per_s": rng.choice(("60", "60", "50", "50.1", "48", "48.1", None)),
    }]  # fmt: skip
    if rng.random() < 0.2:
        rows.append({**rows[0], "site": SITES[nerve][1], "snap_amplitude_uv": rng.choice(("30", "5", None))})
    return rows
