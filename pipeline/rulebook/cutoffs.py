"""Cut-offs as bands: proof that no value has two interpretations, and the spans a result is compared with.

A band's column says whether its bound belongs to it (`at_or_above` 50 holds 50, `above` 50 does not). Neighbouring bands
of one interpretation (say 51-100 and above 100, both positive) form a longer span, because a censored result such as
`>60` is positive only if every value it can stand for is.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline.errors import RulebookUnsound
from pipeline.rulebook.tables import CUTOFF_KEY

INTERPRETATIONS = ("negative", "equivocal", "positive")
STATES = ("active", "draft")
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
SPAN_TYPES: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(CUTOFF_KEY, "VARCHAR"),
    "first_day": "DATE", "last_day": "DATE", "interpretation": "VARCHAR", "rule_id": "VARCHAR", "n_bands": "INTEGER",
    "low": "DOUBLE", "low_belongs": "BOOLEAN", "high": "DOUBLE", "high_belongs": "BOOLEAN",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """One row of assay_cutoffs.csv as an interval over values and days; infinite where a side is open."""

    rule_id: str
    key: tuple[str, ...]
    interpretation: str
    low: float
    low_belongs: bool
    high: float
    high_belongs: bool
    first_day: date
    last_day: date

    @property
    def lower(self) -> tuple[float, bool]:
        """Sorts bands from below: at equal bounds the one that holds the bound comes first."""
        return (self.low, not self.low_belongs)

    def meets(self, other: "Band") -> bool:
        """Whether some value on some day lies in both bands."""
        if max(self.first_day, other.first_day) > min(self.last_day, other.last_day):
            return False
        below, above = sorted((self, other), key=lambda band: band.lower)
        return above.low < below.high or (above.low == below.high and above.low_belongs and below.high_belongs)

    def touches(self, above: "Band") -> bool:
        """Whether no value lies between this band and the one above it (the two do not overlap)."""
        return self.high == above.low and (self.high_belongs or above.low_belongs)


def prove_sound(rows: pd.DataFrame) -> None:
    """Raises RulebookUnsound for the first rule that is malformed or contradicts another active one."""
    for row in rows.to_dict("records"):
        _refuse_malformed(row)
    bands = _active(rows)
    for same_key in _by_key(bands):
        for position, band in enumerate(same_key):
            for other in same_key[position + 1 :]:
                if band.meets(other):
                    raise RulebookUnsound(f"assay_cutoffs.csv: rules {band.rule_id} and {other.rule_id} overlap: the same "
                                          "value on the same day would have both; close one before the other begins")  # fmt: skip


def _refuse_malformed(row: Mapping[Any, Any]) -> None:
    where = f"assay_cutoffs.csv, rule {row['rule_id']}"
    lower = [name for name in ("at_or_above", "above") if not pd.isna(row[name])]
    upper = [name for name in ("at_or_below", "below") if not pd.isna(row[name])]
    if row["state"] not in STATES:
        raise RulebookUnsound(f"{where}: state must be one of {', '.join(STATES)}")
    if row["interpretation"] not in INTERPRETATIONS:
        raise RulebookUnsound(f"{where}: interpretation must be one of {', '.join(INTERPRETATIONS)}")
    if len(lower) > 1 or len(upper) > 1 or not lower + upper:
        raise RulebookUnsound(f"{where}: a band has at most one lower and one upper bound, and at least one of them")
    band = _band(row)
    if band.low > band.high or (band.low == band.high and not (band.low_belongs and band.high_belongs)):
        raise RulebookUnsound(f"{where}: the lower bound lies above the upper one, so nothing is in the band")
    if band.first_day > band.last_day:
        raise RulebookUnsound(f"{where}: valid_from lies after valid_to (which is the last valid day)")
    if row["state"] == "active" and (not row["approved_by"] or pd.isna(row["approved_on"])):
        raise RulebookUnsound(
            f"{where}: an active cut-off needs approved_by and approved_on; state it as draft until it has them"
        )


def _band(row: Mapping[Any, Any]) -> Band:
    def bound(closed: str, opened: str, without: float) -> tuple[float, bool]:
        if not pd.isna(row[closed]):
            return float(row[closed]), True
        return (without, False) if pd.isna(row[opened]) else (float(row[opened]), False)

    low, low_belongs = bound("at_or_above", "above", -math.inf)
    high, high_belongs = bound("at_or_below", "below", math.inf)
    first = FIRST_DAY if pd.isna(row["valid_from"]) else row["valid_from"]
    last = LAST_DAY if pd.isna(row["valid_to"]) else row["valid_to"]
    return Band(row["rule_id"], tuple(row[name] for name in CUTOFF_KEY), row["interpretation"],
                low, low_belongs, high, high_belongs, first, last)  # fmt: skip


def _active(rows: pd.DataFrame) -> list[Band]:
    return [_band(row) for row in rows[rows["state"] == "active"].to_dict("records")]


def _by_key(bands: list[Band]) -> Iterator[list[Band]]:
    keys: dict[tuple[str, ...], list[Band]] = {}
    for band in bands:
        keys.setdefault(band.key, []).append(band)
    yield from keys.values()


def spans(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a span of the active cut-offs: every band alone, and every run of touching bands of one interpretation.

    Runs are made for each stretch of days on which the same bands are valid. Sound rows are assumed.
    """
    found: list[dict[str, Any]] = []
    for same_key in _by_key(_active(rows)):
        found += [_span([band], band.first_day, band.last_day) for band in same_key]
        for first, last in _stretches(same_key):
            valid = [band for band in same_key if band.first_day <= first and last <= band.last_day]
            found += [_span(run, first, last) for run in _runs(valid) if len(run) > 1]
    return pd.DataFrame(found, columns=list(SPAN_TYPES))


def _stretches(bands: list[Band]) -> Iterator[tuple[date, date]]:
    starts = {band.first_day for band in bands}
    starts |= {band.last_day + timedelta(days=1) for band in bands if band.last_day < LAST_DAY}
    ordered = sorted(starts)
    for position, first in enumerate(ordered):
        last = ordered[position + 1] - timedelta(days=1) if position + 1 < len(ordered) else LAST_DAY
        yield first, last


def _runs(valid: list[Band]) -> Iterator[list[Band]]:
    for interpretation in INTERPRETATIONS:
        run: list[Band] = []
        for band in sorted((b for b in valid if b.interpretation == interpretation), key=lambda b: b.lower):
            if run and not run[-1].touches(band):
                yield run
                run = []
            run.append(band)
        if run:
            yield run


def _span(run: list[Band], first: date, last: date) -> dict[str, Any]:
    low, high = run[0], run[-1]
    return {
        **dict(zip(CUTOFF_KEY, low.key, strict=True)),
        "first_day": first,
        "last_day": last,
        "interpretation": low.interpretation,
        "rule_id": " + ".join(band.rule_id for band in run),
        "n_bands": len(run),
        "low": None if low.low == -math.inf else low.low,
        "low_belongs": low.low_belongs,
        "high": None if high.high == math.inf else high.high,
        "high_belongs": high.high_belongs,
    }
