"""What an examination says about block by one set of criteria, and what a patient's examinations say together."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .grades import sets
from .landed import Row
from .nerves import Segment, is_sensory
from .rule_rows import RuleRow, Rules

BLOCK = ("definite", "probable")
# excluded by the criteria themselves, so that nothing of the recording is missing
OUT_OF_SCOPE = ("entrapment_site", "segment_not_listed", "segment_not_in_criteria", "nerve_not_in_criteria")
ORDER = ("definite", "probable", "none", "incomplete", "not_assessable")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one examination says by one set of criteria, with what it rests on."""

    said: str
    reason: str | None
    is_adequate: bool
    nerves: tuple[str, ...]
    tested: int
    assessed: tuple[str, ...]
    blocks: tuple[str, ...]
    definite: int
    probable: int
    sensory: str | None
    rests_on_flagged_only: bool | None
    flagged: int
    by_fallback: int
    reasons: str | None


def conclusions(
    sites: Mapping[Hashable, Sequence[Row]], segments: Mapping[Hashable, Sequence[Segment]], rules: Rules
) -> dict[tuple[Hashable, str], Conclusion]:
    """The conclusion of every examination by every set."""
    return {
        (exam, of_set["criteria_set"]): conclude(rows, segments[exam], of_set["criteria_set"], rules)
        for exam, rows in sites.items()
        for of_set in sets(rules)
    }


def conclude(rows: Sequence[Row], segments: Sequence[Segment], of_set: str, rules: Rules) -> Conclusion:
    """The conclusion of one examination by one set."""
    grades = {id(s): s.grades[of_set] for s in segments}
    assessed = [s for s in segments if grades[id(s)].block != "not_assessable"]
    blocked = [s for s in assessed if grades[id(s)].block in BLOCK]
    count = Counter(grades[id(s)].block for s in blocked)
    adequate = is_adequate(segments, of_set, rules)
    said = next((b for b in BLOCK if count[b]), None) or (
        "none" if adequate else "incomplete" if assessed else "not_assessable"
    )
    carrying = [s for s in blocked if grades[id(s)].block == said]
    why = Counter(g.reason for g in grades.values() if g.reason)
    return Conclusion(
        said,
        _why(said, segments),
        adequate,
        tuple(sorted({f"{r['nerve']} {r['side']}" for r in rows if not is_sensory(r)})),
        sum(s.pair.segment is not None for s in segments),
        tuple(sorted(name(s) for s in assessed)),
        tuple(sorted(f"{name(s)} {grades[id(s)].block}" for s in blocked)),
        count["definite"],
        count["probable"],
        together([s.sensory for s in blocked]),
        all(s.flags for s in carrying) if carrying else None,
        sum(bool(s.flags) for s in segments),
        sum(s.limit.whose == "fallback" for s in assessed),
        "; ".join(f"{reason} {n}" for reason, n in sorted(why.items())) or None,
    )


def _why(said: str, segments: Sequence[Segment]) -> str | None:
    if said == "not_assessable":
        tested = any(s.pair.segment is not None for s in segments)
        return "no_segment_assessable" if tested else "no_segment_tested"
    return "too_few_segments_for_no_block" if said == "incomplete" else None


def name(segment: Segment) -> str:
    """A segment as a person names it."""
    distal, proximal = segment.pair.distal, segment.pair.proximal
    return f"{distal['nerve']} {distal['side']} {distal['site']}-{proximal['site']}"


def together(said: Sequence[str]) -> str | None:
    """Sensory sparing of several blocks: one that is not spared decides, and all must be known to be spared."""
    if not said:
        return None
    if "not_spared" in said:
        return "not_spared"
    return "not_recorded" if "not_recorded" in said else "spared"


def is_adequate(segments: Sequence[Segment], of_set: str, rules: Rules) -> bool:
    """Whether every active requirement on the extent of the study is met."""
    asked = [r for r in rules["nerve_study_requirements"] if r["criteria_set"] == of_set]
    return bool(asked) and all(_meets(r, segments, of_set, rules) for r in asked)


def _meets(requirement: RuleRow, segments: Sequence[Segment], of_set: str, rules: Rules) -> bool:
    sites = {s["site"]: s for s in rules["stimulation_sites"]}
    arms = 0
    for side in ("L", "R"):
        own = [s for s in segments if s.pair.distal["side"] == side and sites[s.pair.distal["site"]]["limb"] == "arm"]
        nerves = {s.pair.distal["nerve"] for s in own}
        whole = [
            n for n in nerves if _reaches([s for s in own if s.pair.distal["nerve"] == n], requirement, of_set, sites)
        ]
        arms += len(whole) >= int(requirement["nerves_per_arm_at_or_above"])
    return arms >= int(requirement["arms_at_or_above"])


def _reaches(segments: Sequence[Segment], requirement: RuleRow, of_set: str, sites: Mapping[str, RuleRow]) -> bool:
    """Whether judged segments lead from the wrist to the goal, and none on the way was tried in vain."""
    goal = sites[requirement["up_to_site"]]
    on_way = [s for s in segments if int(sites[s.pair.proximal["site"]]["position"]) <= int(goal["position"])]
    if any(s.grades[of_set].reason not in (None, *OUT_OF_SCOPE) for s in on_way):
        return False
    ways = [
        (sites[s.pair.distal["site"]]["region"], sites[s.pair.proximal["site"]]["region"])
        for s in on_way if s.grades[of_set].reason is None
    ]  # fmt: skip
    reached = {"wrist"}
    for _ in ways:
        reached |= {far for near, far in ways if near in reached}
    return goal["region"] in reached


def of_patient(found: Sequence[Conclusion]) -> dict[str, Any]:
    """All examinations of a patient by the default set."""
    said = {c.said for c in found}
    return {
        "n_segments_assessed": sum(len(c.assessed) for c in found),
        "n_definite_block": sum(c.definite for c in found),
        "n_probable_block": sum(c.probable for c in found),
        "n_nerves_tested": len({n for c in found for n in c.nerves}),
        "n_segments_tested": sum(c.tested for c in found),
        "block_conclusion": next((o for o in ORDER if o in said), None),
        "sensory_sparing": together([c.sensory for c in found if c.sensory]),
    }
