"""Workbooks that are cut off, locked, hostile or none: each refused with a code, in bounded time, never with a value."""

import random
import zipfile
from pathlib import Path

import pytest
import workbook_files as made

from pipeline.labs.model import FileShape
from pipeline.readers.text_table import Unreadable
from pipeline.readers.workbook import book as workbook_book
from pipeline.readers.workbook import forget_books, raw_workbook_rows, read_workbook, sheets
from pipeline.readers.workbook import ole as workbook_ole
from pipeline.readers.workbook import scan as workbook_scan
from pipeline.readers.workbook import xml as workbook_xml

ROWS = [["Patient", "Titre"], *([f"P{number}", 100.5] for number in range(60))]
SECRET = "Invented-Person"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    forget_books()


def read_all(path: Path) -> None:
    for sheet in sheets(path):
        read_workbook(path, FileShape(form="workbook"), sheet.name, path.with_suffix(".text"))
        list(raw_workbook_rows(path, sheet.name))


def refusal(path: Path) -> str:
    """The code with which reading a whole workbook ends; "" when it is read."""
    found: list[Unreadable] = []
    try:
        read_all(path)
    except Unreadable as error:
        found.append(error)
    assert not any(SECRET in str(error) for error in found)
    return found[0].code if found else ""


def one_of(kind: str, folder: Path) -> Path:
    if kind == "xlsx":
        return made.xlsx(folder / "good.xlsx", ROWS)
    if kind == "ods":
        rows = (made.ods_row(*(made.ods_cell(str(cell)) for cell in row)) for row in ROWS)
        return made.ods(folder / "good.ods", {"Results": "".join(rows)})
    texts = [str(row[0]) for row in ROWS]
    cells = [made.xls_text(at, 0, at) + made.xls_number(at, 1, at * 1.5) for at in range(len(texts))]
    return made.ole(folder / "good.xls", {"Workbook": made.xls_stream(cells, texts)})


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_cut_off_anywhere(tmp_path: Path, kind: str) -> None:
    good = one_of(kind, tmp_path)
    content = good.read_bytes()
    assert refusal(good) == ""
    for size in range(8, len(content) - 1, 97):
        torn = tmp_path / f"torn_{size}"
        torn.write_bytes(content[:size])
        # what is cut from an .xls may be nothing but padding behind its last record
        assert refusal(torn) in (("workbook_damaged", "") if kind == "xls" else ("workbook_damaged",)), size
        torn.unlink()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_flipped_bytes_never_do_worse_than_a_refusal(tmp_path: Path, kind: str) -> None:
    content = one_of(kind, tmp_path).read_bytes()
    dice = random.Random(kind)  # noqa: S311
    for turn in range(60):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(content))] = dice.randrange(256)
        path = tmp_path / f"flipped_{turn}"
        path.write_bytes(damaged)
        refusal(path)
        path.unlink()


@pytest.mark.parametrize("stream", ["EncryptedPackage", "EncryptionInfo"])
def test_an_encrypted_office_file(tmp_path: Path, stream: str) -> None:
    assert refusal(made.ole(tmp_path / "book.xlsx", {"EncryptionInfo": b"x", stream: b"\1" * 9000})) == "file_encrypted"


def test_other_workbooks_with_a_password(tmp_path: Path) -> None:
    stream = made.xls_stream([], is_encrypted=True)
    assert refusal(made.ole(tmp_path / "book.xls", {"Workbook": stream})) == "file_encrypted"
    assert refusal(made.ods(tmp_path / "book.ods", {"Results": ""}, is_encrypted=True)) == "file_encrypted"
    content = made.xlsx(tmp_path / "book.xlsx", ROWS).read_bytes()
    locked = content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert locked != content
    (tmp_path / "locked.xlsx").write_bytes(locked)
    assert refusal(tmp_path / "locked.xlsx") == "file_encrypted"


@pytest.mark.parametrize("content", [b"", b"<html><table>", b"Patient\tTitre\n", b"PK", bytes(600)])
def test_not_a_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.xls"
    path.write_bytes(content)
    assert refusal(path) == "not_a_workbook"


