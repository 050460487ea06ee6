"""FHIR places: a dotted path, the first of a list unless a number or a filter says which, `->` to follow a reference.

`code.coding[system=http://loinc.org].code`, `identifier[1].value` (numbers count from 0, as in FHIRPath),
`subject->identifier.value`, `component[code.text=IgM].interpretation.text`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pipeline.readers.fhir_json import Json

_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\[\]]+\])*)(->|\.|\Z)")
_CHOICE = re.compile(r"\[([^\[\]]+)\]")
_FILTER = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)=(.+)", re.DOTALL)
Choice = int | tuple[tuple[str, ...], str]
Resolve = Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class Step:
    """A name to go down by, which of a list to take (a number, or a path and its value), whether to follow it then."""

    name: str
    choices: tuple[Choice, ...]
    is_followed: bool


def path_of(address: str) -> tuple[Step, ...]:
    """The steps of an address; ValueError when it is none."""
    steps: list[Step] = []
    at, link = 0, "."
    while link:
        found = _STEP.match(address, at)
        if found is None:
            raise ValueError(f"{address!r} is no place of a resource (as subject->identifier.value)")
        link, at = found[3], found.end()
        steps.append(Step(found[1], tuple(map(_choice, _CHOICE.findall(found[2]))), link == "->"))
    if at != len(address):
        raise ValueError(f"{address!r} is no place of a resource (as subject->identifier.value)")
    return tuple(steps)


def _choice(text: str) -> Choice:
    if text.isdecimal() and len(text) < 4:
        return int(text)
    found = _FILTER.fullmatch(text)
    if found is None:
        raise ValueError(f"[{text}] is neither a number nor name=value")
    return tuple(found[1].split(".")), found[2]


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
