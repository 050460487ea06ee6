"""The byte scan against a plain parser, the pseudonym against Python's own HMAC, and the order of what DuckDB loads."""

import csv
import hashlib
import hmac
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_home import FORMAT

from pipeline.ingest.parse import parse_select
from pipeline.ingest.pseudonym import SEPARATOR, key_parameters, patient_key
from pipeline.labs import load_format
from pipeline.labs.model import FileShape
from pipeline.readers import load, prepare
from pipeline.readers.encoding import Undecodable, check_utf8, decoded
from pipeline.readers.scan import rows_at, scan_rows

cells = st.text(alphabet=st.sampled_from('ab,"\n ;é'), max_size=6)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), max_size=12)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "export.csv"
    path.write_bytes(content)
    return path


@given(tables, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_rows_are_those_a_csv_parser_finds(
    table: list[list[str]], line_end: str, has_mark: bool, is_quoted: bool
) -> None:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=line_end, quoting=quoting).writerows(table)
    # blank rows, which the writer never makes, and line ends inside cells as the file has them
    content = text.getvalue() + line_end
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), (b"\xef\xbb\xbf" if has_mark else b"") + content.encode())
        scan = scan_rows(path, ",", '"', 0)
    assert scan.is_balanced
    assert not scan.has_stray_quotes or " " in content
    assert scan.rows == len(table) + 1
    assert scan.blank_rows == (len(table) + 1,)


@pytest.mark.parametrize(
    ("content", "rows", "blanks"),
    [
        (b"a,b", 1, ()), (b"a,b\n", 1, ()), (b"a\n\n\nb", 4, (2, 3)), (b"\n", 1, (1,)), (b"a\r\n\r\nb\r\n", 3, (2,)),
        (b"a\rb\r", 2, ()), (b'a,"x\ny"\nb\n', 2, ()), (b'a,5" tube\nb\n', 2, ()), (b'a, "x\ny"\nb\n', 2, ()),
    ],
)  # fmt: skip
def test_rows_and_blank_rows(tmp_path: Path, content: bytes, rows: int, blanks: tuple[int, ...]) -> None:
    scan = scan_rows(written(tmp_path, content), ",", '"', 0)
    assert (scan.rows, scan.blank_rows) == (rows, blanks)


def test_damage_is_told(tmp_path: Path) -> None:
    assert not scan_rows(written(tmp_path, b'a,"b\nc\n'), ",", '"', 0).is_balanced
    assert scan_rows(written(tmp_path, b'a,"b"c\nd\n'), ",", '"', 0).has_stray_quotes
    assert scan_rows(written(tmp_path, b"a\0b\n"), ",", '"', 0).has_nul
    assert scan_rows(written(tmp_path, b"a\r\nb\n"), ",", '"', 0).has_odd_line_ends
    assert not scan_rows(written(tmp_path, b"a\r\nb\r\n"), ",", '"', 0).has_odd_line_ends


def test_offsets_become_row_numbers(tmp_path: Path) -> None:
    content = b'h,h\n"x\ny",1\n\ntorn\nlast,1\n'
    path = written(tmp_path, content)
    offsets = [content.index(word) for word in (b'"x', b"\ntorn", b"torn", b"last")]
    assert [before + 1 for before in rows_at(path, ",", '"', offsets)] == [2, 4, 4, 5]


def test_encodings_are_proven(tmp_path: Path) -> None:
    path = written(tmp_path, "µV".encode() * 600_000 + b"\xff")
    with pytest.raises(Undecodable, match="byte 180000"):
        check_utf8(path)
    with pytest.raises(Undecodable, match="perhaps cp1252"):
        list(decoded(written(tmp_path, "≤ ’".encode()), "latin-1", 0))
    assert "".join(decoded(written(tmp_path, "Müller ’".encode("cp1252")), "cp1252", 0)) == "Müller ’"


@given(st.binary(min_size=32, max_size=32), st.text(max_size=40).filter(lambda text: "\0" not in text))
def test_pseudonyms_are_hmac_sha256(key: bytes, identifier: str) -> None:
    message = f"site{SEPARATOR}{identifier}".encode()
    expected = "p" + hmac.new(key, message, hashlib.sha256).hexdigest()[:20]
    query = f"SELECT {patient_key('$identifier', 'site')}"
    with duckdb.connect() as connection:
        found = connection.execute(query, {"identifier": identifier, **key_parameters(key)}).fetchone()
    assert found == (expected,)


def test_rows_keep_their_order_and_their_file(tmp_path: Path) -> None:
    """Enough rows for several buffers and threads, and a format with many words, which DuckDB likes to join."""
    words = ", ".join(f"W{number}: final" for number in range(60))
    yaml = tmp_path / "format.yaml"
    yaml.write_text(FORMAT.replace("F: final, C: corrected", words))
    lab_format = load_format(yaml)
    header = ["Patient", "Accession", "Test", "Collected", "Received", "Reported", "Result", "Status"]
    prepared = []
    for file in range(3):
        lines = [f"R0001,{file}-{line},GM1M,2024-01-02,2024-01-03,2024-01-05,1:800,W7" for line in range(60_000)]
        path = tmp_path / f"export_{file}.csv"
        path.write_text("\n".join([",".join(header), *lines]) + "\n")
        prepared.append(prepare(path, lab_format.shape, tmp_path / "copy"))
    with duckdb.connect(config={"threads": 4}) as connection:
        select = parse_select(lab_format, header, header)
        load(connection, "part", select, prepared, len(header), lab_format.shape, key_parameters(b"k" * 32))
        query = "SELECT accession = concat(file, '-', rowid - 60000 * file), count(*) FROM part GROUP BY 1"
        assert connection.execute(query).fetchall() == [(True, 180_000)]


def test_a_plan_that_reorders_rows_is_refused(tmp_path: Path) -> None:
    prepared = prepare(written(tmp_path, b"a,b\n1,2\n"), FileShape(), tmp_path / "copy")
    query = "SELECT c0 IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11') AS found FROM {source}"
    with duckdb.connect() as connection, pytest.raises(AssertionError, match="may reorder rows"):
        load(connection, "part", query, [prepared], 2, FileShape(), {})
