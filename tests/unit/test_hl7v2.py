"""HL7 v2: every row accounted for, every result with the cells of its own patient, order and specimen, nothing decoded.

All messages are SYNTHETIC; laboratories, patients and codes are invented.
"""

import csv
import logging
from collections.abc import Sequence
from pathlib import Path

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.labs.model import FileShape
from pipeline.labs.places import is_place
from pipeline.readers import message_table
from pipeline.readers.hl7v2 import looks_like_hl7, raw_hl7_rows, read_hl7v2
from pipeline.readers.hl7v2 import places as hl7v2_places
from pipeline.readers.hl7v2 import rows as hl7v2_segments
from pipeline.readers.message_table import MAX_CELL, MessageTable
from pipeline.readers.text_table import TextTable, Unreadable, Wanted

SHAPE = FileShape(form="hl7v2", time_zone="Europe/Berlin")
MSH = "MSH|^~\\&|LIS|SYNLAB|||20240110120000||ORU^R01|1|P|2.5.1"
PID = "PID|1||P000017^^^SYN~X9^^^OTHER||SYNTHETIC^PERSON"
OBR = "OBR|1||A1|GM1P^Panel|||20240105081500"
OBX = "OBX|1|ST|GM1M^GM1 IgM||1:800|{titer}|||||F"
RESULT = (Wanted("OBX-5", "result"),)


def written(folder: Path, *rows: str, end: str = "\r", encoding: str = "utf-8") -> Path:
    path = folder / "synthetic.hl7"
    path.write_bytes("".join(row + end for row in rows).encode(encoding))
    return path


def read(path: Path, wanted: Sequence[Wanted] = RESULT, shape: FileShape = SHAPE) -> TextTable:
    return read_hl7v2(path, shape, wanted, path.with_name("table.csv"))


def cells(table: TextTable) -> list[list[str]]:
    with table.path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert len(lines) == table.lines
    return lines


def one(folder: Path, address: str, *rows: str, kind: str = "text", shape: FileShape = SHAPE) -> list[str]:
    """The cells of one place, a result each."""
    table = read(written(folder, *rows), [Wanted(address, kind)], shape)
    return [line[2] for line in cells(table)]


def refused(path: Path, wanted: Sequence[Wanted] = RESULT, shape: FileShape = SHAPE) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(path, wanted, shape)
    assert not path.with_name("table.csv").exists()
    return caught.value


def obx(kind: str, value: str) -> str:
    return f"OBX|1|{kind}|GM1M^GM1 IgM||{value}|{{titer}}|||||F"


# --- rows -----------------------------------------------------------------------------------------------------------


def test_every_row_is_a_record_or_layout(tmp_path: Path) -> None:
    path = written(tmp_path, MSH, "SFT|SYN", PID, "PV1|1|O", "ORC|RE", OBR, OBX, "NTE|1||checked", "", "SPM|1|S1||SER",
                   "ZSY|1", "OBX|2|ST|INFO||see above||||||N", "OBX|3|ED|PDF||^^^Base64^QUJD||||||F")  # fmt: skip
    table = read(path)
    assert table.rows == 13
    assert cells(table) == [["7", "1", "1:800"]]
    assert table.layout == (
        (1, "message_header"), (2, "other_segment"), (3, "patient"), (4, "patient"), (5, "order"), (6, "order"),
        (8, "note"), (9, "blank"), (10, "specimen"), (11, "other_segment"), (12, "order_detail"), (13, "document"),
    )  # fmt: skip
    assert table.rejects == ()
    assert table.header == ("OBX-5",)
    assert table.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end_closes_a_segment(tmp_path: Path, end: str) -> None:
    path = written(tmp_path, MSH, PID, "", OBR, OBX, end=end)
    table = read(path)
    assert (table.rows, cells(table)) == (5, [["5", "1", "1:800"]])
    assert table.layout[2] == (3, "blank")
    assert list(raw_hl7_rows(path, "utf-8"))[4] == (5, [OBX])


