"""The table a message reader writes: every physical row ends as record lines, as layout or as a reject, exactly once."""

import csv
import os
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from pipeline.readers.text_table import TextTable, Unreadable

MAX_CELL = 1_000_000
# Each is held in memory with its reason; so many are some hundred megabytes, and no day's results of a laboratory.
MAX_ASIDE = 3_000_000


class MessageTable:
    """A `TextTable` in the making; leaving the `with` block by an exception takes the unfinished file away."""

    def __init__(self, target: Path, header: Sequence[str]) -> None:
        self._target = target
        self._header = tuple(header)
        self._layout: list[tuple[int, str]] = []
        self._rejects: list[tuple[int, str]] = []
        self._rows = self._lines = 0

    def __enter__(self) -> "MessageTable":
        handle = os.open(self._target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file: TextIOWrapper = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is not None:
            self._target.unlink()

    def records(self, row: int, lines: Sequence[Sequence[str]]) -> None:
        """Write the records of one row, slot 1 first. Raises Unreadable for a cell no table should hold."""
        self._rows += 1
        for slot, cells in enumerate(lines, 1):
            self._writer.writerow([row, slot, *(_sound(cell, row) for cell in cells)])
            self._lines += 1

    def layout(self, row: int, reason: str) -> None:
        """Say that the row holds no record."""
        self._set_aside(self._layout, row, reason)

    def reject(self, row: int, reason: str) -> None:
        """Say that the row could not be read."""
        self._set_aside(self._rejects, row, reason)

    def _set_aside(self, where: list[tuple[int, str]], row: int, reason: str) -> None:
        if len(self._layout) + len(self._rejects) >= MAX_ASIDE:
            raise Unreadable("too_many_rows", f"row {row}: more than {MAX_ASIDE:,} rows hold no result")
        self._rows += 1
        where.append((row, reason))

    def finished(
        self, rows: int, notes: Mapping[str, int] | None = None, doubt: tuple[str, str] | None = None
    ) -> TextTable:
        """The table, its account held against `rows`, which were counted by another path."""
        if rows != self._rows:
            raise AssertionError(f"{rows} rows counted, {self._rows} accounted for")
        return TextTable(
            self._target,
            self._header,
            rows,
            self._lines,
            layout=tuple(sorted(self._layout)),
            rejects=tuple(sorted(self._rejects)),
            notes=dict(notes or {}),
            doubt=doubt,
        )


def _sound(cell: str, row: int) -> str:
    if len(cell) > MAX_CELL:
        raise Unreadable("cell_too_long", f"row {row} holds a cell of more than {MAX_CELL:,} characters")
    if "\0" in cell:
        raise Unreadable("nul_bytes", f"row {row} holds a NUL character")
    return cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell
