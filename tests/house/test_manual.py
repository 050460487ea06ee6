"""The spec tests can be read as a manual, and the published page is what they say today."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    """The module that reads the spec tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        import manual

    return manual


def of(test: Callable[..., Any], name: str, **known: Any) -> tuple[ModuleType, str, Callable[..., Any]]:
    """A module with one test of this name."""
    module = ModuleType("test_invented")
    module.__file__ = "test_invented.py"
    vars(module).update(known)
    return module, name, test


def nothing(value: object) -> None:
    """Stands for a test."""


def wordless(value: object) -> None: ...


def cases(values: list[Any], **how: Any) -> Callable[..., Any]:
    """A test without a docstring that goes through these values."""

    def test(value: object) -> None: ...

    return pytest.mark.parametrize("value", values, **how)(test)


def test_every_spec_test_has_words_for_a_reader(manual: ModuleType) -> None:
    sections = manual.sections()
    assert {section.file for section in sections} == {file.name for file in (ROOT / "tests/spec").glob("test_*.py")}
    assert all(section.statements and len(section.text) > 60 for section in sections)
    assert {section.part for section in sections} >= {"Serology", "Nerve conduction", "Cohorts"}


def test_a_test_that_says_nothing_is_refused(manual: ModuleType) -> None:
    with pytest.raises(manual.Wordless, match=r"test_invented\.py, test_limit: give it a docstring"):
        manual._statement(*of(wordless, "test_limit"))
    assert manual._statement(*of(wordless, "test_a_limit_is_kept_exactly")).sentence == "A limit is kept exactly"
    assert manual._statement(*of(nothing, "test_limit")).text == "Stands for a test."


@pytest.mark.parametrize(
    ("values", "how"),
    [
        pytest.param([object()], {}, id="a value that cannot be written"),
        pytest.param([1, lambda: 1], {"ids": str}, id="ids made by a program"),
        pytest.param([pytest.param(1, id="just below"), 2], {}, id="words for some of the cases only"),
    ],
)
def test_a_case_that_says_nothing_is_refused(values: list[Any], how: dict[str, Any], manual: ModuleType) -> None:
    with pytest.raises(manual.Wordless, match="words"):
        manual._statement(*of(cases(values, **how), "test_what_is_said_of_it"))


def test_words_and_values_of_cases_become_rows(manual: ModuleType) -> None:
    test = cases([pytest.param({"unit": None, "value": 800.0}, id="just below"), pytest.param(object(), id="other")])
    assert manual._statement(*of(test, "test_limit")).tables == [("", ["case"], [["just below"], ["other"]])]
    test = cases([pytest.param({"unit": None, "value": 800.0}, id="just below")])
    assert manual._statement(*of(test, "test_limit")).tables == [
        ("", ["case", "value"], [["just below", "unit: –, value: 800"]])
    ]
    test = cases(["not_evaluable: no_rule", True, ("a", 0)])
    rows = [["`not_evaluable`: `no_rule`"], ["yes"], ["a, 0"]]
    assert manual._statement(*of(test, "test_one_two_three_four")).tables == [("", ["value"], rows)]


@pytest.mark.parametrize(
    "boundary",
    [
        "area down by 49.99 %", "area down by exactly 50 %", "area down by 29.99 %", "area down by exactly 30 %",
        "duration up by exactly 30 %", "duration up by 30.1 %", "distal amplitude of exactly 1 mV",
        "distal amplitude of 1.001 mV", "distal amplitude of exactly 20 % of the limit",
        "distal amplitude just above 20 % of the limit", "| 29.5 | `not_evaluable`: `between_bands`",
        "| 50.4 | `not_evaluable`: `between_bands`", "the last valid day of the old limit", "the next day, the first valid day",
        "the day before the first valid day", "| <800 | negative by a.negative", "| <801 | `not_evaluable`: `straddles_cut_off`",
        "| >800 | positive by b.positive", "| >=800 | `not_evaluable`: `straddles_cut_off`", "| 8 | 14 | 0.32591 | 0.78619 | within",
    ],
)  # fmt: skip
def test_the_boundaries_a_laboratory_asks_about_are_in_the_manual(boundary: str) -> None:
    page = (ROOT / "docs/reference/interpretation.md").read_text(encoding="utf-8")
    assert boundary in page


def test_every_generated_page_is_what_the_program_says_today() -> None:
    command = [sys.executable, str(ROOT / "docs/generate.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