def test_frames_are_taken_off(tmp_path: Path) -> None:
    message = "\r".join([MSH, PID, OBR, OBX])
    path = tmp_path / "synthetic.hl7"
    path.write_bytes(f"\x0b{message}\r\x1c\r\x0b{message}\x1c\r".encode())
    table = read(path)
    assert table.rows == 8
    assert [line[0] for line in cells(table)] == ["4", "8"]
    assert [row for row, _ in raw_hl7_rows(path, "utf-8")] == list(range(1, 9))
    assert list(raw_hl7_rows(path, "utf-8"))[4] == (5, [MSH])


def test_a_frame_end_on_a_line_of_its_own_counts_as_an_editor_counts_it(tmp_path: Path) -> None:
    table = read(written(tmp_path, "\x0b" + MSH, PID, OBR, OBX, "\x1c", "\x0b" + MSH, PID, OBR, OBX, "\x1c", end="\n"))
    assert table.rows == 10
    assert [line[0] for line in cells(table)] == ["4", "9"]
    assert [row for row, reason in table.layout if reason == "blank"] == [5, 10]


@pytest.mark.parametrize("mark", ["\x1c", "\x0b"])
def test_a_frame_inside_a_segment_holds_the_file(tmp_path: Path, mark: str) -> None:
    error = refused(written(tmp_path, MSH, PID, OBR, OBX + mark + MSH, PID, OBX))
    assert (error.code, error.detail) == ("not_hl7", "row 4: a frame begins or ends inside a segment")


framed = st.text(alphabet=st.sampled_from("\r\n\x0b\x1cAB"), max_size=40)


@given(framed, st.booleans())
def test_cut_rows_are_as_many_as_the_bytes_say(
    tmp_path_factory: pytest.TempPathFactory, text: str, has_mark: bool
) -> None:
    path = tmp_path_factory.mktemp("rows") / "synthetic.hl7"
    path.write_bytes((b"\xef\xbb\xbf" if has_mark else b"") + text.encode())
    try:
        found = list(hl7v2_segments.segments(path, "utf-8"))
    except Unreadable as error:
        assert error.code == "not_hl7"  # noqa: PT017  # only a misplaced frame may stop it
        return
    assert len(found) == hl7v2_segments.count_rows(path, "utf-8", path.with_suffix(".scratch"))
    assert [row for row, _ in found] == list(range(1, len(found) + 1))
    assert "".join(part for _, part in found) == text.translate(dict.fromkeys(map(ord, "\r\n\x0b\x1c")))


@given(framed, st.integers(1, 5))
def test_chunks_do_not_change_the_rows(text: str, size: int) -> None:
    def rows(chunks: list[str]) -> list[tuple[int, str]] | str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hl7v2_segments, "decoded", lambda *_: iter(chunks))
            try:
                return list(hl7v2_segments.segments(Path(__file__), "utf-8"))
            except Unreadable as error:
                return error.code

    assert rows([text[at : at + size] for at in range(0, len(text), size)]) == rows([text])


@pytest.mark.parametrize(
    ("declared", "actual"), [("utf-16", "utf-16"), ("cp1252", "cp1252"), ("utf-8", "utf-8-sig"), ("cp850", "cp850")]
)
def test_declared_encodings(tmp_path: Path, declared: str, actual: str) -> None:
    path = written(tmp_path, MSH, PID, OBR, obx("ST", "schwach positiv ü"), encoding=actual)
    if actual in ("utf-16", "utf-8-sig"):
        path.write_bytes("\r".join([MSH, PID, OBR, obx("ST", "schwach positiv ü")]).encode(actual))
    shape = FileShape(form="hl7v2", encoding=declared)
    table = read(path, shape=shape)
    assert cells(table) == [["4", "1", "schwach positiv ü"]]
    assert table.rows == 4
    assert sorted(file.name for file in tmp_path.iterdir()) == ["synthetic.hl7", "table.csv"]


# --- which bytes are HL7 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head", [b"MSH|^~\\&|", b"\xef\xbb\xbfMSH|", b"\x0bMSH#*", b"\r\nFHS|", b"BHS|", "MSH|^".encode("utf-16")]
)
def test_the_head_of_a_message_is_known(head: bytes) -> None:
    assert looks_like_hl7(head)


