"""Pairs of sites of one motor recording, with their reductions as exact fractions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .landed import Row, exact
from .rule_rows import RuleRow, Rules

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sites of one recording, the one nearer to the muscle first."""

    distal: Row
    proximal: Row
    segment: RuleRow | None
    are_neighbours: bool

    def value(self, site: str, name: str) -> Fraction | None:
        """A measurement at `distal` or `proximal`."""
        return exact((self.distal if site == "distal" else self.proximal).get(name))

    def ratio(self, name: str) -> Fraction | None:
        """Proximal by distal; none where either is missing or the distal one is zero."""
        near, far = self.value("distal", name), self.value("proximal", name)
        return None if near is None or far is None or near == 0 else far / near

    def reduction(self, name: str) -> Fraction | None:
        """Fall from distal to proximal, percent; below zero where it rises."""
        ratio = self.ratio(name)
        return None if ratio is None else SHOWN * (1 - ratio)

    def increase(self) -> Fraction | None:
        """Rise of the duration, percent."""
        ratio = self.ratio("duration_ms")
        return None if ratio is None else SHOWN * (ratio - 1)

    def velocity(self) -> Fraction | None:
        """Distance by latency difference, of neighbouring sites alone."""
        way = exact(self.proximal.get("distance_mm"))
        near, far = self.value("distal", "latency_ms"), self.value("proximal", "latency_ms")
        if not self.are_neighbours or way is None or near is None or far is None or far <= near:
            return None
        return way / (far - near)


def _order(rules: Rules) -> dict[str, int]:
    return {row["site"]: int(row["position"]) for row in rules["stimulation_sites"]}


def pairs_of(recording: Sequence[Row], rules: Rules) -> Iterator[Pair]:
    """Listed segments between the sites, and neighbours that no list knows."""
    order = _order(rules)
    rows = sorted(recording, key=lambda r: order[r["site"]])
    listed = {(s["nerve"], s["distal_site"], s["proximal_site"]): s for s in rules["nerve_segments"]}
    for n, distal in enumerate(rows):
        for m, proximal in enumerate(rows[n + 1 :], n + 1):
            segment = listed.get((distal["nerve"], distal["site"], proximal["site"]))
            if segment is not None or m == n + 1:
                yield Pair(distal, proximal, segment, m == n + 1)
