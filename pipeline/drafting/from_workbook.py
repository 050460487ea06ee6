"""The tables of a workbook: sheets that hold records, and sheets that do not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.grid import Grid, grid_of
from pipeline.labs.model import FileShape
from pipeline.readers.workbook import raw_workbook_rows, sheets, workbook_header

_ROWS = 200_000
_FEWEST_KNOWN = 3


def workbook_tables(path: Path) -> tuple[list[tuple[str | None, Grid]], Mapping[str, Guess]]:
    """Each sheet with a recognised header and its table; every other sheet with content, to be ignored."""
    found: list[tuple[str, Grid]] = []
    ignored: dict[str, Guess] = {}
    for sheet in sheets(path):
        if sheet.is_empty:
            continue
        grid = _grid(path, sheet.name)
        if grid is not None and grid.recognised >= _FEWEST_KNOWN and grid.records:
            found.append((sheet.name, grid))
        else:
            hidden = "a hidden sheet; " if sheet.is_hidden else ""
            ignored[sheet.name] = undecided(f"{hidden}say why it is ignored, or declare it under tables")
    return _grouped(found), ignored


def _grouped(found: list[tuple[str, Grid]]) -> list[tuple[str | None, Grid]]:
    """Sheets of one header as one table, under a pattern of what their names share: a sheet a month, or a patient."""
    groups: dict[tuple[str, ...], list[tuple[str, Grid]]] = {}
    for name, grid in found:
        groups.setdefault(grid.header, []).append((name, grid))
    tables: list[tuple[str | None, Grid]] = []
    for members in groups.values():
        names, grids = [name for name, _ in members], [grid for _, grid in members]
        pattern = names[0] if len(names) == 1 else f"{_shared_start(names)}*"
        tables.append((pattern, replace(grids[0], records=tuple(row for grid in grids for row in grid.records))))
    return tables


def _shared_start(names: Sequence[str]) -> str:
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in columns)


def _grid(path: Path, sheet: str) -> Grid | None:
    rows = []
    for number, cells in raw_workbook_rows(path, sheet):
        rows.append((number, [cell.strip() for cell in cells]))
        if number >= _ROWS:
            break
    width = max((len(cells) for _, cells in rows), default=0)
    grid = grid_of([(number, cells + [""] * (width - len(cells))) for number, cells in rows], True)
    return None if grid is None else _named(grid, path, sheet)


def _named(grid: Grid, path: Path, sheet: str) -> Grid:
    """The table with its columns called as intake will call them: merged cells of a header are filled there."""
    shape = FileShape(form="workbook", header_row=int(grid.header_row.value), header_rows=grid.header_rows)
    names = workbook_header(path, shape, sheet)
    if names is None or len(names) > len(grid.header):
        return grid
    records = tuple(cells[: len(names)] for cells in grid.records)
    return replace(grid, header=tuple(names), records=records, units=grid.units[: len(names)])