@pytest.mark.parametrize("head", [b"", b"MSH", b"MSHA", b"PID|1", b"patient,result\n", b"{}", b"MSH \n"])
def test_other_heads_are_not(head: bytes) -> None:
    assert not looks_like_hl7(head)


@pytest.mark.parametrize(
    ("rows", "code", "detail"),
    [
        ([PID, OBX], "not_hl7", "row 1: no message header"),
        (["FHS|^~\\&", PID], "not_hl7", "row 2: no message header"),
        (["some text"], "not_hl7", "row 1: no message header"),
        (["BTS|1"], "not_hl7", "row 1: no message header"),
        ([""], "not_hl7", "no segment"),
        (["MSH"], "not_hl7", "row 1: MSH is cut short"),
        (["MSH|"], "not_hl7", "row 1: MSH is cut short"),
        (["MSH|^~\\&"], "not_hl7", "row 1: the message header (MSH) is cut short"),
        (["MSH||LIS|"], "not_hl7", "row 1: MSH is cut short"),
        (["MSH|^^\\&|LIS|"], "not_hl7", "row 1: MSH is cut short"),
        (["MSH|^~\\&|LIS|SYNLAB"], "not_hl7", "row 1: the message header (MSH) is cut short"),
        ([MSH, PID, OBX + MSH], "not_hl7", "row 3: a message header (MSH) begins inside"),
        ([MSH + MSH, PID], "not_hl7", "row 1: a message header (MSH) begins inside"),
        ([MSH, PID, "BTS|1", OBX], "not_hl7", "row 4: no message header"),
        ([MSH.replace("ORU^R01", "ADT^A01"), PID, OBX], "message_type_undeclared", "row 3: results in a message ADT^A01"),
        ([MSH.replace("ORU^R01", "SYNTHETIC NAME"), PID, OBX], "message_type_undeclared", "row 3: results in a message of another type"),
        ([MSH, PID, OBX, "BHS|^~\\&", OBX], "not_hl7", "row 5: no message header"),
    ],
)  # fmt: skip
def test_files_that_are_held(tmp_path: Path, rows: list[str], code: str, detail: str) -> None:
    error = refused(written(tmp_path, *rows))
    assert error.code == code
    assert detail in error.detail
    assert "SYNTHETIC" not in error.detail and "P000017" not in error.detail


def test_bytes_that_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "synthetic.hl7"
    path.write_bytes(b"")
    assert refused(path).code == "file_empty"
    path.write_bytes(MSH.encode() + b"\r" + PID.encode() + b"\xff\r")
    assert refused(path).code == "undecodable_bytes"
    path.write_bytes(MSH.encode() + b"\rNTE|1||a\0b\r")
    assert refused(path).code == "nul_bytes"
    path.write_bytes("MSH|".encode("utf-16") + b"\xd8")
    assert refused(path, shape=FileShape(form="hl7v2", encoding="utf-16")).code == "undecodable_bytes"
    path.write_bytes("\r".join([MSH, PID, OBX, "NTE|1||a\0b"]).encode("utf-16"))
    assert refused(path, shape=FileShape(form="hl7v2", encoding="utf-16")).code == "nul_bytes"
    monkeypatch.setattr(hl7v2_segments, "MAX_SEGMENT", 1000)
    error = refused(written(tmp_path, MSH, "NTE|1||" + "x" * 1000))
    assert (error.code, error.detail) == ("line_too_long", "row 2 has more than 1,000 characters")


BHS = "BHS|^~\\&|LIS"
FHS = "FHS|^~\\&"


