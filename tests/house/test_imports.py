"""Imports go one way, and heavy packages stay where they belong."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pipeline"
FILES = sorted(PACKAGE.rglob("*.py"))

# From the ground up; a part may import from its own storey and those below it. `demo` only writes exports.
STOREYS = (
    {"errors", "resources", "settings", "records", "home", "messages", "decisions", "pseudonyms"},
    {"rulebook", "readers", "labs", "checks", "statistics", "pages", "demo", "crosswalk"},
    {"ingest", "warehouse", "report", "validation", "feedback", "drafting", "quarantine"},
    {"run", "status", "replay", "explain", "whatif"},
    {"cli"},
)
LEVEL = {part: level for level, parts in enumerate(STOREYS) for part in parts}


def imported(file: Path) -> set[str]:
    """Full names of the modules a file imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "pipeline" else {module}
    return names


def part_of(file: Path) -> str:
    """The part of the package a file belongs to: its first folder, or the module itself."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parts_imported() -> dict[str, set[str]]:
    """Which parts each part imports; itself left out."""
    uses: dict[str, set[str]] = {}
    for file in FILES:
        names = {name.split(".")[1] for name in imported(file) if name.startswith("pipeline.")}
        uses.setdefault(part_of(file), set()).update(names & set(LEVEL) - {part_of(file)})
    return uses


def test_every_part_has_its_storey() -> None:
    assert {part_of(file) for file in FILES} - {"__init__"} == set(LEVEL), "give a new part a storey above"


def test_imports_go_down_or_stay_on_their_storey() -> None:
    upwards = [
        f"{part} imports {used}"
        for part, names in parts_imported().items()
        for used in names
        if part in LEVEL and LEVEL[used] > LEVEL[part]
    ]
    assert upwards == []


def test_no_two_parts_import_each_other() -> None:
    TopologicalSorter(parts_imported()).prepare()  # raises CycleError, which names them


@pytest.mark.parametrize(
    ("package", "allowed"),
    [("airflow", "dags"), ("great_expectations", "pipeline/checks"), ("pyspark", "pipeline/warehouse/spark.py")],
)
def test_a_heavy_package_is_imported_in_one_place(package: str, allowed: str) -> None:
    files = [*FILES, *(ROOT / "dags").glob("*.py")]
    users = [
        str(file.relative_to(ROOT)) for file in files if any(name.split(".")[0] == package for name in imported(file))
    ]
    assert users, f"nobody imports {package}"
    assert [user for user in users if not user.startswith(allowed)] == []


def test_the_package_imports_without_airflow() -> None:
    modules = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in FILES]
    code = f"import sys; sys.modules['airflow'] = None\nfor name in {modules!r}: __import__(name)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_can_be_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 350