def test_other_office_files(tmp_path: Path) -> None:
    document = made.write_zip(tmp_path / "a.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
    assert refusal(document) == "not_a_workbook"
    assert refusal(made.write_zip(tmp_path / "a.xlsb", {"xl/workbook.bin": b"x"})) == "not_a_workbook"
    assert refusal(made.ole(tmp_path / "a.doc", {"WordDocument": b"x"})) == "not_a_workbook"
    (tmp_path / "junk.xls").write_bytes(workbook_ole.SIGNATURE + bytes(2000))
    assert refusal(tmp_path / "junk.xls") == "workbook_damaged"


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_entities_are_refused_wherever_they_are_declared(tmp_path: Path, part: str) -> None:
    parts = made.xlsx_parts({"Results": made.xlsx_sheet(ROWS)})
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12))
    parts[part] = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>{parts[part]}'
    assert refusal(made.write_zip(tmp_path / "book.xlsx", parts)) == "workbook_damaged"


def test_entities_in_ods(tmp_path: Path) -> None:
    good = made.ods(tmp_path / "good.ods", {"Results": made.ods_row(made.ods_cell("a"))})
    with zipfile.ZipFile(good) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["content.xml"] = parts["content.xml"].replace("?>", '?><!DOCTYPE x [<!ENTITY a SYSTEM "/etc/hostname">]>', 1)
    assert refusal(made.write_zip(tmp_path / "bad.ods", parts)) == "workbook_damaged"


def test_a_bomb_is_told_from_its_directory(tmp_path: Path) -> None:
    parts = made.xlsx_parts({"Results": made.xlsx_sheet(ROWS)})
    path = made.write_zip(tmp_path / "book.xlsx", {**parts, "xl/media/image1.png": b"\0" * (100 << 20)})
    assert path.stat().st_size < 1 << 20
    assert refusal(path) == "workbook_too_large"


def test_an_understated_size_hides_nothing(tmp_path: Path) -> None:
    """The directory says that a part is short, with the checksum of that short beginning: more follows all the same."""
    path = made.xlsx(tmp_path / "book.xlsx", ROWS)
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
        beginning = archive.read(part)[:-100]
    content = path.read_bytes()
    for value, short in ((part.file_size, part.file_size - 100), (part.CRC, zipfile.crc32(beginning))):
        assert value.to_bytes(4, "little") in content
        content = content.replace(value.to_bytes(4, "little"), short.to_bytes(4, "little"))
    path.write_bytes(content)
    assert refusal(path) == "workbook_damaged"


@pytest.mark.parametrize(
    ("last", "code"),
    [("XFD1048576", "workbook_too_large"), ("A1048577", "workbook_damaged"), ("XFE2", "workbook_damaged"),
     ("ZZZZ2", "workbook_damaged"), ("B0", "workbook_damaged"), ("é3", "workbook_damaged"), ("7", "workbook_damaged")],
)  # fmt: skip
def test_a_cell_far_away_is_not_opened(tmp_path: Path, last: str, code: str) -> None:
    """The library would ask for the whole rectangle, and a process that runs out of memory there is gone."""
    parts = made.xlsx_parts({"Results": ""})
    for cell in ("<v>1</v>", "<is><t/></is>"):
        kind = "n" if "v" in cell else "inlineStr"
        sheet = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{last}" t="{kind}">{cell}</c></row>'
        parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{made.MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        assert refusal(made.write_zip(tmp_path / "book.xlsx", parts)) == code
        forget_books()


def test_repetition_is_bounded(tmp_path: Path) -> None:
    cell = made.ods_cell("x", number_columns_repeated="1000")
    path = made.ods(tmp_path / "book.ods", {"Results": made.ods_row(cell, number_rows_repeated="1000000")})
    assert refusal(path) == "workbook_too_large"
    path = made.ods(tmp_path / "book.ods", {"Results": made.ods_row(cell, number_rows_repeated="99999999999")})
    assert refusal(path) == "workbook_damaged"
    nested = f"<table:table-cell><table:table>{made.ods_row(cell)}</table:table></table:table-cell>"
    assert refusal(made.ods(tmp_path / "book.ods", {"Results": made.ods_row(nested)})) == "workbook_damaged"


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_texts_that_many_cells_share_are_bounded(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_scan, "MOST_CHARACTERS", 100_000)
    text = SECRET * 2_000
    if kind == "xlsx":
        shared = made.Raw('t="s"', "<v>0</v>")
        parts = made.xlsx_parts({"Results": made.xlsx_sheet([[shared]] * 10)}, texts=[text])
        path = made.write_zip(tmp_path / "book.xlsx", parts)
    elif kind == "ods":
        path = made.ods(tmp_path / "b.ods", {"Results": made.ods_row(made.ods_cell(text), number_rows_repeated="10")})
    else:
        text = text[:4_000]
        stream = made.xls_stream([made.xls_text(at, 0, 0) for at in range(30)], [text])
        path = made.ole(tmp_path / "book.xls", {"Workbook": stream})
    assert refusal(path) == "workbook_too_large"


def test_merged_ranges_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers.workbook.merged.MOST_CELLS", 1000)
    assert refusal(made.xlsx(tmp_path / "book.xlsx", ROWS, merged=["A1:B60"] * 20)) == "workbook_too_large"
    assert refusal(made.xlsx(tmp_path / "whole.xlsx", ROWS, merged=["A:A"])) == "workbook_damaged"


def test_size_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_ole, "MOST_BYTES", 1000)
    assert refusal(one_of("xls", tmp_path)) == "workbook_too_large"
    monkeypatch.setattr(workbook_xml, "MOST_BYTES", 1000)
    assert refusal(one_of("xlsx", tmp_path)) == "workbook_too_large"
    monkeypatch.undo()
    monkeypatch.setattr(workbook_scan, "MOST_AMENDED", 3)
    assert refusal(made.xlsx(tmp_path / "b.xlsx", [[made.Raw('t="e"', "<v>#N/A</v>")]] * 4)) == "workbook_too_large"


