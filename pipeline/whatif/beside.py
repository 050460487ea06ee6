"""A place for a build that is thrown away: outside the home, for its owner only, and swept when a killed one left it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from pipeline.home import Home

_LOCK = "in-use"


@contextmanager
def place(home: Home) -> Iterator[Path]:
    """An empty folder below the machine's place for temporary files, gone when the body ends, however it ends.

    What an earlier process of this home left behind, because it was killed, is removed first.
    """
    for folder in left_over(home):
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_prefix(home), ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with (folder / _LOCK).open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield folder


def left_over(home: Home) -> list[Path]:
    """Folders of this home that no living process uses; they hold pseudonymised results."""
    found = sorted(Path(tempfile.gettempdir()).glob(f"{_prefix(home)}*"))
    return [folder for folder in found if folder.stat().st_uid == os.getuid() and _is_free(folder / _LOCK)]


def _prefix(home: Home) -> str:
    return f"gm1-whatif-{sha256(str(home.root.resolve()).encode()).hexdigest()[:12]}-"


def _is_free(lock: Path) -> bool:
    """Whether nobody holds the lock; the kernel frees it when its holder ends. One not made yet belongs to a beginner."""
    try:
        with lock.open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
