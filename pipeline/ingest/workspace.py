"""Where a batch is worked on: a DuckDB of its own, and a private folder for what does not fit into memory."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.ingest.leftovers import STALE_SECONDS
from pipeline.settings import Settings


@contextmanager
def workspace(root: Path, settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A DuckDB of its own and a private folder below `root` for what does not fit into memory; both gone afterwards."""
    for stale in root.glob(".intake-*"):
        if time.time() - stale.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=root, prefix=".intake-"))
    connection = duckdb.connect(config={
        "threads": settings.threads, "memory_limit": settings.memory_limit, "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
    })  # fmt: skip
    connection.execute("SET TimeZone = 'UTC'")
    try:
        yield connection, folder
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
