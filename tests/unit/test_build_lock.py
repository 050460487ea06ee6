"""One build at a time: the second one hears who holds the home, and a dead holder blocks nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import Busy
from pipeline.warehouse import lock


def test_the_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    expected = rf"process {os.getpid()} on .* is building"
    with lock.held(file), pytest.raises(Busy, match=expected), lock.held(file):
        raise AssertionError("two builds at once")
    with lock.held(tmp_path / "build.lock"):
        pass


def test_a_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    file = tmp_path / "build.lock"
    body = f"import os, signal; from pathlib import Path; from pipeline.warehouse import lock\nwith lock.held(Path({str(file)!r})): os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", body], check=False).returncode == -9
    with lock.held(file):
        pass
