"""The shape of identifiers, without any of them, and the rows that stand for no patient."""

import re
from collections.abc import Sequence
from functools import cache

from pipeline.drafting.findings import Guess
from pipeline.drafting.lexicon import lexicon

_MOST_SHAPES = 3


def pattern_of(identifiers: Sequence[str]) -> Guess | None:
    """A regular expression for identifiers of a few shapes; letters that all of them share are kept, no digit is."""
    shapes = {_shape(text) for text in identifiers}
    if not shapes or len(shapes) > _MOST_SHAPES or len(set(identifiers)) < 3:
        return None
    patterns = sorted(_pattern([text for text in identifiers if _shape(text) == shape]) for shape in shapes)
    return Guess("|".join(patterns), f"the shape of all {len(set(identifiers))} identifiers of the example")


def exclusion_of(text: str) -> tuple[str, str] | None:
    """Reason and usual name when a cell stands for a control, calibrator, ring trial or test patient."""
    found = _exclusions().match(text.upper())
    return (found.lastgroup, found[0]) if found is not None and found.lastgroup is not None else None


@cache
def _exclusions() -> re.Pattern[str]:
    """One pattern of all usual names, a group a reason, longer names first."""
    groups = (
        f"(?P<{reason}>{'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})"
        for reason, names in lexicon()["exclude"].items()
    )
    return re.compile(f"(?:{'|'.join(groups)})(?![A-Za-z])")


def exclusions_in(cells: Sequence[str]) -> dict[str, set[str]]:
    """The names found in a column, by reason, as they are written there.

    Nothing when most of the column would be set aside: then the name is part of everybody's identifier.
    """
    distinct = set(cells)
    hits = {cell: hit for cell in distinct if (hit := exclusion_of(cell))}
    found: dict[str, set[str]] = {}
    for cell, (reason, name) in hits.items() if 2 * len(hits) < len(distinct) else ():
        found.setdefault(reason, set()).add(cell[: len(name)])
    return found


def _shape(text: str) -> tuple[tuple[str, int], ...]:
    runs = re.findall(r"[0-9]+|[A-Z]+|[a-z]+|.", text)
    return tuple((_kind(run), len(run)) for run in runs)


def _kind(run: str) -> str:
    return "[0-9]" if run.isdigit() else "[A-Z]" if run.isupper() else "[a-z]" if run.islower() else run


def _pattern(identifiers: Sequence[str]) -> str:
    """The pattern of identifiers of one shape: runs of letters that are the same in all are written out."""
    split = [re.findall(r"[0-9]+|[A-Z]+|[a-z]+|.", text) for text in identifiers]
    parts = []
    for runs in zip(*split, strict=True):
        kind = _kind(runs[0])
        if len(set(runs)) == 1 and not runs[0].isdigit():
            parts.append(re.sub(r"\\([ -])", r"\1", re.escape(runs[0])))
        else:
            parts.append(kind if len(runs[0]) == 1 else f"{kind}{{{len(runs[0])}}}")
    return "".join(parts)
