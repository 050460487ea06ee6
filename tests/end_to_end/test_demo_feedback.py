"""Feedback on the demo exports: every row of every file comes back to the laboratory that sent it, and to no other."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.demo import prepare
from pipeline.run import run
from pipeline.settings import Settings


class Month:
    """A demo home after one month, with what its run told the laboratories."""

    def __init__(self, home: Path, month: int) -> None:
        self.home = home
        settings = Settings.load(home, {})
        prepare(settings, month)
        summary = run(settings)
        assert summary.feedback is not None
        self.told = summary.feedback
        self.times = {path: path.stat().st_mtime_ns for path in (home / "feedback").rglob("*.*") if path.is_file()}
        with duckdb.connect(str(summary.build.warehouse_file), read_only=True) as con:
            found = con.execute(
                "SELECT sending_lab, file_name, row_number, place, disposition FROM mart_row_disposition ORDER BY ALL"
            )
            self.fates = found.fetchall()
            found = con.execute("SELECT sending_lab, file_name, format_id FROM mart_reconciliation")
            self.exports = found.fetchall()


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Month]:
    home = tmp_path_factory.mktemp("demo") / "home"
    return {1: Month(home, 1), 2: Month(home, 2)}


def rows_of(path: Path) -> list[list[str]]:
    separator = ";" if path.read_text(encoding="utf-8-sig").startswith('"row";') else ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=separator))[1:]


def test_every_export_has_a_page_and_every_row_of_a_readable_one_comes_back(months: dict[int, Month]) -> None:
    last = months[2]
    for lab, name, format_id in last.exports:
        folder = last.home / "feedback" / lab
        assert (folder / f"{name}.summary.txt").is_file()
        annotated = folder / f"{name}.annotated.csv"
        assert annotated.is_file() == (format_id is not None)
        if format_id is not None:
            fates = [(place, fate) for sender, file, _, place, fate in last.fates if (sender, file) == (lab, name)]
            assert [(cells[0], cells[1]) for cells in rows_of(annotated)] == fates


def test_every_cell_that_comes_back_was_sent_by_that_laboratory(months: dict[int, Month]) -> None:
    home = months[2].home
    for lab in (home / "feedback").iterdir():
        sent = b"".join(path.read_bytes() for path in (home / "inbox" / lab.name).iterdir())
        for path in lab.glob("*.annotated.csv"):
            cells = {cell.removeprefix("'") for row in rows_of(path) for cell in row[4:]}
            assert len(cells) > 10
            assert [
                cell for cell in cells if not any(cell.encode(e, "replace") in sent for e in ("utf-8", "cp1252"))
            ] == []


def test_the_second_month_writes_again_only_what_it_changed(months: dict[int, Month]) -> None:
    first, second = months[1], months[2]
    assert (first.told.problems, second.told.problems) == ([], [])
    assert first.told.exports_told == len(first.exports)
    assert second.told.exports_told + second.told.exports_unchanged == len(second.exports)
    kept = [path for path, time in first.times.items() if second.times[path] == time]
    changed: set[Any] = {(lab, file) for lab, file, *_ in set(second.fates) - set(first.fates)}
    for path in kept:
        assert (path.parent.name, path.name.rsplit(".", 2)[0]) not in changed, path
    assert len([path for path in kept if path.name.endswith(".summary.txt")]) == second.told.exports_unchanged > 0


def test_running_again_tells_nobody_anything(months: dict[int, Month]) -> None:
    settings = Settings.load(months[2].home, {})
    told = run(settings).feedback
    assert told is not None
    assert (told.exports_told, told.exports_unchanged) == (0, len(months[2].exports))
