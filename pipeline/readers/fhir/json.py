"""JSON read without changing it: every number keeps its digits, and what JSON leaves open is refused."""

import json
import re
from typing import TypeAlias

MAX_DEPTH = 100
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|\s+', re.DOTALL)


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


Json: TypeAlias = "dict[str, Json] | list[Json] | str | bool | None"


class NotJson(ValueError):
    """The text is no JSON that can be read in one way only; says nothing of what stands there."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Json:
    raise NotJson("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_no_constant
)


def parsed(text: str) -> Json:
    """The one value the text holds. Raises NotJson."""
    start = len(text) - len(text.lstrip())
    value, end = parsed_at(text, start)
    if text[end:].strip():
        raise NotJson("text behind the end")
    check_depth(text, start, end)
    return value


def parsed_at(text: str, start: int) -> tuple[Json, int]:
    """The value that begins at `start`, and where it ends. Raises NotJson."""
    try:
        return _DECODER.raw_decode(text, start)
    except NotJson:
        raise
    except (ValueError, RecursionError):
        # the decoder's own error holds the whole text
        raise NotJson("cut short, or no JSON") from None


def check_depth(text: str, start: int, end: int) -> None:
    """Nothing, or NotJson when the value between `start` and `end` is nested deeper than any resource is."""
    if text.count("{", start, end) + text.count("[", start, end) <= MAX_DEPTH:
        return
    depth = 0
    for found in _TOKEN.finditer(text, start, end):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotJson(f"nested more than {MAX_DEPTH} deep")
        elif found[0] in "]}":
            depth -= 1


def compact(text: str) -> str:
    """The same text without the space between its tokens; text that is no JSON loses space only as well."""
    return _SPACE.sub(lambda found: found[1] or "", text)
