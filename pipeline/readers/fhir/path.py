"""FHIR places: a dotted path, the first of a list unless a number or a filter says which, `->` to follow a reference.

`code.coding[system=http://loinc.org].code`, `identifier[1].value` (numbers count from 0, as in FHIRPath),
`subject->identifier.value`, `component[code.text=IgM].interpretation.text`.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

from pipeline.labs.places import Choice, Step
from pipeline.readers.fhir.json import Json

Resolve = Callable[[Json], Json]


def names_behind_references(path: tuple[Step, ...]) -> set[str]:
    """Which members of other resources a path needs."""
    return {after.name for step, after in pairwise(path) if step.is_followed}


def text_at(start: Mapping[str, Json], path: tuple[Step, ...], resolve: Resolve) -> str:
    """The text at a place; empty when there is nothing, or something that is no single value."""
    here: Json = dict(start)
    for step in path:
        here = _chosen(here.get(step.name) if isinstance(here, dict) else None, step.choices)
        if step.is_followed:
            here = resolve(here)
    return text_of(here)


def _chosen(value: Json, choices: tuple[Choice, ...]) -> Json:
    several = value if isinstance(value, list) else [value]
    for choice in choices:
        if isinstance(choice, int):
            several = several[choice : choice + 1]
        else:
            several = [one for one in several if _plain(one, choice[0]) == choice[1]]
    return several[0] if several else None


def _plain(value: Json, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _chosen(value.get(name) if isinstance(value, dict) else None, ())
    return None if value is None else text_of(value)


def text_of(value: Json) -> str:
    """A single value as text: strings and numbers as they are written."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else ""
