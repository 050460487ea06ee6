"""The page on interpretation, read from the spec tests themselves: what a test shows is what the page says.

A module of tests/spec is a section (its docstring the text), a test a statement (its name, and its docstring), and every case
of a test a row of a table: its words, and its values where they are simple. `Wordless` names what a reader could not follow.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from manual_words import Wordless, coded, in_words, paragraphs, sentence_of

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "tests" / "spec"
# Arguments that tell a test which of its cases it is, or are whole recordings: the words of the case stand for them.
_NOT_SHOWN = ("cohort_id", "row", "sites")
# A name of fewer words than this says nothing by itself.
FEWEST_WORDS = 4
# More columns than this beside the words of a case do not fit on a page.
MOST_COLUMNS = 3
# Titles that say more than the name of a module.
_TITLES = {
    "serology_registry": "Registry of published cut-offs", "serology_ivig_timing": "Timing against immunoglobulin treatment",
    "serology_notes": "Notes beside a result", "serology_properties": "What holds of every result",
    "nerve_block_criteria": "Criteria for conduction block", "nerve_study": "A study as a whole",
    "nerve_lower_limit": "Lower limit of normal", "nerve_integrity": "Doubtful recordings", "nerve_sensory": "Sensory sparing",
    "expert_nerves": "Nerve conduction", "expert_cohort": "Cohorts and records", "expert_report": "Figures and reports",
    "hand_answers": "Answers of the small example", "hand_fixture": "The small example",
}  # fmt: skip
# Parts of the page: heading, what the names of their modules begin with, and the modules in the order of reading. A module
# that no part lists comes last in the part whose beginning says most of its name.
PARTS = (
    ("Serology", "serology_", "serology_cutoffs serology_registry serology_ivig_timing serology_notes serology_properties"),
    ("Nerve conduction", "nerve_", "nerve_block_criteria nerve_study nerve_lower_limit slowing nerve_integrity nerve_sensory"),
    ("Cohorts", "", "diagnostic_statements linked_patients shifted_dates published_cohorts reference_facts"),
    ("What an expert checks first", "expert_", "expert_serology expert_nerves expert_cohort expert_report expert_identifiers"),
    ("Worked by hand", "hand_", "hand_answers hand_fixture"),
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """One test: its sentence, the text beside it, and tables of cases as (title, headings, rows)."""

    sentence: str
    text: str
    tables: list[tuple[str, list[str], list[list[str]]]]


@dataclass(frozen=True)
class Section:
    """One module of tests."""

    part: str
    title: str
    file: str
    text: str
    statements: list[Statement]


def sections() -> list[Section]:
    """Every module of tests/spec in the order of the page; raises Wordless with all that a reader could not follow."""
    for folder in (ROOT, ROOT / "dags", ROOT / "tests", ROOT / "tests" / "unit", ROOT / "tests" / "sql"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    stems = sorted((file.stem.removeprefix("test_") for file in SPEC.glob("test_*.py")), key=_place)
    unclear: list[str] = []
    found = [_section(stem, unclear) for stem in stems]
    if unclear:
        raise Wordless("\n".join(unclear))
    return found


def _part(stem: str) -> tuple[str, str, str]:
    listed = next((part for part in PARTS if stem in part[2].split()), None)
    return listed or max((part for part in PARTS if stem.startswith(part[1])), key=lambda part: len(part[1]))


def _place(stem: str) -> tuple[int, int, str]:
    part = _part(stem)
    order = part[2].split()
    return PARTS.index(part), order.index(stem) if stem in order else len(order), stem


def _section(stem: str, unclear: list[str]) -> Section:
    """One module; what of it is unclear is added to `unclear`."""
    part, prefix, _ = _part(stem)
    module = importlib.import_module(f"spec.test_{stem}")
    text = paragraphs(module.__doc__)
    if len(text.split()) < FEWEST_WORDS:
        unclear.append(f"test_{stem}.py: its docstring is the text of a section of the manual; write it")
    statements = []
    for name, test in vars(module).items():
        if name.startswith("test_") and callable(test):
            try:
                statements.append(_statement(module, name, test))
            except Wordless as error:
                unclear.append(str(error))
    return Section(
        part, _TITLES.get(stem) or sentence_of(stem.removeprefix(prefix)), f"test_{stem}.py", text, statements
    )


def _statement(module: ModuleType, name: str, test: Any) -> Statement:
    where = f"{Path(str(module.__file__)).name}, {name}"
    text = paragraphs(test.__doc__)
    sentence = sentence_of(name.removeprefix("test_"))
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    tables = [table for mark in marks for table in _tables(module, where, mark)]
    says_itself = any("case" in head for _, head, _ in tables)
    if len(sentence.split()) < FEWEST_WORDS and not text and not says_itself:
        raise Wordless(f"{where}: give it a docstring, or a name that says what it shows")
    return Statement(sentence, text, tables)


def _tables(module: ModuleType, where: str, mark: Any) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    names = [n.strip() for n in mark.args[0].split(",")] if isinstance(mark.args[0], str) else list(mark.args[0])
    values = list(mark.args[1])
    if names == ["number"] and len(values) == len(getattr(module, "CASES", ())):
        # a module that builds one warehouse for all its cases goes through them by number
        names, values = ["case"], list(module.CASES)
    if values and all(hasattr(value, "says") and hasattr(value, "expected") for value in values):
        yield from _cases(where, values)
        return
    ids = mark.kwargs.get("ids")
    ids = list(ids) if isinstance(ids, Sequence) else [None] * len(values)
    cases = [(_id(value, given), _values(value, names)) for value, given in zip(values, ids, strict=True)]
    yield "", *_rows(where, names, cases)


def _id(value: Any, given: Any) -> str:
    own = getattr(value, "id", None) if hasattr(value, "marks") else None
    return own if isinstance(own, str) else given if isinstance(given, str) else ""


def _values(value: Any, names: Sequence[str]) -> list[Any]:
    plain = value.values if hasattr(value, "marks") else value
    if hasattr(value, "marks"):
        return list(plain)
    return [plain] if len(names) == 1 else list(plain)


def _rows(where: str, names: list[str], cases: list[tuple[str, list[Any]]]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: the words of the cases first, then each argument that can be written in words."""
    has_words = any(words for words, _ in cases)
    if has_words and not all(words for words, _ in cases):
        raise Wordless(f"{where}: some of its cases have words (id) and others do not")
    columns: list[tuple[str, list[str]]] = [("case", [words for words, _ in cases])] if has_words else []
    for position, name in enumerate(names):
        if has_words and name in _NOT_SHOWN:
            continue
        try:
            columns.append((name.replace("_", " "), [in_words(values[position]) for _, values in cases]))
        except Wordless as error:
            if not has_words:
                raise Wordless(f"{where}, {name}: {error}; give its cases words (id)") from error
    return [name for name, _ in columns], [list(row) for row in zip(*(cells for _, cells in columns), strict=True)]


def _cases(where: str, cases: Sequence[Any]) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Cases that say themselves what they show, by set of criteria where there are several."""
    sets = list(dict.fromkeys(getattr(case, "of_set", "") for case in cases))
    for one in sets:
        of_set = [case for case in cases if getattr(case, "of_set", "") == one]
        if not all(len(case.says.split()) > 1 for case in of_set):
            raise Wordless(f"{where}: a case says too little")
        head, rows = _outcomes(of_set)
        yield coded(one) if len(sets) > 1 else "", ["case", *head], rows


def _outcomes(cases: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """What comes of each case: a column for each thing looked at where these are few, else all of them in one."""
    looked_at = list(dict.fromkeys(name for case in cases for name in case.expected))
    if len(looked_at) > MOST_COLUMNS:
        return ["what comes of it"], [[case.says, in_words(case.expected)] for case in cases]
    rows = [[c.says, *(in_words(c.expected[n]) if n in c.expected else "" for n in looked_at)] for c in cases]
    return [coded(name) for name in looked_at], rows