@pytest.mark.parametrize(("text", "code"), [("x" * 1_000_001, "cell_too_long"), (f"{SECRET}_x0000_", "nul_bytes")])
def test_cells_that_are_no_text(tmp_path: Path, text: str, code: str) -> None:
    path = made.xlsx(tmp_path / "book.xlsx", [["Patient"], [], [text]])
    with pytest.raises(Unreadable, match=f"{code}: row 3"):
        read_workbook(path, FileShape(form="workbook"), "Results", tmp_path / "text")


def test_parts_that_do_not_fit_together(tmp_path: Path) -> None:
    parts = made.xlsx_parts({"Results": made.xlsx_sheet([[made.Raw('t="s"', "<v>7</v>")]])}, texts=["a"])
    assert refusal(made.write_zip(tmp_path / "text.xlsx", parts)) == "workbook_damaged"
    parts = made.xlsx_parts({"Results": made.xlsx_sheet(ROWS)})
    strange = {**parts, "xl/workbook.xml": '<?xml version="1.0" encoding="UTX-8"?>' + parts["xl/workbook.xml"]}
    assert refusal(made.write_zip(tmp_path / "strange.xlsx", strange)) == "workbook_damaged"
    for name in ("xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"):
        lacking = {other: content for other, content in parts.items() if other != name}
        assert refusal(made.write_zip(tmp_path / "part.xlsx", lacking)) == "workbook_damaged"
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "part.xlsx", "a") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert refusal(tmp_path / "part.xlsx") == "workbook_damaged"


def test_rows_that_the_library_loses_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.xlsx(tmp_path / "book.xlsx", ROWS)
    assert [sheet.rows for sheet in sheets(path)] == [61]
    real = workbook_book.xlsx_scans

    def one_more(parts: workbook_xml.Parts) -> list[workbook_scan.SheetScan]:
        scans = real(parts)
        scans[0].holds(62, 1, 1)
        return scans

    monkeypatch.setattr(workbook_book, "xlsx_scans", one_more)
    forget_books()
    with pytest.raises(Unreadable, match="62 rows by its own bytes and 61 as it was read"):
        list(raw_workbook_rows(path, "Results"))


def test_a_panic_of_the_library_is_a_damaged_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(_: Path) -> None:
        raise PanicException(SECRET)

    monkeypatch.setattr("python_calamine.CalamineWorkbook", type("Library", (), {"from_path": panic}))
    assert refusal(made.xlsx(tmp_path / "book.xlsx", ROWS)) == "workbook_damaged"


def test_a_workbook_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = made.xlsx(tmp_path / "a.xlsx", ROWS), made.xlsx(tmp_path / "b.xlsx", ROWS)
    opened = workbook_book.open_book(first)
    assert workbook_book.open_book(first) is opened
    workbook_book.open_book(second)
    assert workbook_book.open_book(first) is not opened
    forget_books()
    assert not workbook_book._kept
