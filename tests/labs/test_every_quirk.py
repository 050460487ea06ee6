"""Every folder beside this file is one quirk of real exports: the file, its YAML and what must come out of them.

`expected.json` names the format, why a file is held, the rows by their bytes, the filled fields of every record (those
of `every_record` hold for each) and every row that is no record. `expected_dispositions.json` says where each row ended
after checks and build. A folder is picked up by having a `format.yaml`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from make_workbooks import write_all
from quirks import ALONE, FOLDERS, LABS, WHOLE_WAY, dispositions, patients, plain, take_in, warehouse_of_all

from pipeline.labs import load_labs


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse_of_all(tmp_path_factory.mktemp("all")) as connection:
        yield connection


def test_quirks_are_found() -> None:
    assert len(ALONE) >= 60
    assert len(WHOLE_WAY) >= 40
    assert set(FOLDERS) == {*ALONE, *WHOLE_WAY}, "a folder without anything expected tests nothing"


@pytest.mark.parametrize("folder", ALONE, ids=lambda folder: folder.name)
def test_quirk(folder: Path, tmp_path: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = take_in(folder, tmp_path)
    everywhere = expected.pop("every_record", {})
    expected["records"] = [everywhere | record for record in expected["records"]]
    places = [(record["row_number"], record["slot"]) for record in found["records"]]
    places += [(entry[0], (*entry, 1)[3]) for entry in found["entries"]]
    found["records"] = [plain(record) for record in found["records"]]
    assert found == expected
    assert len(places) == len(set(places)), "a record slot is accounted for twice"
    assert {row for row, _ in places} == set(range(1, found["rows"] + 1)), "a row is lost"


@pytest.mark.parametrize("folder", WHOLE_WAY, ids=lambda folder: folder.name)
def test_where_rows_end(folder: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    expected = json.loads((folder / "expected_dispositions.json").read_text(encoding="utf-8"))
    lab = load_labs([folder])[0].lab
    assert dispositions(warehouse, lab) == expected["exports"]
    if "patients" in expected:
        assert patients(warehouse, lab) == expected["patients"]


def test_the_list_of_quirks_is_whole() -> None:
    """README.md names every folder, and none that is not there."""
    rows = [line for line in (LABS / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in re.findall("`([^`]+)`", row)} == {folder.name for folder in FOLDERS}


def test_workbooks_are_those_of_the_script(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    assert {path.relative_to(tmp_path) for path in written} == {
        path.relative_to(LABS) for path in LABS.glob("*/*") if path.suffix in (".xlsx", ".xls", ".ods")
    }
    for path in written:
        assert path.read_bytes() == (LABS / path.relative_to(tmp_path)).read_bytes(), path.name
