"""The YAML loader: what is sound loads, every mistake is one line that names file, line and key."""

from pathlib import Path

import pytest
from intake_home import FORMAT, HEADER

from pipeline.errors import SettingsError
from pipeline.labs import Sheet, identify, labs_sha256, load_format, load_labs
from pipeline.labs.dates import shape_of


def write(folder: Path, text: str, name: str = "one.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_scalars_stay_text(tmp_path: Path) -> None:
    text = FORMAT.replace("{F: final, C: corrected}", "{N: final, 007: corrected, 1.0: withdrawn, null: preliminary}")
    loaded = load_format(write(tmp_path, text))
    assert loaded.columns["status"].words == {
        "N": "final", "007": "corrected", "1.0": "withdrawn", "null": "preliminary",
    }  # fmt: skip


MISTAKES = [
    ("broken YAML", FORMAT + "\n: [", r"one\.yaml:\d+: not valid YAML"),
    ("key twice", FORMAT + "title: again\n", r"one\.yaml:\d+: title: written twice"),
    ("unknown key", FORMAT + "extra: 1\n", "extra"),
    ("unknown state", FORMAT.replace("state: active", "state: live"), r"one\.yaml:4: state: 'live' is not one of"),
    ("newer schema", FORMAT.replace("schema_version: 1", "schema_version: 2"), r":2: schema_version: 1 was expected"),
    ("unknown field", FORMAT.replace("  accession:", "  acession:"), r"columns\.acession: unknown field of titre"),
    ("field missing", FORMAT.replace("  accession: {from: Accession}\n", ""), "accession is missing"),
    ("no words", FORMAT.replace(", words: {F: final, C: corrected}", ""), r"columns\.status: a coded column needs"),
    ("no such meaning", FORMAT.replace("F: final", "F: done"), r"columns\.status: 'done' is no status; allowed are"),
    ("words on a date", FORMAT.replace("{from: Collected}", "{from: Collected, words: {a: b}}"), "is not coded"),
    ("antigen unknown", FORMAT.replace("antigen: GM1,", "antigen: GM9,"), r"tests\.GM1M\.antigen: 'GM9' is no antigen"),
    ("isotype nowhere", FORMAT.replace("isotype: IgM, ", "", 1), r"tests\.GM1M: isotype is missing"),
    ("lab undeclared", FORMAT.replace("{value: RIV}", "{value: RVI}"), "'RVI' is not declared under performing_labs"),
    ("date format", FORMAT.replace("%Y-%m-%d", "%Y-%m"), r"file\.date: needs a year, a month and a day"),
    ("directive", FORMAT.replace("%Y-%m-%d", "%Y-%m-%d %Q"), r"file\.date: %Q is not supported"),
    ("zone missing", FORMAT.replace('date: "%Y-%m-%d"', 'timestamp: "%Y-%m-%d %H:%M"'), "needs `time_zone:`"),
    ("zone unknown", FORMAT.replace('date: "%Y-%m-%d"', "time_zone: Europe/Bielefeld"), "is no time zone"),
    ("pattern", FORMAT.replace("R[0-9]{4}", "R[0-9"), r"columns\.patient_id: is no regular expression"),
    ("exclusion", FORMAT.replace("{column: Patient, m", "{column: Pat, m"), "'Pat' is neither mapped nor ignored"),
    ("constant date", FORMAT.replace("{from: Collected}", '{value: "02.01.2024"}'), "is no DATE"),
    ("both", FORMAT.replace("{value: RIV}", "{value: RIV, from: Lab}"), "performing_lab"),
    ("time lost", FORMAT.replace("%Y-%m-%d", "%Y-%m-%d %H:%M"), "reported_at would lose its time of day"),
    ("no comparator", FORMAT + 'result: {comparators: {"1:": "<"}}\n', "'1:' is no word before a value"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), [pytest.param(*case[1:], id=case[0]) for case in MISTAKES])
def test_mistakes_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        load_labs([tmp_path]) if write(tmp_path, text) else None
    assert "\n" not in str(raised.value)
    assert "one.yaml" in str(raised.value)


def test_ids_are_unique_over_all_directories(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, FORMAT)
    with pytest.raises(SettingsError, match="id riverside_titres: already used by"):
        load_labs([tmp_path / "a", tmp_path / "b"])


def test_the_hash_follows_every_byte(tmp_path: Path) -> None:
    path = write(tmp_path, FORMAT)
    first = labs_sha256([tmp_path])
    path.write_text(FORMAT + "# a comment\n")
    second = labs_sha256([tmp_path])
    path.rename(tmp_path / "two.yaml")
    assert len({first, second, labs_sha256([tmp_path])}) == 3


def test_a_draft_recognises_nothing(tmp_path: Path) -> None:
    loaded = load_format(write(tmp_path, FORMAT.replace("state: active", "state: draft")))
    assert (
        identify(
            [loaded], "riverside", "titres_1.csv", lambda form: [Sheet(None, False, lambda reading: HEADER.split(","))]
        ).reason
        == "format_unknown"
    )


@pytest.mark.parametrize(
    ("header", "reason", "detail"),
    [
        (HEADER, None, None),
        (",".join(reversed(HEADER.split(","))), None, None),
        (HEADER.replace("Test", " Test "), None, None),
        (HEADER.replace("Test", " tEST "), None, None),
        (HEADER + ",Lot", "header_differs", "neither mapped nor ignored: Lot"),
        (HEADER + ",Surname", "identifier_columns", "neither mapped nor ignored: Surname"),
        (HEADER + ",Date of birth", "identifier_columns", "neither mapped nor ignored: Date of birth"),
        (HEADER + ",Lot" * 3000, "too_many_columns_in_file", "the header has 3,008 columns"),
        (HEADER + "".join(f",Lot {n}" for n in range(99)), "header_differs", " and 79 more"),
        (HEADER.replace("Test", "Assay"), "header_differs", "missing: Test; neither mapped nor ignored: Assay"),
        (HEADER + ",Test", "header_differs", "there twice: Test"),
        ("Jane,Doe,12,13,14,15,16,17", "header_differs", "fewer than half of its columns are there"),
    ],
)
def test_a_header_holds_exactly_the_declared_columns(
    tmp_path: Path, header: str, reason: str | None, detail: str | None
) -> None:
    loaded = load_format(write(tmp_path, FORMAT))
    found = identify(
        [loaded], "riverside", "titres_1.csv", lambda form: [Sheet(None, False, lambda reading: header.split(","))]
    )
    assert found.reason == reason
    assert (detail or "") in (found.detail or "")
    assert "Jane" not in (found.detail or "")


def test_shapes_of_dates() -> None:
    assert shape_of("%Y-%m-%d") == r"(?:19|20)[0-9]{2}\-[0-9]{2}\-[0-9]{2}"
    assert shape_of("%-d. %b %Y") == r"[0-9]{1,2}\.\ [A-Za-z]{3}\ (?:19|20)[0-9]{2}"
    with pytest.raises(ValueError, match="%-Y"):
        shape_of("%-Y-%m-%d")
