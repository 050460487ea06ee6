"""The reference page of the lab YAML, read from its JSON Schema and from the canonical fields."""

import json
from collections.abc import Iterator
from typing import Any

from pipeline.labs.document import SCHEMA_FILE
from pipeline.labs.fields import FIELDS, REQUIRED
from pipeline.records import LANDED, VOCABULARY

# Keys of slots and tables that hold what the keys of that name at the top hold.
_AS_AT_THE_TOP = ("columns", "ignore", "keep", "slots")
Row = list[object]


def sections() -> Iterator[tuple[str, str, list[Row]]]:
    """Title, introduction and rows (key, type, required, meaning) of each part of the page."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    top: list[Row] = []
    inner: list[tuple[str, str, list[Row]]] = []
    for key, declared in schema["properties"].items():
        found = _resolved(schema, declared)
        top.append([f"`{key}`", _type(schema, found), _is_required(schema, key), found.get("description", "")])
        rows = list(_rows(schema, found, key))
        if rows:
            inner.append((key, _sentence(found.get("description", "")), rows))
    yield "Keys at the top", "`record` with `columns` for one kind of record, or `tables` for several.", top
    yield from inner


def fields() -> Iterator[tuple[str, list[Row]]]:
    """The canonical fields of each record: name, type, whether required, allowed words."""
    for record, names in FIELDS.items():
        yield record, [
            [f"`{name}`", _kind(record, name), "yes" if name in REQUIRED[record] else "",
             ", ".join(f"`{word}`" for word in VOCABULARY.get(name, ()))]
            for name in names
        ]  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _kind(record: str, field: str) -> str:
    kind = LANDED[record].get(field, "VARCHAR")
    if field in VOCABULARY:
        return "coded"
    return {"VARCHAR": "text", "DATE": "date", "TIMESTAMP": "date, or date with a time", "INTEGER": "whole number"}.get(
        kind, "number"
    )


def _rows(schema: dict[str, Any], declared: dict[str, Any], path: str) -> Iterator[Row]:
    """The keys below one key, however deep, dotted."""
    declared = _resolved(schema, declared)
    for key, below in declared.get("properties", {}).items():
        found = _resolved(schema, below)
        name = f"{path}.{key}"
        yield [f"`{name}`", _type(schema, found), _is_required(declared, key), found.get("description", "")]
        if not (path.endswith("[]") and key in _AS_AT_THE_TOP):
            yield from _rows(schema, found, name)
    if declared.get("type") == "array":
        yield from _rows(schema, declared["items"], f"{path}[]")
    below = declared.get("additionalProperties")
    if isinstance(below, dict) and path.rpartition(".")[2] not in ("words", "no_result", "no_result_status"):
        yield from _rows(schema, below, f"{path}.<{_named(path)}>")


def _named(path: str) -> str:
    return {"columns": "field", "performing_labs": "laboratory", "tests": "code"}.get(path.rpartition(".")[2], "key")


def _resolved(schema: dict[str, Any], declared: dict[str, Any]) -> dict[str, Any]:
    """A reference replaced by what it refers to; what stands beside it wins."""
    reference = declared.get("$ref")
    if reference is None:
        return declared
    return {**schema["$defs"][reference.rpartition("/")[2]], **{k: v for k, v in declared.items() if k != "$ref"}}


def _is_required(holder: dict[str, Any], key: str) -> str:
    return "yes" if key in holder.get("required", []) else ""


def _type(schema: dict[str, Any], declared: dict[str, Any]) -> str:
    if "const" in declared:
        return f"`{declared['const']}`"
    if "enum" in declared:
        return " or ".join(f"`{json.dumps(choice, ensure_ascii=False)}`" for choice in declared["enum"])
    if "anyOf" in declared:
        return " or ".join(_type(schema, _resolved(schema, one)) for one in declared["anyOf"])
    kinds = {"string": "text", "integer": "whole number", "object": "keys", "array": "list"}
    kind = kinds.get(declared.get("type", ""), "text")
    if "pattern" in declared:
        return f"{kind} like `{declared['pattern']}`"
    return f"list of {_type(schema, _resolved(schema, declared['items']))}" if kind == "list" else kind
