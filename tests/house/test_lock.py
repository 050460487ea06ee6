"""Each lock pins everything by hash and says nothing about where it was made."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-spark.lock")
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)( ; (?P<marker>.+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def pins(lock: str = "requirements.lock") -> dict[str, list[str]]:
    """The locked versions by package; several where a marker tells them apart."""
    found: dict[str, list[str]] = {}
    for match in PIN.finditer((ROOT / lock).read_text()):
        found.setdefault(match["name"], []).append(match["version"])
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_a_pin_or_a_hash(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert lines
    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_it_names_no_index_and_no_place(lock: str) -> None:
    for mark in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", "@ ", "/"):
        assert mark not in (ROOT / lock).read_text()


def test_each_dependency_is_locked_in_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    apart = extras.pop("spark")
    ordinary = [*project["dependencies"], *(requirement for group in extras.values() for requirement in group)]
    for lock, requirements in zip(LOCKS, (ordinary, apart), strict=True):
        locked = pins(lock)
        for requirement in map(Requirement, requirements):
            versions = locked[requirement.name]
            assert versions
            assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_what_is_locked_apart_burdens_nobody_else() -> None:
    assert pins().keys() & pins("requirements-spark.lock").keys() == set()


def test_the_promised_versions_are_the_locked_ones() -> None:
    locked = pins()
    promised = {"apache-airflow": "3.3.2", "pandas": "3.1.1", "great-expectations": "1.24.1", "duckdb": "2.0.0"}
    assert {name: locked[name] for name in promised} == {name: [version] for name, version in promised.items()}
