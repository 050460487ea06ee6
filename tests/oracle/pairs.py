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
        near, far = self.both(name)
        return None if near is None or far is None or near == 0 else far / near

    def both(self, name: str) -> tuple[Fraction | None, Fraction | None]:
        """The measurement at both sites; none of amplitudes that were not measured alike."""
        measures = {row.get("amplitude_measure") or "negative_peak" for row in (self.distal, self.proximal)}
        if name == "amplitude_mv" and len(measures) > 1:
            return None, None
        return self.value("distal", name), self.value("proximal", name)

    def reduction(self, name: str) -> Fraction | None:
        """Fall from distal to proximal, percent; below zero where it rises."""
        ratio = self.ratio(name)
        return None if ratio is None else SHOWN * (1 - ratio)

    def proximal_width(self) -> Fraction | None:
        """The proximal duration; of a response recorded as absent, in height and in area, it is none."""
        stated = self.value("proximal", "duration_ms")
        is_absent = self.value("proximal", "amplitude_mv") == 0 and self.value("proximal", "area_mv_ms") == 0
        return Fraction(0) if stated is None and is_absent else stated

    def increase(self) -> Fraction | None:
        """Rise of the duration, percent."""
        near, far = self.value("distal", "duration_ms"), self.proximal_width()
        return None if near is None or far is None or near == 0 else SHOWN * (far / near - 1)

    def velocity(self) -> Fraction | None:
        """Distance by latency difference, of neighbouring sites alone."""
        way = exact(self.proximal.get("distance_mm"))
        near, far = self.value("distal", "latency_ms"), self.value("proximal", "latency_ms")
        if not self.are_neighbours or way is None or near is None or far is None or far <= near:
            return None
        return way / (far - near)


def _order(rules: Rules) -> dict[str, int]:
    return {row["site"]: int(row["position"]) for row in rules["stimulation_sites"]}


def pairs_of(recording: Sequence[Row], sent: Sequence[Row], rules: Rules) -> Iterator[Pair]:
    """Listed segments between the sites, and neighbours that no list knows; a site of `sent` parts its neighbours, used or not."""
    order = _order(rules)
    places = [order.get(r.get("site") or "") for r in sent]
    rows = sorted(recording, key=lambda r: order[r["site"]])
    listed = {(s["nerve"], s["distal_site"], s["proximal_site"]): s for s in rules["nerve_segments"]}
    for n, distal in enumerate(rows):
        for proximal in rows[n + 1 :]:
            segment = listed.get((distal["nerve"], distal["site"], proximal["site"]))
            span = range(order[distal["site"]] + 1, order[proximal["site"]])
            are_neighbours = not any(place is None or place in span for place in places)
            if segment is not None or are_neighbours:
                yield Pair(distal, proximal, segment, are_neighbours)
