"""Every message the program gives about a file, a row or a result: what it means, whose move it is, what to do.

The texts are data (messages.yaml). Messages of checks stand with the checks, so whoever explains a code that may be a
check's hands the checks' texts in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import yaml

from pipeline.resources import PACKAGE_DIR

MOVES = ("sender", "engineer", "reviewer", "nobody")
DISPOSITIONS = ("used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded", "layout", "note")
# The reason a sample gave no result is the laboratory's own word, so only the code's beginning is ours.
_NO_RESULT = "no_result"
# A file that was taken in by a person's decision is noted with the reason that was overruled.
_RELEASED = "released_"
_KEYS = {"disposition", "move", "meaning", "remedy", "can_release"}


@dataclass(frozen=True, slots=True)
class Message:
    """What one reason code says. `can_release` marks a hold of a whole file that a reviewer may overrule."""

    code: str
    disposition: str
    move: str
    meaning: str
    remedy: str
    can_release: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one kind, as the catalogue page lists them."""

    title: str
    about: str
    messages: tuple[Message, ...]


@cache
def groups() -> tuple[Group, ...]:
    """The catalogue in the order of its file; ValueError names an entry that is unsound."""
    document = yaml.safe_load((PACKAGE_DIR / "messages.yaml").read_text(encoding="utf-8"))
    return tuple(
        Group(entry["title"], entry["about"], tuple(_message(code, said) for code, said in entry["messages"].items()))
        for entry in document.values()
    )


def _message(code: str, said: dict[str, Any]) -> Message:
    unknown = set(said) - _KEYS
    if unknown or said["move"] not in MOVES or said["disposition"] not in DISPOSITIONS:
        raise ValueError(f"messages.yaml: {code} has an unknown key, move or disposition")
    return Message(code, **said)


def _catalogue() -> Mapping[str, Message]:
    found: dict[str, Message] = {}
    for group in groups():
        for message in group.messages:
            if message.code in found:
                raise ValueError(f"messages.yaml: {message.code} stands twice")
            found[message.code] = message
    return MappingProxyType(found)


MESSAGES: Mapping[str, Message] = _catalogue()


def message(code: str, checks: Mapping[str, tuple[str, str]] | None = None) -> Message:
    """What a code says; `checks` are the texts of checks (id -> why, what to do). KeyError for a code nobody wrote down."""
    if checks and code in checks:
        return Message(code, "rejected", "sender", *checks[code])
    if code.startswith(f"{_NO_RESULT}_"):
        return MESSAGES[_NO_RESULT]
    if code not in MESSAGES and code.startswith(_RELEASED) and MESSAGES[code.removeprefix(_RELEASED)].can_release:
        return MESSAGES["released_file"]
    return MESSAGES[code]


def explained(code: str, checks: Mapping[str, tuple[str, str]] | None = None) -> tuple[str, str]:
    """Why, and what whoever reads it should do; KeyError as for `message`."""
    found = message(code, checks)
    return found.meaning, found.remedy