@pytest.mark.parametrize(
    ("rows", "code", "detail"),
    [
        ([BHS, MSH, PID, OBX, "BTS|2"], "footer_total_differs", "row 5: BTS states 2 messages, there are 1"),
        ([BHS, "BTS|1"], "footer_total_differs", "row 2: BTS states 1 messages, there are 0"),
        ([FHS, BHS, MSH, "BTS|1", "FTS|2"], "footer_total_differs", "row 5: FTS states 2 batches, there are 1"),
        ([BHS, MSH, PID, OBX], "footer_missing", "row 1: BHS has no BTS; the file may be cut short"),
        ([FHS, BHS, MSH, "BTS|1"], "footer_missing", "row 1: FHS has no FTS; the file may be cut short"),
        ([BHS, MSH, BHS, MSH, "BTS|1"], "footer_missing", "row 1: BHS has no BTS; the file may be cut short"),
    ],
)
def test_totals_that_differ_are_for_a_person_to_judge(tmp_path: Path, rows: list[str], code: str, detail: str) -> None:
    table = read(written(tmp_path, *rows))
    assert table.doubt == (code, detail)
    assert table.rows == len(rows)


def test_a_batch_whose_totals_agree(tmp_path: Path) -> None:
    message = [MSH, PID, OBR, OBX]
    table = read(
        written(
            tmp_path, "FHS|^~\\&|L", "BHS|^~\\&|L", *message, *message, "BTS|2|end", "BHS|^~\\&|L", "BTS|0", "FTS|2"
        )
    )
    assert [line[0] for line in cells(table)] == ["6", "10"]
    assert table.doubt is None
    assert [reason for _, reason in table.layout].count("message_header") == 8


def test_a_file_header_without_batches_and_trailers_alone(tmp_path: Path) -> None:
    assert read(written(tmp_path, "FHS|^~\\&|L", MSH, PID, OBX, "FTS|1")).rows == 5
    assert read(written(tmp_path, MSH, PID, OBX, "BTS|7", "FTS")).rows == 5


def test_a_message_of_another_type_without_results_is_layout(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH.replace("ORU^R01", "ACK"), "MSA|AA|1", MSH, PID, OBR, OBX))
    assert [reason for _, reason in table.layout[:2]] == ["message_header", "other_segment"]
    assert len(cells(table)) == 1


# --- torn rows ------------------------------------------------------------------------------------------------------


def test_a_torn_result_is_rejected_with_its_rest(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH, PID, OBR, "OBX|1|ST|GM1M||1:8", "", "00|{titer}|||||F", OBX))
    assert table.rejects == ((4, "unreadable_segment"), (6, "unreadable_segment"))
    assert [line[0] for line in cells(table)] == ["7"]
    assert (5, "blank") in table.layout


def test_an_addendum_is_part_of_the_segment_above(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH, PID, OBR, OBX, "ADD|0", OBX))
    assert table.rejects == ((4, "unreadable_segment"), (5, "unreadable_segment"))
    assert [line[0] for line in cells(table)] == ["6"]


def test_a_torn_note_leaves_its_result_alone(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH, PID, OBR, OBX, "NTE|1||first line", "second line"))
    assert table.rejects == ((6, "unreadable_segment"),)
    assert len(cells(table)) == 1


def test_a_torn_document_rejects_its_rest_only(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH, PID, OBR, OBX, "OBX|2|ED|PDF||^^^Base64^QUJD", "QUJD||||||F"))
    assert table.rejects == ((6, "unreadable_segment"),)
    assert len(cells(table)) == 1


@pytest.mark.parametrize(
    ("torn", "address", "rejected"),
    [
        (["PID|1||P0000", "17"], "PID-3.1", {4, 6, 9}),
        (["PID|1||P0000", "17"], "OBR-3.1", {4}),
        (["PID|1||P000017", "ORC|RE|A", "1"], "ORC-2", {5, 7}),
    ],
)  # fmt: skip
def test_what_a_torn_segment_says_is_not_known(
    tmp_path: Path, torn: list[str], address: str, rejected: set[int]
) -> None:
    other = ["OBR|2||A2", OBX]
    path = written(tmp_path, MSH, "NTE|1", *torn, OBR, OBX, "PV1|1", *other, MSH, PID, OBR, OBX)
    table = read(path, [*RESULT, Wanted(address)])
    assert {row for row, _ in table.rejects} == rejected
    assert cells(table)[-1][0] == str(table.rows)


def test_a_torn_specimen_makes_the_results_of_its_order_unknown(tmp_path: Path) -> None:
    path = written(tmp_path, MSH, PID, OBR, OBX, "SPM|1|||SE", "R", OBX, "OBR|2||A2", OBX, "SPM|1|||SER")
    table = read(path, [Wanted("SPM-4.1")])
    assert {row for row, _ in table.rejects} == {4, 6, 7}
    assert cells(table) == [["9", "1", "SER"]]


