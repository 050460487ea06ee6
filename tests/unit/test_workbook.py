"""Workbooks of three kinds: the same table gives the same rows; every value as the sender sees it, or told."""

import csv
import datetime
from pathlib import Path

import pytest
import workbook_files as made

from pipeline.labs.model import FileShape
from pipeline.readers.text_table import TextTable, Unreadable
from pipeline.readers.workbook import (
    Sheet,
    forget_books,
    looks_like_workbook,
    raw_workbook_rows,
    read_workbook,
    sheets,
    workbook_header,
)
from pipeline.readers.workbook.cells import number_text, text_of
from pipeline.readers.workbook.scan import Shown, shown_by

SHAPE = FileShape(form="workbook", date="%d/%m/%Y", timestamp="%d/%m/%Y %H:%M")
SERIAL = 45231  # 1 November 2023, counted from 1900


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    forget_books()


def read(path: Path, shape: FileShape = SHAPE, sheet: str = "Results") -> tuple[TextTable, list[list[str]]]:
    table = read_workbook(path, shape, sheet, path.with_suffix(".text"))
    with table.path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert table.lines == len(lines)
    assert table.rows == table.lines + len(table.layout)
    return table, lines


def first_cells(path: Path, shape: FileShape = SHAPE) -> list[str]:
    return [line[2] for line in read(path, shape)[1]]


def test_typed_cells_of_xlsx(tmp_path: Path) -> None:
    cells = {
        1.0: "1", 48.5: "48,5", 0.30000000000000004: "0,3", 1e-7: "0,0000001", 123456789012345.0: "123456789012345",
        123456789012345678.0: "1,23456789012346E+17", -5.25: "-5,25",
    }  # fmt: skip
    typed = {
        made.styled(SERIAL, made.DATE): "01/11/2023",
        made.styled(SERIAL + 0.395833333333, made.DATE_TIME): "01/11/2023 09:30",
        made.styled(SERIAL, made.DATE_TIME): "01/11/2023",
        made.styled(100 / 1440, made.TIME): "01:40:00",
        made.styled(1.25, made.DURATION): "30:00:00",
        made.styled(0.455, made.PERCENT): "45,5%",
        made.styled(400, made.BELOW): "?400",
        made.styled(45, made.PLAIN): "45",
        made.styled(-3, made.DATE): "-3",
        made.Raw('t="b"', "<v>1</v>"): "TRUE",
        made.Raw('t="e"', "<v>#N/A</v>"): "#N/A",
        made.Raw("", "<f>A1*2</f>"): "#NO_VALUE",
        made.Raw("", "<f>A1*2</f><v/>"): "#NO_VALUE",
        made.Raw("", "<f>A1*2</f><v>8</v>"): "8",
        made.Raw('t="d"', "<v>2024-02-03T00:00:00</v>"): "03/02/2024",
        made.Raw('t="inlineStr"', "<is><r><t>1:</t></r><r><t>800</t></r></is>"): "1:800",
    }
    texts = {"1:800": "1:800", "  ≤1:400 ": "  ≤1:400 ", "03/04/2021": "03/04/2021", 'a "b"\r\nc': 'a "b"\nc'}
    rows = [["Result"], *([value] for value in [*cells, *typed, *texts])]
    path = made.xlsx(tmp_path / "book.xlsx", rows)
    shape = FileShape(form="workbook", decimal=",", date="%d/%m/%Y", timestamp="%d/%m/%Y %H:%M")
    assert first_cells(path, shape) == [*cells.values(), *typed.values(), *texts.values()]
    notes = read(path, shape)[0].notes
    assert notes == {"formula_without_value": 2, "number_shown_as_percent": 1, "number_shown_with_comparator": 1}


