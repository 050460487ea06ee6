"""Nerve segments of each examination with all that is said of them."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
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


def segments(sites: Sequence[Row], sent: Sequence[Row], rules: Rules) -> dict[Hashable, list[Segment]]:
    """All segments of each examination, from used site rows; `sent` are these and those that could not be used."""
    exams, sent_of = _by(exam_key, sites), _by(exam_key, sent)
    return {key: list(_of_exam(rows, sent_of[key], rules)) for key, rows in exams.items()}


def _by(key: Callable[[Row], Hashable], rows: Sequence[Row]) -> dict[Hashable, list[Row]]:
    found: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _recording(row: Row) -> Hashable:
    return is_sensory(row), row.get("nerve"), row.get("side"), row.get("muscle")


def _of_exam(rows: Sequence[Row], sent: Sequence[Row], rules: Rules) -> Iterator[Segment]:
    sensory = [r for r in rows if is_sensory(r)]
    recordings = _by(_recording, [r for r in rows if not is_sensory(r)])
    sent_of = _by(_recording, sent)
    pairs = [pair for key, recording in recordings.items() for pair in pairs_of(recording, sent_of[key], rules)]
    for pair in pairs:
        limit = lower_limit(pair.distal, rules)
        yield Segment(
            pair, limit, flags(pair, pairs, rules), {s["criteria_set"]: grade(pair, limit, s, rules) for s in sets(rules)},
            sparing(pair, sensory, rules),
        )  # fmt: skip
