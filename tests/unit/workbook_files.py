"""Small workbooks written part by part, with what no spreadsheet program would let one write. All content SYNTHETIC."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Style numbers of `xlsx`: 0 general, then these number formats.
FORMATS = ("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "h:mm", "[h]:mm", "0%", '"<"0', '[<5]0.0;0" \\%"')
DATE, DATE_TIME, TIME, DURATION, PERCENT, BELOW, PLAIN = range(1, 8)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True)
class Raw:
    """A cell's XML attributes and content as they are."""

    attributes: str
    content: str


Value = str | int | float | Raw | None


def xlsx_sheet(rows: Sequence[Sequence[Value]], merged: Sequence[str] = (), hidden_rows: Sequence[int] = ()) -> str:
    """The XML of a sheet; None leaves a cell out."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(xlsx_cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(row))
        is_hidden = ' hidden="1"' if number in hidden_rows else ""
        lines.append(f'<row r="{number}"{is_hidden}>{cells}</row>' if cells else "")
    ranges = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    after = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData>{after}</worksheet>'


def xlsx_cell(place: str, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return f'<c r="{place}" {value.attributes}>{value.content}</c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def styled(number: float, style: int) -> Raw:
    return Raw(f's="{style}"', f"<v>{number}</v>")


def xlsx_parts(
    sheets: Mapping[str, str], hidden: Sequence[str] = (), is_1904: bool = False, texts: Sequence[str] = ()
) -> dict[str, str]:
    """All parts of an .xlsx by name; `sheets` has the XML of each by its name."""
    names = list(sheets)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for at in range(1, len(names) + 1)
    )
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"{" state=" + quoteattr("hidden") if name in hidden else ""}/>'
        for at, name in enumerate(names, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    formats = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(code)}/>' for at, code in enumerate(FORMATS)
    )
    styles = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(FORMATS)))
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{int(is_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
    }
    return parts | {f"xl/worksheets/sheet{at}.xml": sheet for at, sheet in enumerate(sheets.values(), 1)}


def write_zip(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            text = content.encode() if isinstance(content, str) else content
            if name.endswith((".xml", ".rels")) and not text.startswith(b"<?xml"):
                text = _DECLARATION.encode() + text
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return path


def xlsx(path: Path, rows: Sequence[Sequence[Value]], **options: Sequence[str] | Sequence[int]) -> Path:
    """An .xlsx of one sheet, "Results"."""
    return write_zip(path, xlsx_parts({"Results": xlsx_sheet(rows, **options)}))  # type: ignore[arg-type]


_ODS_SPACES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_ENTRY = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def ods(path: Path, tables: Mapping[str, str], hidden: Sequence[str] = (), is_encrypted: bool = False) -> Path:
    """An .ods file; `tables` has the XML of the rows of each sheet by its name."""
    secret = "<m:encryption-data/>" if is_encrypted else ""
    bodies = "".join(
        f"<table:table table:name={quoteattr(name)}{' table:style-name=' + quoteattr('away') if name in hidden else ''}>{rows}</table:table>"
        for name, rows in tables.items()
    )
    return write_zip(path, {
        "mimetype": _ODS_KIND,
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODS_ENTRY}"><m:file-entry m:full-path="/" m:media-type="{_ODS_KIND}"/>'
        f'<m:file-entry m:full-path="content.xml" m:media-type="text/xml">{secret}</m:file-entry></m:manifest>',
        "content.xml": f"<office:document-content {_ODS_SPACES}><office:automatic-styles>"
        '<style:style style:name="away" style:family="table"><style:table-properties table:display="false"/></style:style>'
        f"</office:automatic-styles><office:body><office:spreadsheet>{bodies}</office:spreadsheet></office:body>"
        "</office:document-content>",
    })  # fmt: skip


def ods_row(*cells: str, **attributes: str) -> str:
    """A row; attributes of the table namespace, `_` for `-`."""
    return f"<table:table-row{_ods_attributes(attributes)}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str = "", kind: str = "string", value: str = "", extra: str = "", **attributes: str) -> str:
    """A cell that shows `text` (raw XML); `value` is what it holds where that is no text."""
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    held = f' office:{name}="{value}"' if value else ""
    kind_stated = f' office:value-type="{kind}"' if kind else ""
    shown = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell{kind_stated}{held}{_ods_attributes(attributes)} {extra}>{shown}</table:table-cell>"


def _ods_attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())


def ole(path: Path, streams: Mapping[str, bytes]) -> Path:
    """A compound file with these streams, each padded to at least 4096 bytes so that it lies in whole sectors."""
    contents = [content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0") for content in streams.values()]
    n_table = -(-(sum(map(len, contents)) // 512 + 2) // 126)
    table = [0xFFFFFFFD] * n_table + [0xFFFFFFFE]  # the table itself, then one sector of directory (four entries)
    entries, body = [_ole_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)], b""
    for at, (name, content) in enumerate(zip(streams, contents, strict=True), 1):
        following = at + 1 if at < len(contents) else 0xFFFFFFFF
        entries.append(_ole_entry(name, 2, len(table), len(content), right=following))
        n_sectors = len(content) // 512
        table += [*range(len(table) + 1, len(table) + n_sectors), 0xFFFFFFFE]
        body += content
    table += [0xFFFFFFFF] * (128 * n_table - len(table))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<6H", 0x3E, 3, 0xFFFE, 9, 6, 0) + bytes(8)
    head += struct.pack("<5I", n_table, n_table, 0, 4096, 0xFFFFFFFE) + struct.pack("<3I", 0, 0xFFFFFFFE, 0)
    listed = [*range(n_table)] + [0xFFFFFFFF] * (109 - n_table)
    directory = b"".join(entries).ljust(512, b"\0")
    path.write_bytes(head + struct.pack("<109I", *listed) + struct.pack(f"<{len(table)}I", *table) + directory + body)
    return path


def _ole_entry(name: str, kind: int, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return (
        text.ljust(64, b"\0") + struct.pack("<HBB3I", len(text), kind, 1, 0xFFFFFFFF, right, child) + bytes(36)
        + struct.pack("<3I", start, size, 0)
    )  # fmt: skip


def _biff(kind: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack("<2H", kind, len(body)) + body


def _biff_text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


XLS_ERROR, XLS_MERGED, XLS_HIDDEN_ROW = 0x0205, 0x00E5, 0x0208


def xls_stream(
    cells: Sequence[bytes], texts: Sequence[str] = (), is_encrypted: bool = False, is_1904: bool = False
) -> bytes:
    """A BIFF8 stream of one sheet, "Results"; styles as in `xlsx`."""
    secret = _biff(0x002F, bytes(6)) if is_encrypted else b""
    formats = b"".join(_biff(0x041E, struct.pack("<H", 164 + at), _biff_text(code)) for at, code in enumerate(FORMATS))
    styles = b"".join(
        _biff(0x00E0, struct.pack("<2H", 0, number), bytes(16)) for number in (0, *range(164, 164 + len(FORMATS)))
    )
    shared = _biff(0x00FC, struct.pack("<2I", len(texts), len(texts)), *map(_biff_text, texts)) if texts else b""
    head = _biff(0x0809, struct.pack("<4H2I", 0x0600, 0x0005, 0, 1997, 0, 6)) + secret
    head += _biff(0x0022, struct.pack("<H", is_1904)) + formats + styles
    name = b"Results"
    offset = len(head) + 4 + 8 + len(name) + len(shared) + 4
    listed = _biff(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 0), name)
    sheet = _biff(0x0809, struct.pack("<4H2I", 0x0600, 0x0010, 0, 1997, 0, 6)) + b"".join(cells) + _biff(0x000A)
    return head + listed + shared + _biff(0x000A) + sheet


def xls_number(row: int, column: int, value: float, style: int = 0) -> bytes:
    """Rows and columns from 0, as the file has them."""
    return _biff(0x0203, struct.pack("<3Hd", row, column, style, value))


def xls_text(row: int, column: int, text: int) -> bytes:
    return _biff(0x00FD, struct.pack("<3HI", row, column, 0, text))


def xls_error(row: int, column: int, code: int) -> bytes:
    return _biff(XLS_ERROR, struct.pack("<3H2B", row, column, 0, code, 1))


def xls_merged(first_row: int, last_row: int, first: int, last: int) -> bytes:
    return _biff(XLS_MERGED, struct.pack("<5H", 1, first_row, last_row, first, last))


def xls_hidden_row(row: int) -> bytes:
    return _biff(XLS_HIDDEN_ROW, struct.pack("<6HI", row, 0, 1, 255, 0, 0, 0x20))