def test_typed_cells_of_ods(tmp_path: Path) -> None:
    cells = {
        made.ods_cell("1:800"): "1:800",
        made.ods_cell("48,50", "float", "48.5"): "48.5",
        made.ods_cell("45%", "percentage", "0.45"): "45%",
        made.ods_cell("&lt;400", "float", "400"): "?400",
        made.ods_cell("1. Nov", "date", "2023-11-01"): "01/11/2023",
        made.ods_cell("x", "date", "2023-11-01T09:30:00"): "01/11/2023 09:30",
        made.ods_cell("1:40", "time", "PT01H40M00S"): "01:40:00",
        made.ods_cell("30:05", "time", "PT30H05M00S"): "30:05:00",
        made.ods_cell("WAHR", "boolean", "true"): "TRUE",
        made.ods_cell("#DIV/0!", "float", "0", formula="of:=1/0"): "#DIV/0!",
        made.ods_cell("#N/A", "string", extra='calcext:value-type="error"', formula="of:=NA()"): "#N/A",
        made.ods_cell(kind="", formula="of:=1+1"): "#NO_VALUE",
        made.ods_cell("bare", kind=""): "bare",
        made.ods_cell("a<text:tab/>b<text:line-break/>c"): "a\tb\nc",
        made.ods_cell('a<text:s text:c="3"/>b <text:span>c</text:span>'): "a   b c",
    }
    rows = "".join(made.ods_row(cell) for cell in [made.ods_cell("Result"), *cells])
    path = made.ods(tmp_path / "book.ods", {"Results": rows})
    assert first_cells(path) == list(cells.values())


def test_typed_cells_of_xls(tmp_path: Path) -> None:
    cells = [
        made.xls_text(0, 0, 0), made.xls_text(1, 0, 1), made.xls_number(2, 0, 48.5),
        made.xls_number(3, 0, SERIAL, made.DATE), made.xls_number(4, 0, 100 / 1440, made.TIME),
        made.xls_number(5, 0, 0.45, made.PERCENT), made.xls_number(6, 0, 400, made.BELOW),
        made.xls_error(7, 0, 0x2A), made.xls_number(8, 0, -3, made.DATE), made.xls_hidden_row(3),
    ]  # fmt: skip
    path = made.ole(tmp_path / "book.xls", {"Workbook": made.xls_stream(cells, ["Result", "1:800"])})
    found = ["1:800", "48.5", "01/11/2023", "01:40:00", "45%", "?400", "#N/A", "-3"]
    assert first_cells(path) == found
    assert read(path)[0].notes == {"number_shown_as_percent": 1, "number_shown_with_comparator": 1, "hidden_rows": 1}


def test_dates_counted_from_1904(tmp_path: Path) -> None:
    sheet = made.xlsx_sheet([["Collected"], [made.styled(SERIAL - 1462, made.DATE)]])
    path = made.write_zip(tmp_path / "book.xlsx", made.xlsx_parts({"Results": sheet}, is_1904=True))
    assert first_cells(path) == ["01/11/2023"]
    old = [made.xls_text(0, 0, 0), made.xls_number(1, 0, SERIAL - 1462, made.DATE)]
    stream = made.xls_stream(old, ["Collected"], is_1904=True)
    assert first_cells(made.ole(tmp_path / "book.xls", {"Workbook": stream})) == ["01/11/2023"]


