"""Whatever a file holds, every row of it is a record or an entry, once; and cells are those a CSV parser finds."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from quirks import take_in

FORMAT = (Path(__file__).parent / "torn_rows" / "format.yaml").read_text(encoding="utf-8")
HEADER = ["Patient", "Exam", "Date", "Nerve", "Side", "Muscle", "Site", "Amplitude", "Area", "Comment"]
PIECES = [
    "a",
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    " ",
    "é",
    "\n\n",
    ",,,,,,,,,",
    "1,2,3,4,5,6,7,8,9,0\n",
    '"q\nq",',
    '5" t',
]


def taken(content: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "quirk"
        folder.mkdir()
        (folder / "format.yaml").write_text(FORMAT, encoding="utf-8")
        (folder / "ncs_1.csv").write_bytes(content.encode())
        return take_in(folder, Path(name))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_every_row_is_accounted_for(body: str) -> None:
    found = taken(",".join(HEADER) + "\n" + body)
    numbers = [record["row_number"] for record in found["records"]] + [entry[0] for entry in found["entries"]]  # type: ignore[attr-defined]
    assert sorted(numbers) == list(range(1, found["rows"] + 1))  # type: ignore[operator]


cells = st.text(alphabet=st.sampled_from('ab,"\n;é'), max_size=5)
tables = st.lists(st.lists(cells, min_size=10, max_size=10).filter(any), min_size=1, max_size=8)


@settings(max_examples=40)
@given(tables)
def test_cells_are_those_of_a_csv_parser(table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *table])
    found = taken(text.getvalue())
    exams = {record["row_number"]: record["exam_id"] for record in found["records"]}  # type: ignore[attr-defined]
    assert exams == {row: cells[1].strip(" ") or None for row, cells in enumerate(table, 2)}