def test_a_segment_of_other_separators_is_torn(tmp_path: Path) -> None:
    table = read(written(tmp_path, MSH, PID, OBR, "OBX#1#ST#GM1M##1:800", OBX))
    assert table.rejects == ((4, "unreadable_segment"),)


def test_segments_beyond_all_bounds_are_rejected(tmp_path: Path) -> None:
    bomb = "~" * 100_001
    table = read(written(tmp_path, MSH, PID, OBR, obx("ST", bomb), OBX), [*RESULT, Wanted("PID-3.1")])
    assert table.rejects == ((4, "unreadable_segment"),)
    table = read(written(tmp_path, MSH, f"PID|1||{bomb}", OBR, OBX), [*RESULT, Wanted("PID-3.1")])
    assert table.rejects == ((2, "unreadable_segment"), (4, "unreadable_segment"))


def test_what_the_package_cannot_parse_is_rejected_without_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = hl7.parse

    def failing(text: str) -> hl7.Message:
        if "OBX" in text:
            raise hl7.ParseException(text)
        return whole(text)

    monkeypatch.setattr(hl7, "parse", failing)
    table = read(written(tmp_path, MSH, PID, OBR, OBX))
    assert table.rejects == ((4, "unreadable_segment"),)
    assert caplog.text == ""


def test_a_cell_beyond_its_limit_holds_the_file(tmp_path: Path) -> None:
    error = refused(written(tmp_path, MSH, PID, OBR, obx("ST", "x" * (MAX_CELL + 1))))
    assert (error.code, error.detail) == ("cell_too_long", "row 4 holds a cell of more than 1,000,000 characters")


def test_more_rows_aside_than_can_be_accounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_table, "MAX_ASIDE", 3)
    assert read(written(tmp_path, MSH, PID, OBR, OBX, OBX)).rows == 5
    error = refused(written(tmp_path, MSH, PID, OBR, OBX, "", "torn"))
    assert (error.code, error.detail) == ("too_many_rows", "row 5: more than 3 rows hold no result")


def test_an_order_of_too_many_waiting_results_holds_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hl7v2_places, "MAX_WAITING", 3)
    path = written(tmp_path, MSH, PID, OBR, *[OBX] * 4)
    assert refused(path, [Wanted("SPM-4.1")]).code == "too_many_rows"
    # results that wait for nothing are written at once
    assert len(cells(read(path))) == 4


def test_rows_that_do_not_add_up_are_a_fault_of_ours(tmp_path: Path) -> None:
    def write_one_row() -> None:
        with MessageTable(tmp_path / "table.csv", ["OBX-5"]) as table:
            table.layout(1, "blank")
            table.finished(2)

    with pytest.raises(AssertionError, match="2 rows counted, 1 accounted for"):
        write_one_row()
    assert not (tmp_path / "table.csv").exists()


# --- places ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("MSH-1", "|"), ("MSH-2", "^~\\&"), ("MSH-4", "SYNLAB"), ("MSH-9.2", "R01"), ("PID-3", "P000017^^^SYN"),
        ("PID-3.1", "P000017"), ("PID-3.4", "SYN"), ("PID-3[2].1", "X9"), ("PID-3[3].1", ""), ("PID-3.9", ""),
        ("PID-30", ""), ("OBR-3.1", "A1"), ("OBR-3.2", ""), ("OBR-4.2", "Panel"), ("OBX-3.2", "GM1 IgM"), ("OBX-3.1.2", ""),
        ("OBX-8", "H"), ("OBX-11", "C"), ("OBX-15.1", "NRL"), ("OBX-15.2.2", "sub"), ("OBX-23.1", ""), ("ZZZ-1", ""),
    ],
)  # fmt: skip
def test_addresses(tmp_path: Path, address: str, cell: str) -> None:
    result = "OBX|1|ST|GM1M^GM1 IgM||1:800|{titer}||H|||C||||NRL^top&sub"
    assert one(tmp_path, address, MSH, PID, OBR, result) == [cell]


