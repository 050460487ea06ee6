"""The declared export formats of all directories, proven sound, and the hash that names the whole set."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.labs.document import Lines, read_document
from pipeline.labs.model import Column, Exclusion, FileShape, Footer, LabFormat, PerformingLab, TestCode
from pipeline.labs.soundness import check_sound


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
    """All formats, drafts included. Raises SettingsError naming file, line and key of the first mistake."""
    formats: dict[str, LabFormat] = {}
    for path in lab_files(directories):
        loaded = load_format(path)
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


def _build(path: Path, document: dict[str, Any], lines: Lines) -> LabFormat:
    result = document.get("result", {})
    return LabFormat(
        id=document["id"],
        title=document["title"],
        state=document["state"],
        lab=document["lab"],
        record=document["record"],
        file_glob=document["recognise"]["file"],
        shape=_shape(document["file"]),
        namespace=document["patients"]["namespace"],
        columns={name: _column(declared) for name, declared in document["columns"].items()},
        ignored={entry["column"]: entry["why"] for entry in document.get("ignore", [])},
        performing_labs={
            name: PerformingLab(**declared) for name, declared in document.get("performing_labs", {}).items()
        },
        tests={code: TestCode(**declared) for code, declared in document.get("tests", {}).items()},
        result_words=result.get("words", {}),
        no_result=result.get("no_result", {}),
        exclusions=tuple(Exclusion(**declared) for declared in document.get("exclude", [])),
        origin=str(path),
    )


def _shape(declared: dict[str, Any]) -> FileShape:
    given = dict(declared)
    if "footer" in given:
        given["footer"] = Footer(**given["footer"])
    if "missing" in given:
        given["missing"] = tuple(dict.fromkeys(["", *given["missing"]]))
    return FileShape(**given)


def _column(declared: dict[str, Any]) -> Column:
    by = declared.get("words_by")
    return Column(
        source=declared.get("from"),
        constant=declared.get("value"),
        matches=declared.get("matches"),
        words=declared.get("words"),
        words_by=(by["column"], by["words"]) if by else None,
    )
