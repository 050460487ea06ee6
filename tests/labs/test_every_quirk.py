"""Every folder beside this file is one quirk of real exports: the file, its YAML and what must come out of them.

`expected.json` names the format, why a file is held, the rows by their bytes, the filled fields of every record (those
of `every_record` hold for each) and every row that is no record. A folder is picked up by having a `format.yaml`.
"""

import json
from pathlib import Path

import pytest
from quirks import FOLDERS, plain, take_in


def test_quirks_are_found() -> None:
    assert len(FOLDERS) >= 20


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_quirk(folder: Path, tmp_path: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = take_in(folder, tmp_path)
    everywhere = expected.pop("every_record", {})
    expected["records"] = [everywhere | record for record in expected["records"]]
    found["records"] = [plain(record) for record in found["records"]]
    assert found == expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_row_is_accounted_for_once(folder: Path, tmp_path: Path) -> None:
    found = take_in(folder, tmp_path)
    rows = [record["row_number"] for record in found["records"]] + [row for row, _, _ in found["entries"]]
    assert sorted(rows) == list(range(1, found["rows"] + 1))
