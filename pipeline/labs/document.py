"""A YAML file as plain text values that still know their lines, held against the JSON Schema.

Every scalar stays text: YAML's own guesses would turn the test code `0012` into a number, `N` into false and a date
format into nothing good. Only the keys the schema calls integers are made numbers.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import SettingsError

SCHEMA_FILE = Path(__file__).with_name("schema.json")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
UNDECIDED = "TODO"
Lines = dict[tuple[str, ...], int]


def read_document(path: Path) -> tuple[dict[str, Any], Lines]:
    """The document of a YAML file, valid by the schema, and the line of each of its keys.

    Raises SettingsError, one line naming file, line and key, when it is no YAML, repeats a key or breaks the schema.
    """
    document, lines = parse_document(path)
    for keys, message in faults(document):
        raise SettingsError(f"{where(path, lines, *keys)}: {message}")
    return document, lines


def parse_document(path: Path) -> tuple[dict[str, Any], Lines]:
    """The document of a YAML file and the line of each of its keys, whatever the schema says about it."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: expected a UTF-8 text file, could not be read ({type(error).__name__})"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise SettingsError(
            f"{where}: not valid YAML ({getattr(error, 'problem', None) or 'cannot be parsed'})"
        ) from error
    lines: Lines = {}
    document = _value(path, node, (), lines)
    if not isinstance(document, dict):
        raise SettingsError(f"{path}: expected a mapping of keys (id, title, lab, ...)")
    _numbers(document)
    return document, lines


def faults(document: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Everything that keeps a document from being used: places left open, then what breaks the schema, deepest first."""
    places = open_places(document)
    yield from ((keys, f"still to be decided: {question(text)}") for keys, text in places.items())
    errors = sorted(
        _validator().iter_errors(document), key=lambda error: (-len(error.absolute_path), str(error.absolute_path))
    )
    for error in errors:
        keys = tuple(str(part) for part in error.absolute_path)
        if keys not in places:
            yield keys, _one_line(error.message)


def open_places(document: dict[str, Any]) -> dict[tuple[str, ...], str]:
    """The keys and values that a person still has to fill in."""
    return dict(_open_places(document, ()))


def is_open(text: str) -> bool:
    """Whether a text is a place that a person still has to fill in, as drafts have them."""
    return text == UNDECIDED or text.startswith(f"{UNDECIDED}:")


def question(text: str) -> str:
    """What an open place asks."""
    return text.partition(":")[2].strip() or "what this means"


def _open_places(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if is_open(key):
                yield (*keys, key), key
            yield from _open_places(inner, (*keys, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _open_places(inner, (*keys, str(position)))
    elif isinstance(value, str) and is_open(value):
        yield keys, value


def where(path: Path, lines: Lines, *keys: str) -> str:
    """`file:line: key.key`, with the line of the nearest key that is written in the file."""
    for end in range(len(keys), 0, -1):
        if keys[:end] in lines:
            return f"{path}:{lines[keys[:end]]}: {_dotted(keys)}"
    return f"{path}: {_dotted(keys)}" if keys else str(path)


def _dotted(keys: tuple[str, ...]) -> str:
    return ".".join(UNDECIDED if is_open(key) else key for key in keys)


def _value(path: Path, node: Any, keys: tuple[str, ...], lines: Lines) -> Any:
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                raise SettingsError(f"{path}:{key_node.start_mark.line + 1}: {'.'.join((*keys, key))}: written twice")
            lines[(*keys, key)] = key_node.start_mark.line + 1
            mapping[key] = _value(path, value_node, (*keys, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            lines[(*keys, str(position))] = item.start_mark.line + 1
        return [_value(path, item, (*keys, str(position)), lines) for position, item in enumerate(node.value)]
    return None if node is None else str(node.value)


def _numbers(document: dict[str, Any]) -> None:
    tables = document.get("tables")
    rows = ("header_row", "header_rows", "units_row")
    holders = [(table, rows) for table in (tables if isinstance(tables, list) else [])]
    for holder, keys in ((document, ("schema_version",)), (document.get("file"), rows), *holders):
        if isinstance(holder, dict):
            holder.update({key: int(holder[key]) for key in keys if str(holder.get(key, "")).isdecimal()})


@cache
def _validator() -> Any:
    return import_module("jsonschema").Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _one_line(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= 200 else text[:197] + "..."
