"""What a sheet's own bytes say, found without the library that reads its cells.

The library gives typed values fast, but some cells come out of it empty or as another value than the sender sees: error
cells, formulas whose value was never stored, numbers shown as percentages or behind a `<` that only their format has.
The scan finds those, counts the rows by itself, and proves that the sheet is small enough to be opened: a library that
runs out of memory ends the whole process.
"""

from dataclasses import dataclass, field
from enum import Enum

from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook.xml import damaged

GRID_ROWS, GRID_COLUMNS = 1 << 20, 1 << 14
# A sheet is opened as a full rectangle of about 32 bytes a cell (here 1 GiB): a million rows of 32 columns.
MOST_CELLS = 1 << 25
# Texts are copied into every cell that refers to them.
MOST_CHARACTERS = 1 << 29
# Cells shown otherwise than their number, and cells below a merged range: kept one by one.
MOST_AMENDED = 4_000_000

Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, all counted from 1


class Shown(Enum):
    """How a number looks in the sheet when its format says more than its value; the note that tells of it."""

    PERCENT = "number_shown_as_percent"
    COMPARATOR = "number_shown_with_comparator"


# In place of the library's value: this text, this number, or the library's number shown in that way.
Amended = str | float | Shown
NO_STORED_VALUE = "#NO_VALUE"


@dataclass(slots=True)
class SheetScan:
    """One sheet; rows and columns count from 1. `last_rows` has the last row with a value of each column that has one."""

    name: str
    is_hidden: bool = False
    last_rows: dict[int, int] = field(default_factory=dict)
    amended: dict[int, dict[int, Amended]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    reach: tuple[int, int] = (0, 0)
    characters: int = 0
    _n_amended: int = 0

    @property
    def rows(self) -> int:
        """The last row that holds any value."""
        return max(self.last_rows.values(), default=0)

    @property
    def columns(self) -> int:
        """The last column that holds any value."""
        return max(self.last_rows, default=0)

    def reaches(self, row: int, column: int) -> None:
        """Note that something stands at a place, a value or not. Raises Unreadable when the sheet gets too large."""
        if row > self.reach[0] or column > self.reach[1]:
            self.reach = max(row, self.reach[0]), max(column, self.reach[1])
            if self.reach[0] > GRID_ROWS or self.reach[1] > GRID_COLUMNS:
                raise damaged("a cell stands outside of the largest grid a spreadsheet has")
            if self.reach[0] * self.reach[1] > MOST_CELLS:
                raise Unreadable("workbook_too_large", f"a sheet spans {self.reach[0]} rows by {self.reach[1]} columns")

    def holds(self, row: int, column: int, characters: int) -> None:
        """Note a value of so many characters."""
        if row > self.last_rows.get(column, 0):
            self.last_rows[column] = row
        self.characters += characters
        if self.characters > MOST_CHARACTERS:
            raise Unreadable(
                "workbook_too_large", f"a sheet holds more than {MOST_CHARACTERS >> 20} million characters"
            )

    def amend(self, row: int, column: int, value: Amended) -> None:
        self.amended.setdefault(row, {})[column] = value
        self._n_amended += 1
        if self._n_amended > MOST_AMENDED:
            raise Unreadable("workbook_too_large", "too many cells are shown otherwise than they are stored")

    def merge(self, merge: Merge) -> None:
        self.merges.append(merge)
        if len(self.merges) > MOST_AMENDED:
            raise Unreadable("workbook_too_large", "too many merged ranges")

    def note(self, code: str, count: int = 1) -> None:
        self.notes[code] = self.notes.get(code, 0) + count


def shown_by(number_format: str) -> Shown | None:
    """What a number format adds to the number: a percent sign with its factor of 100, or a comparator.

    Conditions and colours in square brackets are not shown; a percent sign in quotes or behind a backslash is mere text.
    """
    is_quoted = is_escaped = is_bracketed = has_percent = False
    for character in number_format:
        if is_bracketed:
            is_bracketed = character != "]"
        elif character in "<>≤≥＜＞⩽⩾":
            return Shown.COMPARATOR
        elif is_escaped:
            is_escaped = False
        elif character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            is_escaped, is_bracketed = character in "\\_*", character == "["
            has_percent |= character == "%"
    return Shown.PERCENT if has_percent else None
