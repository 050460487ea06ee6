"""Nerve segments of each examination with all that is said of them."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .doubts import flags
from .grades import Grade, Limit, grade, lower_limit, sets
from .landed import Row, as_day
from .pairs import Pair, pairs_of
from .rule_rows import Rules
from .sensory import sparing


@dataclass(frozen=True, slots=True)
class Segment:
    """A pair with all that is said of it, grades by criteria set."""

    pair: Pair
    limit: Limit
    flags: tuple[str, ...]
    grades: Mapping[str, Grade]
    sensory: str


def is_sensory(row: Row) -> bool:
    """Whether the row is of a sensory study; a kind that is not stated is motor."""
    return row.get("study_kind") == "sensory"


def exam_key(row: Row) -> Hashable:
    """Rows of one examination share this."""
    return row.get("sending_lab"), row.get("patient_key"), row.get("exam_id"), as_day(row.get("exam_on"))


def segments(sites: Sequence[Row], rules: Rules) -> dict[Hashable, list[Segment]]:
    """All segments of each examination, from used site rows."""
    exams: dict[Hashable, list[Row]] = defaultdict(list)
    for row in sites:
        exams[exam_key(row)].append(row)
    return {key: list(_of_exam(rows, rules)) for key, rows in exams.items()}


def _of_exam(rows: Sequence[Row], rules: Rules) -> Iterator[Segment]:
    sensory = [r for r in rows if is_sensory(r)]
    recordings: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        if not is_sensory(row):
            recordings[row["nerve"], row["side"], row.get("muscle")].append(row)
    pairs = [pair for recording in recordings.values() for pair in pairs_of(recording, rules)]
    for pair in pairs:
        limit = lower_limit(pair.distal, rules)
        yield Segment(
            pair, limit, flags(pair, pairs, rules), {s["criteria_set"]: grade(pair, limit, s, rules) for s in sets(rules)},
            sparing(pair, sensory, rules),
        )  # fmt: skip
