"""Places in messages, as a YAML names them: HL7 v2 addresses and FHIR paths taken apart.

HL7: `OBX-3.1`, `PID-3[2].4`: segment, field, repetition, component, all counted from 1. FHIR: a dotted path, the first of a
list unless a number (counted from 0, as in FHIRPath) or a filter says which, `->` to follow a reference:
`code.coding[system=http://loinc.org].code`, `subject->identifier.value`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_ADDRESS = re.compile(r"([A-Z][A-Z0-9]{2})-([0-9]{1,3})(?:\[([0-9]{1,3})\])?(?:\.([0-9]{1,3}))?(?:\.([0-9]{1,3}))?")
_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\[\]]+\])*)(->|\.|\Z)")
_CHOICE = re.compile(r"\[([^\[\]]+)\]")
_FILTER = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)=(.+)", re.DOTALL)
Choice = int | tuple[tuple[str, ...], str]


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


@dataclass(frozen=True, slots=True)
class Address:
    """SEG-F[r].C.S; counted from 1, `repetition` and what follows None when not given."""

    segment: str
    field: int
    repetition: int | None
    component: int | None
    subcomponent: int | None


def address_of(text: str) -> Address:
    """The address written as OBX-5, PID-3.1, PID-3[2].4.2; ValueError when it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None or any(int(part) == 0 for part in found.groups()[2:] if part):
        raise ValueError(f"{text!r} is no place of a message (segment-field.component, as OBX-3.1)")
    repetition, component, subcomponent = (int(part) if part else None for part in found.groups()[2:])
    return Address(found[1], int(found[2]), repetition, component, subcomponent)


def is_place(address: str, form: str) -> bool:
    """Whether the text names a place in a message of the form (hl7v2 or fhir)."""
    read: Callable[[str], object] = address_of if form == "hl7v2" else path_of
    try:
        read(address)
    except ValueError:
        return False
    return True