@pytest.mark.parametrize(
    "address", ["OBX", "OBX-", "obx-5", "OBX.5", "OBX-5.0", "OBX-5[0]", "PID-3.1[2]", "OBX-5.1.2.3", ""]
)
def test_what_is_no_address(tmp_path: Path, address: str) -> None:
    assert not is_place(address, "hl7v2")
    with pytest.raises(ValueError, match="no place"):
        read(written(tmp_path, MSH), [Wanted(address)])


def test_places_are_places() -> None:
    assert all(is_place(one, "hl7v2") for one in ["OBX-5", "PID-3.1", "PID-3[2].4.1", "ZX1-12", "SPM-4.1"])


def test_the_header_is_a_place_also_when_it_is_written_twice(tmp_path: Path) -> None:
    other = MSH.replace("SYNLAB", "OTHERLAB")
    assert one(tmp_path, "MSH-4.1", MSH, PID, OBR, OBX, other, PID, OBR, OBX) == ["SYNLAB", "OTHERLAB"]


def test_own_separators_of_each_message(tmp_path: Path) -> None:
    strange = [
        row.translate(str.maketrans("|^~\\&", "#*@!%"))
        for row in (MSH, PID, OBR, "OBX|1|SN|GM1M^GM1 \\F\\ IgM||<^1^:^400|{titer}|||||F")
    ]
    wanted = [*RESULT, Wanted("PID-3[2].1"), Wanted("OBX-3.2")]
    table = read(written(tmp_path, *strange, MSH, PID, OBR, obx("SN", "^2^+")), wanted)
    assert cells(table) == [["4", "1", "<1:400", "X9", "GM1 # IgM"], ["8", "1", "2+", "X9", "GM1 IgM"]]


def test_short_and_long_encoding_characters(tmp_path: Path) -> None:
    short = MSH.replace("^~\\&", "^~", 1)
    assert one(tmp_path, "PID-3[2].1", short, PID, OBR, OBX) == ["X9"]
    assert one(tmp_path, "PID-3[2].1", MSH.replace("&", "&#", 1), PID, OBR, OBX) == ["X9"]


def test_a_result_takes_the_nearest_patient_and_order(tmp_path: Path) -> None:
    rows = [
        MSH,
        PID,
        OBR,
        OBX,
        OBX,
        "OBR|2||A2",
        OBX,
        "PID|2||P000018",
        "OBR|1||A3",
        OBX,
        MSH,
        "OBR|1||A4",
        OBX,
        MSH,
        PID,
        OBX,
    ]
    assert one(tmp_path, "PID-3.1", *rows) == ["P000017", "P000017", "P000017", "P000018", "", "P000017"]
    assert one(tmp_path, "OBR-3.1", *rows) == ["A1", "A1", "A2", "A3", "A4", ""]


def test_an_order_number_does_not_outlive_its_order(tmp_path: Path) -> None:
    rows = [MSH, PID, "ORC|RE|N1", OBR, OBX, "ORC|RE", "OBR|2||A2", OBX, "OBR|3||A3", OBX]
    assert one(tmp_path, "ORC-2", *rows) == ["N1", "", ""]


def test_other_segments_of_the_order_and_of_the_patient(tmp_path: Path) -> None:
    rows = [MSH, PID, "PV1|1|I", OBR, "ZSY|first", OBX, "OBR|2||A2", OBX]
    assert one(tmp_path, "ZSY-1", *rows) == ["first", ""]
    assert one(tmp_path, "PV1-2", *rows) == ["I", "I"]


def test_specimens_above_and_behind(tmp_path: Path) -> None:
    rows = [
        MSH,
        PID,
        OBR,
        OBX,
        OBX,
        "SPM|1|S1||SER^Serum",
        "OBR|2||A2",
        "SPM|1|S2||CSF",
        OBX,
        "SPM|2|S3||SER",
        OBX,
        "OBR|3",
        OBX,
    ]
    assert one(tmp_path, "SPM-4.1", *rows) == ["SER", "SER", "CSF", "SER", ""]


