"""Where a person finds a row in an export: the number a spreadsheet or an editor shows."""

from collections.abc import Iterable

# (sheet, rows above it, its rows)
SheetSpan = tuple[str, int, int]


def place(row_number: int, row_unit: str, sheets: Iterable[SheetSpan]) -> str:
    """The place of a row that is numbered through all sheets of its export; mart_row_disposition says it the same way."""
    spans = list(sheets)
    for name, above, rows in spans if len(spans) > 1 else ():
        if above < row_number <= above + rows:
            return f"sheet {name}, row {row_number - above}"
    return f"{row_unit if row_unit in ('segment', 'resource') else 'row'} {row_number}"
