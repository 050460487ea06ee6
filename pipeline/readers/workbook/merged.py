"""Merged ranges: a spreadsheet keeps their value in the top-left cell alone."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.cells import Cell
from pipeline.readers.workbook.scan import MOST_CELLS, Merge


class Filler:
    """Puts the value of each merged range into its empty cells, row by row from the top; columns beyond `width` stay."""

    def __init__(self, merges: Sequence[Merge], rows: int, width: int) -> None:
        self._width = width
        self._starts: dict[int, list[Merge]] = defaultdict(list)
        self._open: list[tuple[Merge, Cell]] = []
        n_cells = 0
        for merge in merges:
            if merge[1] <= width:
                self._starts[merge[0]].append(merge)
                n_cells += (min(merge[3], width) - merge[1] + 1) * max(min(merge[2], rows) - merge[0] + 1, 0)
        if n_cells > MOST_CELLS:
            raise Unreadable("workbook_too_large", "too many merged ranges")

    def fill(self, row: int, cells: list[Cell]) -> None:
        self._open = [(merge, value) for merge, value in self._open if merge[2] >= row]
        for merge in self._starts.pop(row, ()):
            if (value := cells[merge[1] - 1]) != "":
                self._open.append((merge, value))
        for (_, first, _, last), value in self._open:
            for place in range(first - 1, min(last, self._width)):
                cells[place] = value if cells[place] == "" else cells[place]
