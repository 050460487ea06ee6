"""Exports of several forms with values that can be told among any others, and ways to damage them. All invented."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbook_files import xlsx

# Each kind of value begins with letters that stand nowhere else in the program, its checks or its messages.
PATIENT, ACCESSION, RESULT, REMARK = "ZQPAT", "ZQACC", "ZQRES", "ZQREM"
CANARIES = (PATIENT, ACCESSION, RESULT, REMARK)
HEADER = ("Patient", "Accession", "Test", "Collected", "Reported", "Result", "Status", "Bemerkung")


@dataclass(frozen=True, slots=True)
class Kind:
    """One form of export of one laboratory: its declaration, and how `rows` are written as bytes."""

    lab: str
    suffix: str = field(repr=False)
    file: dict[str, Any] = field(repr=False)
    write: Callable[["Kind", list[list[str]]], bytes] = field(repr=False)
    places: tuple[str, ...] = field(default=HEADER, repr=False)

    @property
    def declaration(self) -> dict[str, Any]:
        """The YAML of this form, as JSON."""
        names = ("patient_id", "accession", "test_code", "collected_on", "reported_at", "result", "status")
        columns: dict[str, Any] = {name: {"from": place} for name, place in zip(names, self.places, strict=False)} | {
            "performing_lab": {"value": "OWN"}
        }
        columns["patient_id"]["matches"] = f"{PATIENT}[0-9]{{4}}"
        statuses = {"F": "final", "C": "corrected", "final": "final", "amended": "corrected"}
        columns["status"]["words"] = statuses
        return {
            "id": self.lab, "schema_version": 1, "title": f"{self.lab} (invented)", "state": "active", "lab": self.lab,
            "record": "titre", "recognise": {"file": f"*.{self.suffix}"}, "file": self.file,
            "patients": {"namespace": self.lab}, "performing_labs": {"OWN": {"unit": "{titer}", "assay": "ELISA"}},
            "columns": columns, "tests": {"GM1M": {"antigen": "GM1", "isotype": "IgM", "specimen": "serum"}},
            "result": {"no_result": {"QNS": "insufficient"}},
        } | ({"ignore": [{"column": self.places[7], "why": "free text"}]} if len(self.places) > 7 else {})  # fmt: skip


def rows_of(seed: int, count: int) -> list[list[str]]:
    """Rows of an export: most are sound, some break a check in one way or another."""
    rows = []
    for n in range(count):
        number = 1000 + seed * 90 + n
        result = f"{RESULT}{number}?" if n % 4 == 1 else ("1:800", "<1:400", "QNS", ">1:51200")[n % 4]
        patient = f"{PATIENT}{number % 9999:04d}" if n % 5 != 3 else f"{PATIENT}-{number}"
        reported = "2024-01-05" if n % 7 != 5 else "2023-01-05"
        rows.append(
            [patient, f"{ACCESSION}{number}", "GM1M", "2024-01-02", reported, result, "F", f"{REMARK} für {number}"]
        )
    return rows


def _delimited(kind: Kind, rows: list[list[str]]) -> bytes:
    delimiter = kind.file["delimiter"]
    lines = [delimiter.join(cells) for cells in (HEADER, *rows)]
    # a remark over two lines
    lines[-1] = lines[-1].removesuffix(rows[-1][-1]) + f'"{rows[-1][-1]}\nand more"'
    return ("\n".join(lines) + "\n").encode("utf-16" if kind.file["encoding"] == "utf-16" else kind.file["encoding"])


def _messages(kind: Kind, rows: list[list[str]]) -> bytes:
    segments = []
    for patient, accession, test, collected, reported, result, status, remark in rows:
        at, on = reported.replace("-", ""), collected.replace("-", "")
        segments += [
            f"MSH|^~\\&|SYNTHETIC|{kind.lab}|GM1|REG|20240112||ORU^R01|1|P|2.5.1", f"PID|1||{patient}^^^X",
            f"OBR|1||{accession}|P|||{on}{'|' * 15}{at}", f"OBX|1|ST|{test}||{result}||||||{status}", f"NTE|1||{remark}",
        ]  # fmt: skip
    return "".join(f"{segment}\r" for segment in segments).encode()


def _resources(kind: Kind, rows: list[list[str]]) -> bytes:
    lines = [
        {"resourceType": "Observation", "status": "final" if row[6] == "F" else "amended", "code": {"coding": [{"code": row[2]}]},
         "subject": {"identifier": {"value": row[0]}}, "identifier": [{"value": row[1]}], "effectiveDateTime": row[3],
         "issued": row[4], "valueString": row[5], "note": [{"text": row[7]}]}
        for row in rows
    ]  # fmt: skip
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def write_sheet(path: Path, rows: list[list[str]]) -> None:
    """A workbook: written by the path, since a zip is."""
    xlsx(path, [list(HEADER), *rows])


_HL7 = ("PID-3.1", "OBR-3", "OBX-3.1", "OBR-7", "OBR-22", "OBX-5", "OBX-11")
_FHIR = (
    "subject.identifier.value",
    "identifier.value",
    "code.coding.code",
    "effectiveDateTime",
    "issued",
    "value",
    "status",
)
KINDS = (
    Kind("plain", "csv", {"encoding": "utf-8", "delimiter": ","}, _delimited),
    Kind("older", "txt", {"encoding": "cp1252", "delimiter": ";", "decimal": ","}, _delimited),
    Kind("wide", "tsv", {"encoding": "utf-16", "delimiter": "\t"}, _delimited),
    Kind("ward", "hl7", {"form": "hl7v2", "time_zone": "Europe/Berlin"}, _messages, _HL7),
    Kind("cloud", "ndjson", {"form": "fhir", "time_zone": "Europe/Berlin"}, _resources, _FHIR),
)

Damage = Callable[[bytes, int], bytes]


def _line(content: bytes, at: int) -> tuple[list[bytes], int]:
    lines = content.splitlines(keepends=True)
    return lines, at % max(1, len(lines))


def torn(content: bytes, at: int) -> bytes:
    """A line ends in its middle."""
    lines, place = _line(content, at)
    if lines:
        lines[place] = lines[place][: len(lines[place]) // 2] + b"\n"
    return b"".join(lines)


def stray_quote(content: bytes, at: int) -> bytes:
    """A quote anywhere."""
    place = at % (len(content) + 1)
    return content[:place] + b'"' + content[place:]


def swapped(content: bytes, at: int) -> bytes:
    """The first cells of a line stand last."""
    lines, place = _line(content, at)
    for delimiter in (b",", b";", b"|", b"\t"):
        if lines and lines[place].count(delimiter) > 2:
            cells = lines[place].rstrip(b"\n").split(delimiter)
            lines[place] = delimiter.join(cells[2:] + cells[:2]) + b"\n"
            break
    return b"".join(lines)


def dropped(content: bytes, at: int) -> bytes:
    """Some bytes are missing."""
    place = at % (len(content) + 1)
    return content[:place] + content[place + 1 + at % 40 :]


def reencoded(content: bytes, at: int) -> bytes:
    """The text in another encoding."""
    return content.decode("utf-8", "replace").encode(("latin-1", "utf-16", "cp850", "utf-8-sig")[at % 4], "replace")


def mojibake(content: bytes, at: int) -> bytes:
    """Taken for another encoding, and encoded once more."""
    return content.decode("cp1252", "replace").encode("utf-8")


def repeated(content: bytes, at: int) -> bytes:
    """A line once more."""
    lines, place = _line(content, at)
    return b"".join([*lines[: place + 1], *lines[place : place + 1], *lines[place + 1 :]])


def truncated(content: bytes, at: int) -> bytes:
    """The end is missing."""
    return content[: at % (len(content) + 1)]


def headless(content: bytes, at: int) -> bytes:
    """The first line is missing: patients stand where headers were."""
    return content[content.find(b"\n") + 1 :]


def blank_lines(content: bytes, at: int) -> bytes:
    """Lines of nothing."""
    lines, place = _line(content, at)
    return b"".join([*lines[:place], b"\n", b"\r\n", *lines[place:]])


def line_ends(content: bytes, at: int) -> bytes:
    """Other line ends from somewhere on."""
    place = at % (len(content) + 1)
    return content[:place] + content[place:].replace(b"\n", (b"\r", b"\r\n")[at % 2])


def junk(content: bytes, at: int) -> bytes:
    """Something behind the end."""
    return content + (b"*** END ***\n", b"\xff\xfe\xfa", b"\x1a", f"{PATIENT}0001\n".encode())[at % 4]


def nul(content: bytes, at: int) -> bytes:
    """A NUL byte anywhere."""
    place = at % (len(content) + 1)
    return content[:place] + b"\0" + content[place:]


def more_cells(content: bytes, at: int) -> bytes:
    """A line with cells of its own behind it; not the first one, where they would be headers, which are named."""
    lines, place = _line(content, at)
    if place > 0:
        lines[place] = lines[place].rstrip(b"\r\n") + f",;\t|{REMARK}\n".encode()
    return b"".join(lines)


DAMAGES: tuple[Damage, ...] = (
    torn, stray_quote, swapped, dropped, reencoded, mojibake, repeated, truncated, headless, blank_lines, line_ends, junk,
    nul, more_cells,
)  # fmt: skip


def counted(content: bytes, kind: Kind) -> set[int]:
    """How many rows an export of these bytes may be said to have, counted byte by byte.

    One number where its cells can be told apart; two where they cannot (bytes in no encoding, a quote that never closes):
    lines, or lines outside quotes.
    """
    text = _as_ascii_keeps(content, kind)
    if text is None:
        return {_lines(content, None)}
    if "form" in kind.file:
        return {_lines(content, None), _lines(text, None), _lines(text, ",")}
    delimiter = kind.file["delimiter"]
    return {_lines(text, delimiter)} if _is_sound(text, kind) else {_lines(text, None), _lines(text, delimiter)}


def _as_ascii_keeps(content: bytes, kind: Kind) -> bytes | None:
    """The bytes themselves, or as UTF-8 where they are UTF-16; None where they are neither."""
    has_mark = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not has_mark and (kind.file.get("encoding") != "utf-16" or content[:3] == b"\xef\xbb\xbf"):
        return content
    try:
        return content.decode("utf-16" if has_mark else "utf-16-le").encode()
    except UnicodeDecodeError:
        return None


def _is_sound(content: bytes, kind: Kind) -> bool:
    encoding = "cp1252" if kind.file["encoding"] == "cp1252" and content[:3] != b"\xef\xbb\xbf" else "utf-8"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _lines(content: bytes, delimiter: str | None) -> int:
    """Lines by LF, CR or CR LF, not counting line breaks between the quotes of a cell where a delimiter is given."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    separators = ("", "\n", "\r", delimiter)
    rows, is_inside, begin, at = 0, False, 0, 0
    while at < len(text):
        here, follower = text[at], text[at + 1 : at + 2]
        if here == '"' and delimiter is not None:
            before = text[:at].rstrip(" ")
            if is_inside and follower == '"':
                at += 1
            elif is_inside or before[-1:] in separators:
                is_inside = not is_inside
        elif here in "\n\r" and not is_inside and not (here == "\r" and follower == "\n"):
            rows, begin = rows + 1, at + 1
        at += 1
    return rows + (begin < len(text))
