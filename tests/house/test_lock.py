"""The lock pins everything by hash and says nothing about where it was made."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)( ; (?P<marker>.+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def pins() -> dict[str, list[str]]:
    """The locked versions by package; several where a marker tells them apart."""
    found: dict[str, list[str]] = {}
    for match in PIN.finditer(LOCK):
        found.setdefault(match["name"], []).append(match["version"])
    return found


def test_every_line_is_a_pin_or_a_hash() -> None:
    strange = [line for line in LOCK.splitlines() if not PIN.fullmatch(line) and not HASH.fullmatch(line)]
    assert strange == []


def test_it_names_no_index_and_no_place() -> None:
    for mark in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", "@ ", "/"):
        assert mark not in LOCK


def test_it_holds_every_dependency_in_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    locked = pins()
    for requirement in map(Requirement, [*project["dependencies"], *extras]):
        versions = locked[requirement.name]
        assert versions
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_the_promised_versions_are_the_locked_ones() -> None:
    locked = pins()
    promised = {"apache-airflow": "3.3.2", "pandas": "3.1.1", "great-expectations": "1.24.1", "duckdb": "2.0.0"}
    assert {name: locked[name] for name in promised} == {name: [version] for name, version in promised.items()}