def test_specimens_that_differ_are_all_named(tmp_path: Path) -> None:
    rows = [MSH, PID, OBR, OBX, "SPM|1|||SER", "SPM|2|||SER", "OBR|2", OBX, "SPM|1|||SER", "SPM|2|||CSF"]
    assert one(tmp_path, "SPM-4.1", *rows) == ["SER", "SER~CSF"]


def test_notes_belong_to_the_result_above(tmp_path: Path) -> None:
    rows = [MSH, PID, "NTE|1||of the patient", OBR, "NTE|1||of the order", OBX, "NTE|1||first~part", "NTE|2||second", OBX,
            obx("ST", "1:400"), "NTE|1||third", "OBX|9|ST|I||x||||||O", "NTE|1||of the question", "SPM|1", "NTE|1||of the specimen"]  # fmt: skip
    assert one(tmp_path, "NTE-3", *rows) == ["first part second", "", "third"]
    assert one(tmp_path, "NTE-3[2]", *rows) == ["part", "", ""]
    assert one(tmp_path, "NTE-1.1", *rows) == ["1 2", "", "1"]


def test_segments_without_enough_fields_have_empty_cells(tmp_path: Path) -> None:
    table = read(
        written(tmp_path, MSH, "PID", OBR, "OBX", "OBX|1", "OBX|1|ST|GM1M"),
        [*RESULT, Wanted("PID-3.1"), Wanted("OBX-11")],
    )
    assert cells(table) == [["4", "1", "", "", ""], ["5", "1", "", "", ""], ["6", "1", "", "", ""]]


# --- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written_as", "text"),
    [
        ("a \\F\\ b \\S\\ c \\T\\ d \\R\\ e \\E\\", "a | b ^ c & d ~ e \\"),
        ("\\X41\\\\X42C3A4\\", "ABä"), ("one\\.br\\two", "one\ntwo"), ("one\\.sp2\\two", "one\n\ntwo"), ("\\H\\bold\\N\\", "bold"),
        ("\\.in+2\\text\\.sk3\\", "text"), ('""', ""), ("\\Zown\\", "\\Zown\\"), ("\\XFF\\", "\\XFF\\"), ("\\XZZ\\", "\\XZZ\\"),
        ("\\X00\\", "\\X00\\"), ("\\C2842\\", "\\C2842\\"), ("1\\", "1\\"), ("\\E\\R\\", "\\R\\"), ("\\.sp99999\\", "\\.sp99999\\"),
        ("\\\\", "\\\\"), ("\\X0D0A\\x", "\nx"),
    ],
)  # fmt: skip
def test_escapes(tmp_path: Path, caplog: pytest.LogCaptureFixture, written_as: str, text: str) -> None:
    with caplog.at_level(logging.DEBUG):
        assert one(tmp_path, "OBX-5", MSH, PID, OBR, obx("TX", written_as)) == [text]
    assert caplog.text == ""


