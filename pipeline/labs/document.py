"""A YAML file as plain text values that still know their lines, held against the JSON Schema.

Every scalar stays text: YAML's own guesses would turn the test code `0012` into a number, `N` into false and a date
format into nothing good. Only the keys the schema calls integers are made numbers.
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import SettingsError

SCHEMA_FILE = Path(__file__).with_name("schema.json")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
Lines = dict[tuple[str, ...], int]


def read_document(path: Path) -> tuple[dict[str, Any], Lines]:
    """The document of a YAML file, valid by the schema, and the line of each of its keys.

    Raises SettingsError, one line naming file, line and key, when it is no YAML, repeats a key or breaks the schema.
    """
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
    _validate(path, document, lines)
    return document, lines


def where(path: Path, lines: Lines, *keys: str) -> str:
    """`file:line: key.key`, with the line of the nearest key that is written in the file."""
    for end in range(len(keys), 0, -1):
        if keys[:end] in lines:
            return f"{path}:{lines[keys[:end]]}: {'.'.join(keys)}"
    return f"{path}: {'.'.join(keys)}" if keys else str(path)


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
    shape = document.get("file")
    for holder, keys in ((document, ("schema_version",)), (shape, ("header_row", "units_row"))):
        if isinstance(holder, dict):
            holder.update({key: int(holder[key]) for key in keys if str(holder.get(key, "")).isdecimal()})


@cache
def _validator() -> Any:
    return import_module("jsonschema").Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _validate(path: Path, document: dict[str, Any], lines: Lines) -> None:
    errors = sorted(
        _validator().iter_errors(document), key=lambda error: (-len(error.absolute_path), str(error.absolute_path))
    )
    if errors:
        error = errors[0]
        place = where(path, lines, *(str(part) for part in error.absolute_path))
        raise SettingsError(f"{place}: {_one_line(error.message)}")


def _one_line(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= 200 else text[:197] + "..."
