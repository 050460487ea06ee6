"""Every reason the program can give is in the catalogue, in words a sender understands."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from pipeline import resources
from pipeline.checks import load_checks
from pipeline.messages import MESSAGES, explained, groups, message

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(file for part in ("ingest", "readers", "labs") for file in (ROOT / "pipeline" / part).rglob("*.py"))
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*")
# constants that hold reasons as values: a row of a message's segment, a way a line can break
REASON_TABLES = re.compile(r"_?[A-Z_]*(REASONS?|LAYOUT|LAYOUTS)")


def texts(node: ast.AST | None) -> Iterator[str]:
    """Every string constant of an expression that has the shape of a code."""
    for one in ast.walk(node) if node is not None else ():
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and CODE.fullmatch(one.value):
            yield one.value


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def problems(value: ast.AST | None) -> Iterator[str]:
    """The codes of `(code, detail)`."""
    if isinstance(value, ast.Tuple) and len(value.elts) == 2:
        yield from texts(value.elts[0])


def reasons_called(node: ast.Call) -> Iterator[str]:
    """The codes given to Unreadable, hold, note, Entry and Identified, and as `problem=` or `doubt=`."""
    called = name_of(node.func)
    if called in ("Unreadable", "hold", "note", "doubt") and node.args:
        yield from texts(node.args[0])
    if called in ("reject", "layout") and len(node.args) > 1:
        yield from texts(node.args[1])
    if called == "Entry" and len(node.args) > 3:
        yield from texts(node.args[3])
    for keyword in node.keywords:
        if keyword.arg in ("problem", "doubt"):
            yield from problems(keyword.value)
        if called == "Identified" and keyword.arg == "reason":
            yield from texts(keyword.value)


def reasons_assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """The codes assigned to a problem, and the values of a constant that maps to reasons."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if name_of(target) in ("problem", "doubt", "complaint"):
            yield from problems(node.value)
        if REASON_TABLES.fullmatch(name_of(target)) and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                yield from texts(value)


def reasons_of(tree: ast.AST) -> Iterator[str]:
    """Every reason code that the text of a module gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from reasons_called(node)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from reasons_assigned(node)
        if isinstance(node, ast.FunctionDef) and node.name == "_doubts":
            yield from (code for one in ast.walk(node) if isinstance(one, ast.Yield) and isinstance(one.value, ast.Tuple)
                        for code in texts(one.value.elts[0]))  # fmt: skip


def sql_reasons(file: Path) -> Iterator[str]:
    """The texts that a model may give as `reason_code` (or as the `reading` of a panel)."""
    for query in sqlglot.parse(file.read_text(encoding="utf-8"), read="duckdb"):
        for alias in query.find_all(exp.Alias) if query is not None else ():
            if alias.alias in ("reason_code", "reading"):
                branches = [case.args["true"] for case in alias.this.find_all(exp.If)]
                for branch in branches or [alias.this]:
                    if isinstance(branch, exp.Literal) and branch.is_string:
                        yield branch.this


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_reason_of_intake_is_in_the_catalogue(file: Path) -> None:
    assert set(reasons_of(ast.parse(file.read_text(encoding="utf-8")))) - set(MESSAGES) == set()


def test_the_reasons_of_intake_were_found() -> None:
    found = {code for file in FILES for code in reasons_of(ast.parse(file.read_text(encoding="utf-8")))}
    assert {
        "format_unknown",
        "file_empty",
        "footer_missing",
        "too_few_columns",
        "sheet_undeclared",
        "identifier_values",
        "lines_inside_quotes",
        "hidden_sheet",
        "no_record_kind",
    } <= found


@pytest.mark.parametrize("file", sorted((ROOT / "sql").glob("*/*.sql")), ids=lambda file: file.stem)
def test_every_reason_of_a_model_is_in_the_catalogue(file: Path) -> None:
    found = set(sql_reasons(file)) - {"own"}
    assert found or not file.stem.endswith(("_fate", "_panel", "_interpretation", "conduction_block", "nerve_study"))
    assert {code for code in found if code not in MESSAGES} == set()


def test_every_reason_of_an_example_file_is_explained() -> None:
    checks = {
        one.id: (one.why, one.if_failed)
        for file in sorted(resources.EXPECTATIONS_DIR.glob("*.yaml"))
        for one in load_checks(resources.EXPECTATIONS_DIR, file.stem)
    }
    assert not set(checks) & set(MESSAGES), "a check and a reason share a name"
    for file in sorted((ROOT / "tests/labs").glob("*/expected.json")):
        for code in reasons_in(json.loads(file.read_text(encoding="utf-8"))):
            assert message(code, checks), file


def reasons_in(content: object) -> Iterator[str]:
    """The values of every key that names a reason."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("held_reason", "reason", "intake_reason") and isinstance(value, str):
                yield value
            yield from reasons_in(value)
    if isinstance(content, list):
        for value in content:
            yield from reasons_in(value)


def test_reasons_for_leaving_rows_out_are_in_the_catalogue() -> None:
    schema = json.loads((resources.LABS_DIR / "schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]["exclude"]["items"]["properties"]["reason"]["enum"]) <= set(MESSAGES)


def test_messages_are_sentences_that_say_what_to_do() -> None:
    for one in MESSAGES.values():
        assert one.meaning[0].isupper() and one.meaning.endswith("."), one.code
        assert one.remedy[0].isupper() and one.remedy.endswith("."), one.code
        assert CODE.fullmatch(one.code)
        assert not one.can_release or one.disposition == "held", one.code


def test_only_whole_files_can_be_marked_as_releasable() -> None:
    files = {one.code for one in groups()[0].messages}
    assert {one.code for one in MESSAGES.values() if one.can_release} <= files


def test_a_code_nobody_wrote_down_is_a_fault() -> None:
    with pytest.raises(KeyError):
        explained("no_such_code")
    assert explained("some_check", {"some_check": ("Why.", "Do.")}) == ("Why.", "Do.")
    assert explained("no_result_insufficient") == explained("no_result")