def test_hexadecimal_escapes_are_in_the_declared_encoding(tmp_path: Path) -> None:
    shape = FileShape(form="hl7v2", encoding="cp1252")
    assert one(tmp_path, "OBX-5", MSH, PID, OBR, obx("TX", "\\XB5\\g"), shape=shape) == ["µg"]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("SN", "^1^:^640", "1:640"), ("SN", "<^1^:^320", "<1:320"), ("SN", ">=^1^:^5120", ">=1:5120"), ("SN", "^2^+", "2+"),
        ("SN", ">^51200", ">51200"), ("SN", "^640", "640"), ("SN", "=^640", "640"), ("SN", "<>^5", "<>5"), ("SN", "^1^-^5", "1-5"),
        ("SN", "^48.5", "48.5"), ("SN", " < ^ 1 ^ : ^ 320 ", "<1:320"), ("SN", "^1^/^640", "1/640"),
        # what does not make sense together stays as it is, so that nobody reads it
        ("SN", "^1^^640", "^1^^640"), ("SN", "^1^0^640", "^1^0^640"), ("SN", "^1^.^640", "^1^.^640"), ("SN", "<^^:^320", "<^^:^320"),
        ("SN", "^1^:^640^9", "^1^:^640^9"), ("SN", "~^1^:^640", "~1:640"), ("SN", "approx^1^:^640", "approx^1^:^640"), ("SN", "<", "<"),
        ("SN", "", ""), ("SN", '""', ""),
        ("NM", "640", "640"), ("NM", " 48.5 ", "48.5"), ("NM", "<640", "<640"), ("NM", "", ""),
        ("ST", "<1:400", "<1:400"), ("TX", "weak positive", "weak positive"), ("FT", "1:800", "1:800"), ("ST", "1:800~1:400", "1:800~1:400"),
        ("CE", "POS^Positive^L", "Positive"), ("CWE", "POS", "POS"), ("CNE", "POS^^L", "POS"), ("CWE", "^^^^^^^^as told", "as told"),
        ("CE", "POS^Positive~NEG^Negative", "Positive~Negative"), ("CE", "", ""), ("CE", '""', ""),
        ("", "^1^:^640", "^1^:^640"), ("", "1:800", "1:800"), ("DT", "20240105", "20240105"), ("XYZ", "a^b", "a^b"),
    ],
)  # fmt: skip
def test_results_by_type(tmp_path: Path, kind: str, value: str, text: str) -> None:
    assert one(tmp_path, "OBX-5", MSH, PID, OBR, obx(kind, value), kind="result") == [text]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [("NM", "48.5", "48,5"), ("SN", "<^48.5", "<48,5"), ("ST", "48.5", "48.5"), ("NM", "1.2.3", "1.2.3")],
)
def test_numbers_take_the_declared_decimal_mark(tmp_path: Path, kind: str, value: str, text: str) -> None:
    shape = FileShape(form="hl7v2", decimal=",")
    assert one(tmp_path, "OBX-5", MSH, PID, OBR, obx(kind, value), kind="result", shape=shape) == [text]


def test_parts_of_a_result_can_be_asked_for(tmp_path: Path) -> None:
    assert one(tmp_path, "OBX-5.1", MSH, PID, OBR, obx("CE", "POS^Positive~NEG"), kind="result") == ["POS"]
    assert one(tmp_path, "OBX-5[2]", MSH, PID, OBR, obx("CE", "POS^Positive~NEG"), kind="result") == ["NEG"]


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day", "instant"),
    [
        ("20240105", "2024-01-05", "2024-01-05"), ("20240105081500", "2024-01-05", "2024-01-05 07:15:00"),
        ("202407050815", "2024-07-05", "2024-07-05 06:15:00"), ("2024010508", "2024-01-05", "2024-01-05 07:00:00"),
        ("20240105233000-0500", "2024-01-05", "2024-01-06 04:30:00"), ("20240105081500.1234+0100", "2024-01-05", "2024-01-05 07:15:00"),
        # the clocks show this hour twice, and that one never: as DuckDB reads delimited text
        ("20241027023000", "2024-10-27", "2024-10-27 01:30:00"), ("20240331023000", "2024-03-31", "2024-03-31 01:30:00"),
        # nothing is guessed
        ("202401", "202401", "202401"), ("20240230", "20240230", "20240230"), ("05.01.2024", "05.01.2024", "05.01.2024"),
        ("20240105250000", "20240105250000", "20240105250000"), ("20240105081500+0175", "2024-01-05", "20240105081500+0175"),
        ("00010101000000+1400", "0001-01-01", "00010101000000+1400"), ("", "", ""), ('""', "", ""),
    ],
)  # fmt: skip
def test_dates_and_instants(tmp_path: Path, moment: str, day: str, instant: str) -> None:
    rows = [MSH, PID, f"OBR|1||A1||||{moment}", OBX]
    assert one(tmp_path, "OBR-7", *rows, kind="date") == [day]
    assert one(tmp_path, "OBR-7", *rows, kind="instant") == [instant]


def test_a_time_without_zone_stays_as_it_is(tmp_path: Path) -> None:
    shape = FileShape(form="hl7v2")
    rows = [MSH, PID, OBR, OBX]
    assert one(tmp_path, "OBR-7", *rows, kind="instant", shape=shape) == ["20240105081500"]