def test_head_blank_rows_and_margins(tmp_path: Path) -> None:
    """A table that begins at C4: title above, margin and spacer columns, units below the header, a footer."""
    rows = [
        ["SYNTHETIC export", None, None, None, None, None], [], [],
        [None, None, "Patient", "Titre", "  ", "Date "],
        [None, None, None, "{titer}", None, None],
        [],
        [None, None, "P1", "1:800", None, "x"],
        [None, None, " ", None, None, None],
        [None, None, "P2", None, None, "y"],
        [None, None, "Total: 2"],
    ]  # fmt: skip
    rows[3][4] = None
    path = made.xlsx(tmp_path / "book.xlsx", rows, hidden_rows=[9])
    shape = FileShape(form="workbook", header_row=4, units_row=5)
    assert workbook_header(path, shape, "Results") == ["Patient", "Titre", "Date"]
    table, lines = read(path, shape)
    assert (table.header, table.rows, table.sheet) == (("Patient", "Titre", "Date"), 10, "Results")
    assert lines == [["7", "1", "P1", "1:800", "x"], ["9", "1", "P2", "", "y"], ["10", "1", "Total: 2", "", ""]]
    layout = {1: "preamble", 2: "preamble", 3: "preamble", 4: "header", 5: "units", 6: "blank", 8: "blank"}
    assert dict(table.layout) == layout
    assert table.notes == {"hidden_rows": 1}
    assert table.path.stat().st_mode & 0o777 == 0o600
    raw = dict(raw_workbook_rows(path, "Results"))
    assert list(raw) == list(range(1, 11))
    assert raw[1][0] == "SYNTHETIC export" and raw[7] == ["", "", "P1", "1:800", "", "x"] and raw[8][2] == " "


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_merged_header_of_two_rows_and_merged_cells(tmp_path: Path, kind: str) -> None:
    text = ["Patient", "Titre", "IgM", "IgG", "P1", "1:800", "1:100", "1:400"]
    if kind == "xlsx":
        rows = [["Patient", "Titre", None], [None, "IgM", "IgG"], ["P1", "1:800", "1:100"], [None, "1:400", None]]
        path = made.xlsx(tmp_path / "b.xlsx", rows, merged=["A1:A2", "B1:C1", "A3:A4"])
    elif kind == "ods":
        held, cell = "<table:covered-table-cell/>", made.ods_cell
        down, across = {"number_rows_spanned": "2"}, {"number_columns_spanned": "2"}
        rows = [
            made.ods_row(cell("Patient", **down), cell("Titre", **across), held),
            made.ods_row(held, cell("IgM"), cell("IgG")),
            made.ods_row(cell("P1", **down), cell("1:800"), cell("1:100")),
            made.ods_row(held, cell("1:400")),
        ]
        path = made.ods(tmp_path / "b.ods", {"Results": "".join(rows)})
    else:
        places = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (3, 1)]
        cells = [made.xls_text(row, column, at) for at, (row, column) in enumerate(places)]
        cells += [made.xls_merged(0, 1, 0, 0), made.xls_merged(0, 0, 1, 2), made.xls_merged(2, 3, 0, 0)]
        path = made.ole(tmp_path / "b.xls", {"Workbook": made.xls_stream(cells, text)})
    shape = FileShape(form="workbook", header_rows=2)
    table, lines = read(path, shape)
    assert table.header == ("Patient", "Titre / IgM", "Titre / IgG")
    assert lines == [["3", "1", "P1", "1:800", "1:100"], ["4", "1", "P1", "1:400", ""]]
    assert [row[1][0] for row in raw_workbook_rows(path, "Results")] == ["Patient", "", "P1", ""]


def test_a_merged_title_or_footer_is_not_beyond_the_header(tmp_path: Path) -> None:
    rows = [["Title", None, None], ["Patient", "Titre", None], ["P1", "1:800", None], ["*** END", None, None]]
    path = made.xlsx(tmp_path / "book.xlsx", rows, merged=["A1:F1", "A4:F4"])
    assert read(path, FileShape(form="workbook", header_row=2))[1][-1] == ["4", "1", "*** END", "*** END"]


def test_cells_beyond_the_header_are_told(tmp_path: Path) -> None:
    path = made.xlsx(tmp_path / "book.xlsx", [["Patient", None], ["P1", None], ["P2", "who knows"]])
    with pytest.raises(Unreadable, match=r"^cells_beyond_header: row 3$"):
        read(path)


def test_a_column_without_a_name_is_kept_for_identification(tmp_path: Path) -> None:
    path = made.xlsx(tmp_path / "book.xlsx", [["Patient", None, "Titre"], ["P1", "stray", "1:800"]])
    assert workbook_header(path, SHAPE, "Results") == ["Patient", "", "Titre"]


def test_no_header(tmp_path: Path) -> None:
    path = made.xlsx(tmp_path / "book.xlsx", [["Patient"], [], ["P1"]])
    assert workbook_header(path, FileShape(form="workbook", header_row=2), "Results") is None
    assert workbook_header(path, FileShape(form="workbook", header_row=9), "Results") is None
    table, _ = read(path, FileShape(form="workbook", header_row=9))
    assert (table.rows, table.lines, dict(table.layout)) == (3, 0, dict.fromkeys((1, 2, 3), "preamble"))


