"""Read `expectations/<table>.yaml` into checks, or say in one line what is wrong with which entry."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from pipeline import resources
from pipeline.checks import catalogue
from pipeline.checks.model import ROW_KEYS, Check, Condition
from pipeline.checks.windows import Windows, window_files, windows
from pipeline.errors import SettingsError
from pipeline.records import RECORDS
from pipeline.settings import Settings

# The only numbers an entry may hold: nothing, one, and the whole as a percentage. Every other number is a rule.
PLAIN_NUMBERS = (0, 1, 100)
_QUOTED = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


class _UniqueKeyLoader(yaml.SafeLoader):  # type: ignore[misc]  # the library ships no types
    """YAML that refuses a key given twice, where the plain loader would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys each stand once."""
        twice = [key for key, n in Counter(key.value for key, _ in node.value).items() if n > 1]
        if twice:
            raise yaml.MarkedYAMLError(problem=f"the key {twice[0]} stands twice", problem_mark=node.start_mark)
        return dict(super().construct_mapping(node, deep))


def load_checks(settings_or_dir: Settings | Path, table: str) -> list[Check]:
    """The checks of `table`, in the order of its YAML file, with every reference to a rule looked up.

    Given a folder instead of Settings, numbers come from the shipped rules alone. Raises SettingsError naming the file
    and the entry.
    """
    folder, rules_dirs = _places(settings_or_dir)
    path = folder / f"{table}.yaml"
    document = _document(path, table)
    numbers = windows(rules_dirs)
    checks = [_check(path, document, entry, numbers) for entry in document["checks"]]
    for check_id, n in Counter(check.id for check in checks).items():
        if n > 1:
            raise SettingsError(f"{path}: check {check_id}: the id stands {n} times; an id names one check")
    return checks


def expectations_sha256(settings_or_dir: Settings | Path) -> str:
    """64 hex digits that change whenever a check or a plausibility window does.

    The windows belong to it: a row may be rejected under one window and stand under another.
    """
    folder, rules_dirs = _places(settings_or_dir)
    digest = sha256()
    for path in [*sorted(folder.glob("*.yaml")), *window_files(rules_dirs)]:
        digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def checked_tables(settings_or_dir: Settings | Path) -> list[str]:
    """Every table that has a YAML file of checks, sorted."""
    return sorted(path.stem for path in _places(settings_or_dir)[0].glob("*.yaml"))


def _places(settings_or_dir: Settings | Path) -> tuple[Path, tuple[Path, ...]]:
    if isinstance(settings_or_dir, Settings):
        return settings_or_dir.expectations_dir, settings_or_dir.rules_dirs
    return settings_or_dir, (resources.RULES_DIR,)


def _document(path: Path, table: str) -> dict[str, Any]:
    if not path.is_file():
        raise SettingsError(f"{path}: expected the checks of table {table}, found no such file")
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid YAML: {_one_line(str(error))}") from None
    problem = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if problem is not None:
        raise SettingsError(f"{path}: {_place(document, problem)}: {_one_line(problem.message)}")
    if document["table"] != table:
        raise SettingsError(f"{path}: table: expected {table}, as the file is called, found {document['table']}")
    return dict(document)


@lru_cache(maxsize=1)
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def _place(document: Any, problem: jsonschema.ValidationError) -> str:
    path = [str(step) for step in problem.absolute_path]
    if path[:1] != ["checks"] or len(path) < 2:
        return ".".join(path) or "the file"
    entry = document["checks"][int(path[1])]
    name = entry.get("id") if isinstance(entry, dict) else None
    return " ".join([f"check {name}" if name else f"check number {int(path[1]) + 1}", ".".join(path[2:])]).strip()


def _one_line(message: str) -> str:
    return " ".join(message.split())[:300]


def _check(path: Path, document: Mapping[str, Any], entry: Mapping[str, Any], numbers: Windows) -> Check:
    place = f"{path}: check {entry['id']}"
    conditions = entry.get("where", [])
    check = Check(
        id=entry["id"],
        table=document["table"],
        expect=catalogue.class_name(entry["expect"]),
        arguments={key: _value(value, numbers, place, key) for key, value in entry["arguments"].items()},
        severity=entry["severity"],
        category=entry["category"],
        why=" ".join(entry["why"].split()),
        if_failed=" ".join(entry["if_failed"].split()),
        where=tuple(
            _condition(part, numbers, place) for part in (conditions if isinstance(conditions, list) else [conditions])
        ),
        keys=tuple(document.get("keys", ROW_KEYS)),
    )
    _prove_usable(check, place)
    return _with_derived(check, document, path)


def _condition(part: Mapping[str, Any], numbers: Windows, place: str) -> Condition:
    (operator,) = (key for key in part if key != "column")
    if operator == "is":
        return Condition(part["column"], str(part["is"]))
    return Condition(part["column"], operator, _value(part[operator], numbers, place, f"where {part['column']}"))


def _value(value: Any, numbers: Windows, place: str, key: str) -> Any:
    if isinstance(value, list):
        return [_value(item, numbers, place, key) for item in value]
    if isinstance(value, dict):
        return _looked_up(value["rule"], numbers, place, key)
    if isinstance(value, int | float) and not isinstance(value, bool) and value not in PLAIN_NUMBERS:
        raise SettingsError(f"{place}: {key}: numbers other than 0, 1 and 100 are rules: write {{rule: <rule_id>.low}}")
    return value


def _looked_up(reference: str, numbers: Windows, place: str, key: str) -> float:
    rule_id, side = reference.rsplit(".", 1)
    if rule_id not in numbers:
        raise SettingsError(f"{place}: {key}: no rule {rule_id} in plausibility.csv; add the row or correct the name")
    low, high = numbers[rule_id]
    bound = low if side == "low" else high
    if bound is None:
        raise SettingsError(f"{place}: {key}: rule {rule_id} leaves its {side} side open")
    return bound


def _prove_usable(check: Check, place: str) -> None:
    if check.expect not in catalogue.ALL:
        raise SettingsError(
            f"{place}: {check.expect} cannot be used here (unknown, or its failing rows cannot be listed); "
            f"use one of {', '.join(sorted(catalogue.ALL))}"
        )
    given = {*check.arguments, *({"bound"} if {"min_value", "max_value"} & set(check.arguments) else ())}
    lacking = [name for name in catalogue.ALL[check.expect] if name not in given]
    if lacking:
        wanted = lacking[0].replace("bound", "min_value or max_value")
        raise SettingsError(f"{place}: {check.expect} needs the argument {wanted}")
    if check.table in RECORDS and check.expect in catalogue.TOTALS:
        raise SettingsError(f"{place}: {check.expect} judges a whole table and can reject no row; use it on a mart")
    if check.rejects and check.expect == catalogue.UNIQUENESS:
        raise SettingsError(f"{place}: uniqueness rejects no row (repeats are duplicate or held); make it a warning")


def _with_derived(check: Check, document: Mapping[str, Any], path: Path) -> Check:
    declared: Mapping[str, Mapping[str, str]] = document.get("derived", {})
    needed = {name: declared[name]["sql"] for name in check.columns if name in declared}
    for name, sql in needed.items():
        typed = [number for number in _NUMBER.findall(_QUOTED.sub("''", sql)) if float(number) not in PLAIN_NUMBERS]
        if typed:
            raise SettingsError(f"{path}: derived {name}: the number {typed[0]} belongs into a rule")
    return Check(**{**{f: getattr(check, f) for f in Check.__slots__}, "derived": needed})
