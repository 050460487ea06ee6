"""The declared export formats of all directories, proven sound, and the hash that names the whole set."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.labs.document import UNDECIDED, Lines, faults, open_places, parse_document, read_document, where
from pipeline.labs.model import Column, Exclusion, FileShape, Footer, LabFormat, PerformingLab, RowKind, TestCode
from pipeline.labs.soundness import check_sound, complaints

# What one table of records declares; a format with a single one declares it at the top of the file.
_TABLE_KEYS = ("record", "columns", "slots", "if_empty")
_PLACE_KEYS = ("header_row", "header_rows", "units_row")


def lab_files(directories: Sequence[Path]) -> list[Path]:
    """Every YAML file of the directories, by name within each directory."""
    return [
        path for directory in directories for path in sorted(directory.glob("*.yaml")) if not path.name.startswith(".")
    ]


def labs_sha256(directories: Sequence[Path]) -> str:
    """The hash of all YAML files, names and bytes: it changes whenever any declaration does."""
    digest = hashlib.sha256()
    for path in lab_files(directories):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def load_labs(directories: Sequence[Path]) -> tuple[LabFormat, ...]:
    """All formats that make sense. Raises SettingsError naming file, line and key of the first mistake.

    A draft with mistakes is left out: it recognises nothing, so it must stop nobody (`gm1 labs list` shows it).
    """
    formats: dict[str, LabFormat] = {}
    for path in lab_files(directories):
        try:
            loaded = load_format(path)
        except SettingsError:
            if is_draft(path):
                continue
            raise
        if loaded.id in formats:
            raise SettingsError(f"{path}: id {loaded.id}: already used by {formats[loaded.id].origin}; ids are unique")
        formats[loaded.id] = loaded
    return tuple(formats.values())


def load_format(path: Path) -> LabFormat:
    """The format one YAML file declares; SettingsError when it breaks the schema or contradicts itself."""
    document, lines = read_document(path)
    lab_format = _build(path, document, lines)
    check_sound(path, lines, lab_format)
    return lab_format


def complaints_about(path: Path) -> list[str]:
    """Everything that keeps a YAML file from being used, one line each with file, line and key; empty when it is sound."""
    try:
        document, lines = parse_document(path)
    except SettingsError as error:
        return [str(error)]
    found = list(faults(document))
    places = open_places(document)
    if not found:
        found = list(complaints(_build(path, document, lines)))
    elif len(found) == len(places):
        with suppress(
            AttributeError, KeyError, TypeError, ValueError
        ):  # an open place may stand where a mapping belongs
            made = complaints(_build(path, document, lines))
            # what an open place itself breaks is no second complaint
            found += [(keys, message) for keys, message in made if keys not in places and UNDECIDED not in message]
    return [f"{where(path, lines, *keys)}: {message}" for keys, message in dict.fromkeys(found)]


def is_draft(path: Path) -> bool:
    """Whether a YAML file says that it is a draft, sound or not."""
    try:
        return parse_document(path)[0].get("state") == "draft"
    except SettingsError:
        return False


def _build(path: Path, document: dict[str, Any], lines: Lines) -> LabFormat:
    result = document.get("result", {})
    whole = LabFormat(
        id=document["id"],
        title=document["title"],
        state=document["state"],
        lab=document["lab"],
        record=document.get("record", ""),
        file_glob=document["recognise"]["file"],
        shape=_shape(document["file"]),
        namespace=_namespace(document["patients"]),
        columns={},
        performing_labs={
            name: PerformingLab(**declared) for name, declared in document.get("performing_labs", {}).items()
        },
        tests={code: TestCode(**declared) for code, declared in document.get("tests", {}).items()},
        result_words=result.get("words", {}),
        comparator_words=result.get("comparators", {}),
        no_result=result.get("no_result", {}),
        no_result_statuses=result.get("no_result_status", {}),
        exclusions=tuple(_exclusion(declared) for declared in document.get("exclude", [])),
        ignored=_whys(document.get("ignore", []), "column"),
        kept=_whys(document.get("keep", []), "column"),
        ignored_sheets=_whys(document.get("ignore_sheets", []), "sheet"),
        dates_are_shifted="dates_shifted" in document,
        origin=str(path),
    )
    readings = _readings(whole, document)
    if len(readings) == 1:
        return replace(readings[0], slot=1)
    return replace(readings[0], slot=1, readings=readings)


def _namespace(declared: dict[str, str]) -> str:
    return declared.get("namespace") or f"{declared['site']}/{declared['pseudonym_version']}"


def _whys(entries: list[dict[str, str]], name: str) -> dict[str, str]:
    return {entry[name]: entry["why"] for entry in entries}


def _exclusion(declared: dict[str, str]) -> Exclusion:
    return Exclusion(declared["column"], declared["matches"], declared["reason"], declared.get("expected") == "true")


def _readings(whole: LabFormat, document: dict[str, Any]) -> tuple[LabFormat, ...]:
    """One simple format a record slot; slots number on over the tables that are read from the same rows."""
    readings: list[LabFormat] = []
    tables = document.get("tables")
    for place, table in enumerate(tables or [{name: document[name] for name in _TABLE_KEYS if name in document}]):
        sheet = table.get("sheet", document["file"].get("sheet"))
        common = {name: _column(declared) for name, declared in table["columns"].items()}
        for slot in table.get("slots") or [{"columns": {}}]:
            own = {name: _column(declared) for name, declared in slot["columns"].items()}
            readings.append(replace(
                whole,
                record=table["record"],
                shape=_shape(document["file"] | {name: table[name] for name in _PLACE_KEYS if name in table}),
                columns=common | own,
                ignored={**whole.ignored, **_whys(table.get("ignore", []), "column")},
                kept={**whole.kept, **_whys(table.get("keep", []), "column")},
                sheet=sheet,
                slot=1 + sum(reading.sheet == sheet for reading in readings),
                when=RowKind(**table["when"]) if "when" in table else None,
                may_be_empty="if_empty" in table,
                written_at=("tables", str(place)) if tables else (),
            ))  # fmt: skip
    return tuple(readings)


def _shape(declared: dict[str, Any]) -> FileShape:
    given = {name: value for name, value in declared.items() if name != "sheet"}
    form = given.get("form", "delimited")
    if "footer" in given:
        given["footer"] = Footer(**given["footer"])
    given["missing"] = tuple(dict.fromkeys(["", *given.get("missing", [])]))
    if form == "workbook":
        # what a footer is searched in: the cells of the row, as if copied from the sheet
        given["delimiter"] = "\t"
    if form in ("hl7v2", "fhir"):
        given |= {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%d %H:%M:%S"}
    return FileShape(**given)


def _column(declared: dict[str, Any]) -> Column:
    by = declared.get("words_by")
    source = declared.get("from")
    sources = [source] if isinstance(source, str) else list(source or [])
    return Column(
        source=sources[0] if sources else None,
        others=tuple(sources[1:]),
        constant=declared.get("value"),
        matches=declared.get("matches"),
        words=declared.get("words"),
        words_by=(by["column"], by["words"]) if by else None,
        no_response=tuple(declared.get("no_response", ())),
    )
