"""Writes the workbooks among the examples: `python tests/labs/make_workbooks.py` (into this folder, or into another).

A workbook cannot be read in a diff, so what is in it stands here. Parts are stored, not packed, and bear one date, so
that the same bytes come out everywhere. All content SYNTHETIC.
"""

import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "unit"))

from workbook_files import (  # lies beside the unit tests that use it most
    BELOW,
    DATE,
    DATE_TIME,
    DURATION,
    PERCENT,
    TIME,
    Value,
    ods,
    ods_cell,
    ods_row,
    ole,
    styled,
    write_zip,
    xls_number,
    xls_stream,
    xls_text,
    xlsx,
    xlsx_parts,
    xlsx_sheet,
)

HEAD = ["Patient", "Accession", "Test", "Collected", "Result"]
Rows = Sequence[Sequence[Value]]
# Days as a spreadsheet counts them: from 1900, and from 1904.
JAN_8_2024, FEB_12_2024 = 45299, 45334
IN_1904 = 1462


def titre_became_a_time(path: Path) -> None:
    """1:40 typed into a cell is twenty to two at night, 1:800 is 14:20, 1/40 the first of January 1940."""
    xlsx(path, [
        HEAD,
        ["T-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        ["T-2", "2", "GM1M", styled(JAN_8_2024, DATE), styled(100 / 1440, TIME)],
        ["T-3", "3", "GM1M", styled(JAN_8_2024, DATE), styled(860 / 1440, TIME)],
        ["T-4", "4", "GM1M", styled(JAN_8_2024, DATE), styled(14611, DATE)],
        ["T-5", "5", "GM1M", styled(JAN_8_2024, DATE), styled(1660 / 1440, DURATION)],
        ["T-6", "6", "GM1M", styled(JAN_8_2024, DATE), 860 / 1440],
        ["T-7", "7", "GM1M", styled(JAN_8_2024, DATE), styled(14611.5, DATE_TIME)],
        ["T-8", "8", "GM1M", styled(JAN_8_2024, DATE), 800],
    ])  # fmt: skip


def sign_only_in_the_format(path: Path) -> None:
    """A cell that shows <400 and holds 400; one that shows 48 % and holds 0.48."""
    xlsx(path, [
        ["Patient", "Accession", "Test", "Collected", "Result"],
        ["S-1", "1", "T", styled(JAN_8_2024, DATE), styled(400, BELOW)],
        ["S-2", "2", "T", styled(JAN_8_2024, DATE), "<400"],
        ["S-3", "3", "R", styled(JAN_8_2024, DATE), styled(0.48, PERCENT)],
        ["S-4", "4", "R", styled(JAN_8_2024, DATE), 48],
    ])  # fmt: skip


def merged_header(path: Path) -> None:
    """A preamble, a header of two merged lines, a row of units, an empty row, and a closing line with the total."""
    xlsx(path, [
        ["Merton laboratory - SYNTHETIC"],
        ["Printed 12 February 2024"],
        ["Patient", "Sample", None, "GM1", None],
        [None, "Accession", "Collected", "IgM", "IgG"],
        [None, None, "day", "1:n", "1:n"],
        ["M-1", "1", styled(JAN_8_2024, DATE), "1:8000", "<1:400"],
        [],
        ["M-2", "2", styled(FEB_12_2024, DATE), "1:800", None],
        ["Total: 2"],
    ], merged=["A3:A4", "B3:C3", "D3:E3"])  # fmt: skip


def total_differs(path: Path) -> None:
    """A closing line that states a row more than there is."""
    xlsx(path, [
        HEAD,
        ["S-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        ["S-2", "2", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        ["Total: 3"],
    ])  # fmt: skip


def two_sheets(path: Path) -> None:
    """Results on one sheet, studies on another, and a legend that is neither."""
    results = xlsx_sheet([HEAD, ["W-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:8000"],
                          ["W-2", "2", "GM1M", styled(JAN_8_2024, DATE), "neg"]])  # fmt: skip
    studies = xlsx_sheet([["Patient", "Study", "Date", "Diagnosis"],
                          ["W-1", "S1", styled(FEB_12_2024, DATE), "MMN"],
                          ["W-2", "S2", styled(FEB_12_2024, DATE), "unclear"]])  # fmt: skip
    legend = xlsx_sheet([["neg", "below the lowest dilution"]])
    write_zip(
        path, xlsx_parts({"Legend": legend, "Results 2024": results, "Studies": studies, "Empty": xlsx_sheet([])})
    )


def hidden_and_undeclared(path: Path) -> None:
    """A hidden sheet with rows that nobody declared."""
    sheet = xlsx_sheet([HEAD, ["H-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800"]])
    other = xlsx_sheet([HEAD, ["H-2", "2", "GM1M", styled(JAN_8_2024, DATE), "1:8000"]])
    write_zip(path, xlsx_parts({"Results": sheet, "Old": other}, hidden=["Old"]))


def hidden_and_ignored(path: Path) -> None:
    """A hidden sheet that the format ignores, and a hidden row among the results."""
    sheet = xlsx_sheet([HEAD, ["H-3", "3", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
                        ["H-4", "4", "GM1M", styled(JAN_8_2024, DATE), "1:8000"]], hidden_rows=[3])  # fmt: skip
    write_zip(path, xlsx_parts({"Results": sheet, "Lists": xlsx_sheet([["serum", "plasma"]])}, hidden=["Lists"]))


def days_since_1904(path: Path) -> None:
    """The same day counted from 1904; a day number that is not shown as a date; a date typed as text."""
    sheet = xlsx_sheet([
        HEAD,
        ["D-1", "1", "GM1M", styled(JAN_8_2024 - IN_1904, DATE), "1:800"],
        ["D-2", "2", "GM1M", JAN_8_2024 - IN_1904, "1:800"],
        ["D-3", "3", "GM1M", "2024-01-08", "1:800"],
    ])  # fmt: skip
    write_zip(path, xlsx_parts({"Results": sheet}, is_1904=True))


def days_since_1900(path: Path) -> None:
    """The same table in a workbook that counts from 1900."""
    xlsx(path, [
        HEAD,
        ["D-4", "4", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        ["D-5", "5", "GM1M", JAN_8_2024, "1:800"],
    ])  # fmt: skip


def merged_below_the_header(path: Path) -> None:
    """One patient for two rows: merged in the first case, only left out in the second."""
    xlsx(path, [
        HEAD,
        ["M-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        [None, "2", "GM1G", styled(JAN_8_2024, DATE), "<1:400"],
        ["M-3", "3", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        [None, "4", "GM1G", styled(JAN_8_2024, DATE), "<1:400"],
    ], merged=["A2:A3"])  # fmt: skip


def long_identifiers(path: Path) -> None:
    """Identifiers that a spreadsheet took for numbers: digits and zeros are gone."""
    xlsx(path, [
        HEAD,
        ["00012345678901234567", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        [12345678901234567890, "2", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
        [123456, "3", "GM1M", styled(JAN_8_2024, DATE), "1:800"],
    ])  # fmt: skip


def beyond_the_header(path: Path) -> None:
    """A remark to the right of the last header."""
    xlsx(path, [HEAD, ["B-1", "1", "GM1M", styled(JAN_8_2024, DATE), "1:800", None, "repeat?"]])


def open_document(path: Path) -> None:
    """Typed cells of another program: dates and times in ISO, numbers, repeated empty rows."""
    ods(path, {"Results": "".join((
        ods_row(*map(ods_cell, HEAD)),
        ods_row(ods_cell("O-1"), ods_cell("1"), ods_cell("GM1M"), ods_cell("08.01.24", "date", "2024-01-08"), ods_cell("1:800")),
        ods_row(ods_cell(kind=""), number_rows_repeated="2"),
        ods_row(ods_cell("O-2"), ods_cell("2"), ods_cell("GM1M"), ods_cell("08.01.24", "date", "2024-01-08"),
                ods_cell("14:20", "time", "PT14H20M00S")),
        ods_row(ods_cell("O-3"), ods_cell("3"), ods_cell("GM1M"), ods_cell("08.01.24", "date", "2024-01-08"),
                ods_cell("800", "float", "800")),
    ))})  # fmt: skip


def old_workbook(path: Path) -> None:
    """The binary form of before 2007."""
    texts = [*HEAD, "X-1", "1", "GM1M", "1:800", "X-2", "2"]
    cells = [xls_text(0, at, at) for at in range(5)]
    cells += [
        xls_text(1, 0, 5),
        xls_text(1, 1, 6),
        xls_text(1, 2, 7),
        xls_number(1, 3, JAN_8_2024, DATE),
        xls_text(1, 4, 8),
    ]
    cells += [xls_text(2, 0, 9), xls_text(2, 1, 10), xls_text(2, 2, 7), xls_number(2, 3, JAN_8_2024, DATE)]
    cells += [xls_number(2, 4, 860 / 1440, TIME)]
    ole(path, {"Workbook": xls_stream(cells, texts)})


WORKBOOKS: dict[str, Callable[[Path], None]] = {
    "titre_became_a_time_in_a_workbook/results.xlsx": titre_became_a_time,
    "sign_only_in_the_cell_format/results.xlsx": sign_only_in_the_format,
    "merged_two_line_header/results.xlsx": merged_header,
    "stated_total_differs/results.xlsx": total_differs,
    "two_sheets_two_records/register.xlsx": two_sheets,
    "hidden_sheet/results.xlsx": hidden_and_undeclared,
    "hidden_sheet_and_row_that_are_known/results.xlsx": hidden_and_ignored,
    "date_system_of_the_workbook/1_from_1904.xlsx": days_since_1904,
    "date_system_of_the_workbook/2_from_1900.xlsx": days_since_1900,
    "merged_cells_below_the_header/results.xlsx": merged_below_the_header,
    "identifiers_as_numbers_in_a_workbook/results.xlsx": long_identifiers,
    "cells_beyond_the_header/results.xlsx": beyond_the_header,
    "open_document_workbook/results.ods": open_document,
    "old_binary_workbook/results.xls": old_workbook,
}


def write_all(root: Path) -> list[Path]:
    """Every workbook below `root`, in the folder of its example."""
    written = []
    for name, write in WORKBOOKS.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        write(path)
        if path.suffix != ".xls":
            _store(path)
        written.append(path)
    return written


def _store(path: Path) -> None:
    """The same zip unpacked and dated 1 January 2024: its bytes depend on no clock and no version of zlib."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as stored:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            stored.writestr(entry, content)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
