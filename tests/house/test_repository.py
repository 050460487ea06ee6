"""What the repository says about itself is true, and it says nothing about the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from pipeline.cli import cli
from pipeline.settings import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
# variables of docker-compose.yaml, not of the program
OF_COMPOSE = {"GM1_INBOX", "GM1_SITE"}


def tracked() -> list[Path]:
    """Every text file that is, or is about to be, part of the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8000]]


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def code_lines(page: Path) -> list[str]:
    """The lines of a page's fenced blocks, and its inline code."""
    text = text_of(page)
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```", text)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text))
    return [line.strip() for block in blocks for line in block.splitlines()] + inline


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_no_file_names_a_place_on_a_developers_machine() -> None:
    place = re.compile(r"(?<![\w.])/(?:work|root|Users)/\w|/tmp/(?:w|plat)/|/home/[a-z]+/")
    found = [str(file.relative_to(ROOT)) for file in tracked() if place.search(text_of(file))]
    assert [name for name in found if name != "tests/house/test_repository.py"] == []


def test_every_make_target_a_page_names_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", text_of(ROOT / "Makefile")))
    for page in PAGES:
        for line in code_lines(page):
            if match := re.match(r"(?:\$ )?make (?:[A-Z]+=\S+ )*([a-z]+)", line):
                assert match[1] in targets, f"{page.name}: make {match[1]}"


def test_every_command_a_page_names_exists() -> None:
    for page in PAGES:
        for line in code_lines(page):
            if match := re.match(r"(?:\$ )?(?:\.venv/bin/)?gm1 ([a-z]+)\b", line):
                assert match[1] in cli.commands, f"{page.name}: gm1 {match[1]}"


def test_every_variable_that_is_named_anywhere_is_a_setting() -> None:
    known = {variable.name for variable in VARIABLES} | OF_COMPOSE
    for file in tracked():
        if file.suffix in (".py", ".md", ".yaml", ".toml", ".example") or file.name in ("Dockerfile", "Makefile"):
            named = set(re.findall(r"\bGM1_[A-Z][A-Z_]*[A-Z]\b", text_of(file)))
            assert named <= known, file.relative_to(ROOT)


def test_every_setting_is_on_a_reference_page() -> None:
    pages = "".join(text_of(page) for page in PAGES)
    assert [variable.name for variable in VARIABLES if f"`{variable.name}`" not in pages] == []


def test_every_file_a_page_links_to_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text_of(page)):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_the_gate_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in {line.partition("#")[0].strip() for line in code_lines(ROOT / "README.md")}
    assert re.search(r"make .*\btest$", text_of(ROOT / ".ci/run").strip().splitlines()[-1])


@pytest.mark.parametrize("name", ["run", "find-python"])
def test_scripts_are_executable(name: str) -> None:
    assert (ROOT / ".ci" / name).stat().st_mode & 0o111
