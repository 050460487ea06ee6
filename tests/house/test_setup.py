"""Set-up finds a Python that works, whatever else has its name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def find_python(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the search with `path` in front of what the shell itself needs."""
    command = ["/bin/sh", str(ROOT / ".ci/find-python")]
    return subprocess.run(command, env={"PATH": str(path), **environment}, capture_output=True, text=True, check=False)


def put(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """A folder of commands that look like Pythons and are none."""
    put(tmp_path, "python3.12", "echo 'command not found' >&2; exit 127")
    put(tmp_path, "python3.13", "exit 1")
    return tmp_path


def test_a_stub_that_fails_is_passed_over(stubs: Path) -> None:
    base = os.path.realpath(sys.executable)
    put(stubs, "python3.11", f'exec "{base}" "$@"')
    done = find_python(stubs)
    assert (done.returncode, done.stdout.strip()) == (0, base)


def test_a_version_that_is_not_supported_is_passed_over(stubs: Path) -> None:
    put(stubs, "python3", "exit 0")  # what an older Python answers: nothing
    done = find_python(stubs)
    assert done.returncode == 3
    assert "Python 3.11, 3.12 or 3.13" in done.stderr
    assert "python3-venv" in done.stderr


def test_a_named_python_is_the_only_one_asked(stubs: Path) -> None:
    put(stubs, "python3.11", f'exec "{os.path.realpath(sys.executable)}" "$@"')
    done = find_python(stubs, PYTHON="python3.13")
    assert done.returncode == 3
    assert "python3.13" in done.stderr