def test_sheets_are_listed_hidden_and_empty_ones_too(tmp_path: Path) -> None:
    filled, empty = made.xlsx_sheet([["a"], [], ["b"]]), made.xlsx_sheet([])
    parts = made.xlsx_parts({"Results": filled, "Legend": filled, "Empty": empty}, hidden=["Legend"])
    expected = (Sheet("Results", False, 3, False), Sheet("Legend", True, 3, False), Sheet("Empty", False, 0, True))
    assert sheets(made.write_zip(tmp_path / "book.xlsx", parts)) == expected
    rows = made.ods_row(made.ods_cell("a")) + made.ods_row(made.ods_cell()) + made.ods_row(made.ods_cell("b"))
    path = made.ods(tmp_path / "book.ods", {"Results": rows, "Legend": rows, "Empty": ""}, hidden=["Legend"])
    assert sheets(path) == expected
    with pytest.raises(Unreadable, match="sheet_missing"):
        read(path, sheet="Other")


def test_repeated_rows_of_ods(tmp_path: Path) -> None:
    """LibreOffice fills a sheet to its end with one repeated row, and writes equal rows once."""
    filler = made.ods_cell(kind="", number_columns_repeated="1024")
    rows = [
        made.ods_row(made.ods_cell("h")),
        made.ods_row(made.ods_cell(), number_rows_repeated="3"),
        made.ods_row(made.ods_cell("45%", "percentage", "0.45"), number_rows_repeated="2"),
        made.ods_row(made.ods_cell("last"), visibility="filter"),
        made.ods_row(filler, number_rows_repeated="1048569"),
    ]
    path = made.ods(tmp_path / "book.ods", {"Results": "".join(rows)})
    table, lines = read(path)
    assert [line[::2] for line in lines] == [["5", "45%"], ["6", "45%"], ["7", "last"]]
    assert table.notes == {"number_shown_as_percent": 2, "hidden_rows": 1}


def test_rows_without_references_and_out_of_order(tmp_path: Path) -> None:
    parts = made.xlsx_parts({"Results": ""}, texts=["Patient", "P1"])
    cells = '<row><c t="s"><v>0</v></c></row><row r="4"><c t="s"><v>1</v></c><c><v>7</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>'
    parts["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{made.MAIN}"><x:sheetData>{prefixed(cells)}</x:sheetData></x:worksheet>'
    )
    path = made.write_zip(tmp_path / "book.xlsx", parts)
    assert dict(raw_workbook_rows(path, "Results")) == {1: ["Patient", ""], 2: ["", ""], 3: ["3", ""], 4: ["P1", "7"]}


def prefixed(xml: str) -> str:
    return xml.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", None), ("0.00%", Shown.PERCENT), ('0"%"', None), ("0\\%", None), ("[<5]0;0", None),
        ('"<"0', Shown.COMPARATOR), ("\\>0", Shown.COMPARATOR), ("[Red]≤0", Shown.COMPARATOR), ('"n%" 0%', Shown.PERCENT),
    ],
)  # fmt: skip
def test_what_number_formats_add(code: str, shown: Shown | None) -> None:
    assert shown_by(code) is shown


def test_numbers_and_times_as_text() -> None:
    assert [number_text(value, ".") for value in (0.0, -0.0, float("nan"), 1e14, 1e15, 2**53)] == [
        "0", "0", "nan", "100000000000000", "1E+15", "9.00719925474099E+15",
    ]  # fmt: skip
    assert text_of(datetime.time(1, 39, 59, 996000), SHAPE) == "01:40:00"
    assert text_of(datetime.timedelta(hours=-1), SHAPE) == "-01:00:00"
    almost = datetime.datetime(2023, 11, 1, 23, 59, 59, 999000)  # noqa: DTZ001
    assert text_of(almost, SHAPE) == "02/11/2023"
    assert text_of(datetime.datetime(2023, 11, 1, 9, 30), FileShape()) == "2023-11-01 09:30:00"  # noqa: DTZ001


def test_what_looks_like_a_workbook(tmp_path: Path) -> None:
    assert looks_like_workbook(made.xlsx(tmp_path / "b", [["a"]]).read_bytes()[:100])
    assert looks_like_workbook(made.ole(tmp_path / "o", {"Workbook": b"x"}).read_bytes()[:100])
    assert not looks_like_workbook(b"Patient,Titre") and not looks_like_workbook(b"")
