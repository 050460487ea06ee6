"""What a run that was killed left half written, removed once it is old enough to belong to no living one."""

import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.home import Home

STALE_SECONDS = 24 * 3600


def remove_leftovers(home: Home) -> None:
    """Remove temporary files of the archive and of everything intake writes; they may hold results of patients."""
    for path in _temporary(home):
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()
        except OSError:
            # another run has put it in its place, or removed it
            continue


def _temporary(home: Home) -> Iterator[Path]:
    yield from home.archive.glob(".receiving-*")
    for folder in (home.receipts, home.landed, home.restricted):
        yield from folder.glob(".writing-*")
    for folder in (home.landed, home.quarantine):
        yield from folder.glob("*/.writing-*")
