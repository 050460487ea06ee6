"""FHIR: every row accounted for, every Observation with the cells of its own subject and specimen, no digit changed.

All resources are SYNTHETIC; laboratories, patients and codes are invented.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.labs.model import FileShape
from pipeline.labs.places import is_place
from pipeline.messages import MESSAGES
from pipeline.readers.fhir import document as fhir_document
from pipeline.readers.fhir import file as fhir_file
from pipeline.readers.fhir import looks_like_fhir, raw_fhir_rows, read_fhir
from pipeline.readers.fhir.document import Document
from pipeline.readers.fhir.json import NotJson, check_depth, compact, parsed
from pipeline.readers.text_table import TextTable, Unreadable, Wanted

SHAPE = FileShape(form="fhir")
RESULT = (Wanted("value", "result"),)
PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:syn", "value": "P000017"}]}
RATIO = {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 640}}}


def observation(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p1"}} | members


def bundle(*resources: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]} | members


def lines_of(folder: Path, *lines: str | dict[str, Any], end: str = "\n") -> Path:
    path = folder / "synthetic.ndjson"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes("".join(text + end for text in texts).encode())
    return path


def document(folder: Path, value: Any, indent: int | None = None) -> Path:
    path = folder / "synthetic.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=indent))
    return path


def read(path: Path, wanted: Sequence[Wanted] = RESULT, shape: FileShape = SHAPE) -> TextTable:
    return read_fhir(path, shape, wanted, path.with_name("table.csv"))


def cells(table: TextTable) -> list[list[str]]:
    with table.path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert len(lines) == table.lines
    return lines


def one(
    folder: Path, address: str, *resources: dict[str, Any], kind: str = "text", shape: FileShape = SHAPE
) -> list[str]:
    """The cells of one place, a result each."""
    return [line[2] for line in cells(read(lines_of(folder, *resources), [Wanted(address, kind)], shape))]


def refused(path: Path, wanted: Sequence[Wanted] = RESULT) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(path, wanted)
    assert not path.with_name("table.csv").exists()
    return caught.value


# --- rows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_line_is_a_record_layout_or_a_reject(tmp_path: Path, end: str) -> None:
    path = lines_of(tmp_path, PATIENT, observation(**RATIO), "", "{torn", observation(hasMember=[{"reference": "#"}]),
                    '{"status": "final"}', "17", bundle(PATIENT), observation(valueString="neg"), end=end)  # fmt: skip
    table = read(path)
    assert table.rows == 9
    assert cells(table) == [["2", "1", "1:640"], ["9", "1", "neg"]]
    assert table.layout == ((1, "other_resource"), (3, "blank"), (5, "panel_parent"))
    assert table.rejects == ((4, "not_json"), (6, "not_fhir"), (7, "not_fhir"), (8, "nested_bundle"))
    assert table.header == ("value",)
    assert table.path.stat().st_mode & 0o777 == 0o600
    assert [row for row, _ in raw_fhir_rows(path)] == list(range(1, 10))
    assert list(raw_fhir_rows(path))[3] == (4, ["{torn"])
    assert list(raw_fhir_rows(path))[6] == (7, ["17"])


@pytest.mark.parametrize("indent", [None, 2])
def test_a_bundle_is_a_row_an_entry(tmp_path: Path, indent: int | None) -> None:
    path = document(tmp_path, bundle(PATIENT, observation(**RATIO), {"id": "no type"}, bundle()) | {"total": 4}, indent)
    table = read(path)
    assert table.rows == 4
    assert cells(table) == [["2", "1", "1:640"]]
    assert table.layout == ((1, "other_resource"),)
    assert table.rejects == ((3, "not_fhir"), (4, "nested_bundle"))
    assert next(raw_fhir_rows(path)) == (1, [json.dumps({"resource": PATIENT}, separators=(",", ":"))])


def test_other_documents(tmp_path: Path) -> None:
    assert cells(read(document(tmp_path, [PATIENT, observation(**RATIO)], 1))) == [["2", "1", "1:640"]]
    assert cells(read(document(tmp_path, observation(**RATIO), 1))) == [["1", "1", "1:640"]]
    assert cells(read(document(tmp_path, observation(**RATIO)))) == [["1", "1", "1:640"]]
    assert read(document(tmp_path, {"resourceType": "Bundle"})).rows == 0
    assert read(document(tmp_path, bundle())).rows == 0
    assert read(document(tmp_path, [])).rows == 0
    # an entry list that is no Bundle's
    assert read(document(tmp_path, {"entry": [{"item": {}}, {}], "resourceType": "List"})).layout == (
        (1, "other_resource"),
    )
    assert read(document(tmp_path, {"entry": {}, "resourceType": "Bundle"})).rows == 0


def test_entries_that_are_no_resources(tmp_path: Path) -> None:
    table = read(
        document(tmp_path, {"entry": [None, 5, {"request": {}}, {"resource": PATIENT}], "resourceType": "Bundle"})
    )
    assert table.rejects == ((1, "not_fhir"), (2, "not_fhir"), (3, "not_fhir"))
    assert table.rows == 4


def test_a_bundle_that_goes_on_elsewhere_is_noted(tmp_path: Path) -> None:
    page = bundle(observation(**RATIO), link=[{"relation": "self"}, {"relation": "next", "url": "urn:next"}])
    assert read(document(tmp_path, page)).notes == {"bundle_has_more_pages": 1}
    assert read(document(tmp_path, bundle(PATIENT, link=[{"relation": "self"}]))).notes == {}


def test_a_byte_order_mark_and_no_last_line_end(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.ndjson"
    path.write_bytes(
        b"\xef\xbb\xbf\n" + json.dumps(PATIENT).encode() + b"\n" + json.dumps(observation(**RATIO)).encode()
    )
    assert (read(path).rows, cells(read(path))) == (3, [["3", "1", "1:640"]])
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(bundle(observation(**RATIO)), indent=1).encode() + b"\n\n")
    assert cells(read(path)) == [["1", "1", "1:640"]]


def test_a_first_line_that_is_torn_does_not_make_a_document(tmp_path: Path) -> None:
    table = read(lines_of(tmp_path, '{"resourceType": "Observ', observation(**RATIO)))
    assert table.rejects == ((1, "not_json"),)
    assert cells(table) == [["2", "1", "1:640"]]
    assert read(lines_of(tmp_path, "garbage", observation(**RATIO))).rejects == ((1, "not_json"),)


CODES = [
    "file_empty",
    "undecodable_bytes",
    "nul_bytes",
    "cell_too_long",
    "line_too_long",
    "too_many_rows",
    "not_fhir",
    "not_json",
    "nested_bundle",
    "document_too_large",
    "blank",
    "other_resource",
    "panel_parent",
    "bundle_has_more_pages",
    "not_hl7",
    "message_type_undeclared",
    "unreadable_segment",
    "footer_missing",
    "footer_total_differs",
    "message_header",
    "patient",
    "order",
    "specimen",
    "note",
    "other_segment",
    "order_detail",
    "document",
]


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_message_readers_is_explained(code: str) -> None:
    assert code in MESSAGES


# --- which bytes are FHIR -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [b'{"resourceType"', b'\xef\xbb\xbf{\n  "', b"[\n {", b"{", b"[]", b" \n{ }"])
def test_the_head_of_json_is_known(head: bytes) -> None:
    assert looks_like_fhir(head)


@pytest.mark.parametrize("head", [b"", b"patient,result", b"MSH|^~\\&|", b"[1:800]", b"{1}", b'"text"', b"17"])
def test_other_heads_are_not(head: bytes) -> None:
    assert not looks_like_fhir(head)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("   \n \n", "begins with no JSON"),
        ("patient,result\nP000017,1:800\n", "begins with no JSON"),
        ('{"patient": "P000017"}', "says no resourceType"),
        ('{"resourceType": 5}', "says no resourceType"),
        ('{"patient": "P000017"}\n{"patient": "P000018"}\n', "no row of the file is a FHIR resource"),
        ('["P000017"]', "no row of the file is a FHIR resource"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}', "cut short"),
        ('{"resourceType": "Bundle", "entry": [{"resource": "P000017"', "cut short"),
        ('{"resourceType": "Bundle", "entry": [] "x": 1}', "cut short"),
        ('{"resourceType": "Bundle", "entry": [{} {}]}', "cut short"),
        ('{"resourceType": "Bundle", "entry": []', "cut short"),
        ('{"resourceType": "Bundle" "entry": []}', "cut short"),
        ('{"resourceType" "Bundle"}', "cut short"),
        ('{"resourceType": "Bundle", "resourceType": "Bundle"}', "twice"),
        ('{17: "Bundle"}', "no string"),
        ('{"resourceType": "Bundle"} P000017', "text behind its end"),
        ('[{"resourceType": "Patient", "x": 1, "x": 2}]', "twice"),
        ('[{"resourceType": "Patient", "x": NaN}]', "NaN"),
        ("[" * 100_000, "cut short"),
        ("{", "cut short"),
        ("[", "cut short"),
    ],
)
def test_files_that_are_no_fhir_are_held(tmp_path: Path, text: str, detail: str) -> None:
    error = refused(document(tmp_path, text))
    assert error.code == "not_fhir"
    assert detail in error.detail
    assert "P000017" not in str(error)
    assert error.__cause__ is None


def test_bytes_that_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "synthetic.json"
    for content, code in (
        (b"", "file_empty"),
        ('{"a": 1}'.encode("utf-16"), "undecodable_bytes"),
        (b'{"a": "\0"}', "nul_bytes"),
    ):
        path.write_bytes(content)
        assert refused(path).code == code
    monkeypatch.setattr(fhir_file, "MAX_DOCUMENT", 100)
    error = refused(document(tmp_path, bundle(PATIENT, PATIENT)))
    assert (error.code, "NDJSON" in error.detail) == ("document_too_large", True)
    monkeypatch.setattr(fhir_document, "MAX_ENTRIES", 1)
    monkeypatch.setattr(fhir_file, "MAX_DOCUMENT", 1000)
    assert refused(document(tmp_path, bundle(PATIENT, PATIENT))).code == "too_many_rows"
    assert read(document(tmp_path, bundle(PATIENT))).rows == 1


@pytest.mark.parametrize("value", ["a\0b", "x" * 1_000_001])
def test_cells_no_table_should_hold(tmp_path: Path, value: str) -> None:
    error = refused(lines_of(tmp_path, PATIENT, observation(valueString=value)))
    assert error.code == ("nul_bytes" if "\0" in value else "cell_too_long")
    assert "row 2" in error.detail


def test_long_lines_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_file, "MAX_LINE", 300)
    monkeypatch.setattr(fhir_file, "_CHUNK", 100)
    long = observation(valueString="x" * 1000)
    table = read(lines_of(tmp_path, observation(**RATIO), long, observation(**RATIO), long))
    assert table.rejects == ((2, "line_too_long"), (4, "line_too_long"))
    assert [line[0] for line in cells(table)] == ["1", "3"]
    assert read(lines_of(tmp_path, long, observation(**RATIO))).rejects == ((1, "line_too_long"),)
    # alone it is a document, which has a limit of its own
    assert len(cells(read(document(tmp_path, long)))) == 1


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = "[" * 101 + "]" * 101
    bomb = '{"resourceType": "Observation", "x": ' + deep + "}"
    table = read(lines_of(tmp_path, bomb, observation(**RATIO), "[" * 200_000, '{"a":' * 200_000))
    assert table.rejects == ((1, "not_json"), (3, "not_json"), (4, "not_json"))
    table = read(document(tmp_path, f"[{bomb}, {json.dumps(observation(**RATIO))}]"))
    assert table.rejects == ((1, "not_json"),)
    assert len(cells(table)) == 1


def test_depth_counts_brackets_outside_strings_only() -> None:
    check_depth(json.dumps(["[" * 200, {}]), 0, 300)
    wide = json.dumps([[]] * 200)
    check_depth(wide, 0, len(wide))
    with pytest.raises(NotJson):
        parsed("[" * 101 + "]" * 101)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', "NaN", "[Infinity]", "{", "", "1 2", "{'a': 1}"])
def test_json_that_can_be_read_in_two_ways_or_none(text: str) -> None:
    with pytest.raises(NotJson) as caught:
        parsed(text)
    assert caught.value.__cause__ is None


def test_half_a_character_is_rejected(tmp_path: Path) -> None:
    table = read(
        lines_of(tmp_path, '{"resourceType": "Observation", "valueString": "\\ud83d"}', observation(valueString="ü"))
    )
    assert table.rejects == ((1, "not_json"),)
    assert cells(table) == [["2", "1", "ü"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='",[]{}:\\entry x', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["entry", "a", 'b"', "["]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.lists(json_values, max_size=5),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.dictionaries(st.text(), json_values, max_size=2),
)
def test_rows_of_a_document_are_counted_as_they_are_read(
    entries: list[Any], indent: int | None, is_bundle: bool, beside: dict[str, Any]
) -> None:
    whole = {**beside, "entry": entries, "resourceType": "Bundle"} if is_bundle else entries
    text = json.dumps(whole, indent=indent)
    found = Document(text)
    assert found.count() == len(entries) == len(list(found.elements()))
    assert [json.loads(text[start:end]) for start, end, _ in found.elements()] == entries
    assert json.loads(compact(text)) == whole
    assert compact(text) == json.dumps(whole, separators=(",", ":"))


# --- values ---------------------------------------------------------------------------------------------------------


def quantity(**members: Any) -> dict[str, Any]:
    return {"valueQuantity": members}


@pytest.mark.parametrize(
    ("members", "text", "unit"),
    [
        (quantity(value=640), "640", ""),
        (quantity(value=48.5, unit="index", code="{index_val}"), "48.5", "{index_val}"),
        (quantity(value=48.5, unit="index"), "48.5", "index"),
        (quantity(comparator="<", value=400), "<400", ""),
        (quantity(comparator=">=", value=51200, code="{titer}"), ">=51200", "{titer}"),
        (quantity(comparator="<"), "<", ""),
        (quantity(code="%"), "", "%"),
        (quantity(value="48,5"), "48,5", ""),
        (RATIO, "1:640", "{titer}"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 320, "comparator": "<"}}}, "<1:320", "{titer}"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 5120, "comparator": ">="}}}, ">=1:5120", "{titer}"),
        ({"valueRatio": {"numerator": {"value": 1, "comparator": "<"}, "denominator": {"value": 320}}}, "(<1):320", "{titer}"),
        ({"valueRatio": {"numerator": {"value": 2}, "denominator": {"value": 5}}}, "2:5", ""),
        ({"valueRatio": {"numerator": {"value": 1}}}, "incomplete ratio", "{titer}"),
        ({"valueRatio": {"denominator": {"value": 640}}}, "incomplete ratio", ""),
        ({"valueString": "<1:400"}, "<1:400", ""),
        ({"valueInteger": 800}, "800", ""),
        ({"valueBoolean": True}, "TRUE", ""),
        ({"valueBoolean": False}, "FALSE", ""),
        ({"valueCodeableConcept": {"text": "weak", "coding": [{"display": "Positive", "code": "POS"}]}}, "weak", ""),
        ({"valueCodeableConcept": {"coding": [{"display": "Positive", "code": "POS"}]}}, "Positive", ""),
        ({"valueCodeableConcept": {"coding": [{"code": "POS"}, {"display": "Positive"}]}}, "POS", ""),
        ({"valueCodeableConcept": {}}, "", ""),
        ({"valueCodeableConcept": {"coding": ["POS"]}}, "", ""),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 5.50}}}, "1-5.5", ""),
        ({"valueRange": {"high": {"value": 5}}}, "..-5", ""),
        ({"valueDateTime": "2024-01-05"}, "2024-01-05", ""),
        ({"valuePeriod": {"start": "2024-01-05"}}, "valuePeriod", ""),
        ({"valueString": "neg", "valueInteger": 0}, "neg~0", ""),
        ({"valueString": None}, "", ""),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}], "text": "too little"}}, "not-performed", ""),
        ({"dataAbsentReason": {"text": "too little"}}, "too little", ""),
        ({"dataAbsentReason": "unknown"}, "", ""),
        ({"valueString": "neg", "dataAbsentReason": {"text": "too little"}}, "neg", ""),
        ({}, "", ""),
        ({"values": "none", "value": "none"}, "", ""),
    ],
)  # fmt: skip
def test_values_and_units(tmp_path: Path, members: dict[str, Any], text: str, unit: str) -> None:
    table = read(lines_of(tmp_path, PATIENT, observation(**members)), [*RESULT, Wanted("unit", "unit")])
    assert cells(table) == [["2", "1", text, unit]]


@pytest.mark.parametrize(
    "number", ["0.10", "1e3", "1E-7", "12345678901234567890123", "0.1000000000000000055511151231257827", "-0", "800.5"]
)
def test_numbers_keep_every_digit(tmp_path: Path, number: str) -> None:
    assert one(tmp_path, "value", json.loads("{}") | observation(valueString="first")) == ["first"]
    path = lines_of(tmp_path, f'{{"resourceType": "Observation", "valueQuantity": {{"value": {number}}}}}')
    assert [line[2] for line in cells(read(path))] == [number]


def test_an_empty_fraction_is_no_group_of_digits(tmp_path: Path) -> None:
    quantity = '{"resourceType": "Observation", "valueQuantity": {"value": 800.000}}'
    ratio = ('{"resourceType": "Observation", "valueRatio": {"numerator": {"value": 1.0}, '
             '"denominator": {"comparator": "<", "value": 400.000}}}')  # fmt: skip
    assert [line[2] for line in cells(read(lines_of(tmp_path, quantity, ratio)))] == ["800", "<1:400"]


def test_no_observation_has_that_many_results(tmp_path: Path) -> None:
    component = {"code": {"text": "x"}, "valueString": "y"}
    table = read(lines_of(tmp_path, observation(component=[component] * 201), observation(valueString="z")))
    assert table.rejects == ((1, "too_many_results"),)
    assert len(cells(table)) == 1


# --- parts ----------------------------------------------------------------------------------------------------------


def test_components_are_slots_with_the_rest_in_common(tmp_path: Path) -> None:
    igm = {"code": {"text": "GM1 IgM"}, **RATIO, "interpretation": [{"text": "positive"}]}
    igg = {"code": {"text": "GM1 IgG"}, "dataAbsentReason": {"coding": [{"code": "error"}]}}
    parent = observation(
        id="o1", code={"text": "Panel"}, interpretation=[{"text": "seen"}], component=[igm, igg, "odd"]
    )
    wanted = [*RESULT, Wanted("code.text"), Wanted("id"), Wanted("interpretation.text"), Wanted("unit", "unit")]
    assert cells(read(lines_of(tmp_path, PATIENT, parent), wanted)) == [
        ["2", "1", "1:640", "GM1 IgM", "o1", "positive", "{titer}"],
        ["2", "2", "error", "GM1 IgG", "o1", "", ""],
        ["2", "3", "", "", "o1", "", ""],
    ]


def test_a_whole_with_a_value_of_its_own_is_the_first_slot(tmp_path: Path) -> None:
    parent = observation(valueString="whole", component=[{"valueString": "part"}])
    assert one(tmp_path, "value", parent) == ["whole", "part"]


def test_components_without_value_take_the_reason_of_the_whole(tmp_path: Path) -> None:
    own = {"dataAbsentReason": {"text": "own"}}
    parent = observation(dataAbsentReason={"text": "whole"}, component=[{}, own, {"valueString": "neg"}])
    assert one(tmp_path, "value", parent) == ["whole", "own", "neg"]


def test_panels_group_unless_they_say_something(tmp_path: Path) -> None:
    members = [{"reference": "Observation/o1"}]
    assert one(tmp_path, "value", observation(hasMember=members, valueString="pos")) == ["pos"]
    assert one(tmp_path, "value", observation(hasMember=members, dataAbsentReason={"text": "error"})) == ["error"]
    assert one(tmp_path, "value", observation(hasMember=members, component=[{"valueString": "neg"}])) == ["neg"]
    assert read(lines_of(tmp_path, observation(hasMember=members))).layout == ((1, "panel_parent"),)
    assert one(tmp_path, "value", observation(component=[])) == [""]


def test_results_contained_in_a_report_are_its_slots(tmp_path: Path) -> None:
    contained = [
        PATIENT | {"id": "p9"},
        observation(valueString="neg", subject={"reference": "#p9"}),
        observation(**RATIO),
    ]
    report = {"resourceType": "DiagnosticReport", "contained": contained}
    table = read(lines_of(tmp_path, report), [*RESULT, Wanted("subject->identifier.value")])
    assert cells(table) == [["1", "1", "neg", "P000017"], ["1", "2", "1:640", ""]]


# --- places ---------------------------------------------------------------------------------------------------------

CODED = observation(
    code={"coding": [{"system": "urn:local", "code": "GM1M"}, {"system": "http://loinc.org", "code": "51703-7", "userSelected": True}]},
    identifier=[{"value": "A1"}, {"type": {"coding": [{"code": "FILL"}]}, "value": "A2"}],
    note=[{"text": "one"}], effectivePeriod={"start": "2024-01-05"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("status", "final"), ("code.coding.code", "GM1M"), ("code.coding[1].code", "51703-7"), ("code.coding[2].code", ""),
        ("code.coding[system=http://loinc.org].code", "51703-7"), ("code.coding[system=urn:none].code", ""),
        ("code.coding[userSelected=TRUE].code", "51703-7"), ("identifier[type.coding.code=FILL].value", "A2"),
        ("code.coding[system=http://loinc.org][0].code", "51703-7"), ("effectivePeriod.start", "2024-01-05"),
        ("code", ""), ("code.coding", ""), ("status.code", ""), ("none.at.all", ""), ("subject.reference", "Patient/p1"),
        ("subject[reference=Patient/p1].reference", "Patient/p1"), ("note.text", "one"), ("code.coding[code=GM1M].userSelected", ""),
    ],
)  # fmt: skip
def test_addresses(tmp_path: Path, address: str, cell: str) -> None:
    assert one(tmp_path, address, CODED) == [cell]


@pytest.mark.parametrize(
    "address", ["", ".", "a..b", "a.", "a->", "->a", "a[", "a[]", "a[x]", "a[1", "a b", "a[=x]", "1a", "a[-1]", "a->.b"]
)
def test_what_is_no_address(tmp_path: Path, address: str) -> None:
    assert not is_place(address, "fhir")
    with pytest.raises(ValueError, match=r"no place|neither"):
        read(lines_of(tmp_path, PATIENT), [Wanted(address)])


def test_places_are_places() -> None:
    places = ["value", "unit", "subject->identifier.value", "a[1].b[x.y=z->]", "specimen->type.coding.code"]
    assert all(is_place(one, "fhir") for one in places)


SUBJECT = "subject->identifier[system=urn:syn].value"


def test_references_inside_the_file(tmp_path: Path) -> None:
    specimen = {
        "resourceType": "Specimen",
        "id": "s1",
        "type": {"coding": [{"code": "SER"}]},
        "subject": {"reference": "Patient/p1"},
    }
    lab = {"resourceType": "Organization", "id": "l1", "name": "Synthetic Laboratory"}
    result = observation(specimen={"reference": "Specimen/s1/_history/2"}, performer=[{"reference": "Organization/l1"}])
    path = lines_of(tmp_path, result, specimen, lab, PATIENT)  # what is referred to may follow
    wanted = [
        Wanted(place)
        for place in (SUBJECT, "specimen->type.coding.code", "performer->name", "specimen->subject->identifier.value")
    ]
    assert cells(read(path, wanted)) == [["1", "1", "P000017", "SER", "Synthetic Laboratory", "P000017"]]


def test_references_by_full_url(tmp_path: Path) -> None:
    whole = {"resourceType": "Bundle", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": PATIENT | {"id": None}},
        {"fullUrl": 5, "resource": observation(subject={"reference": "urn:uuid:1"})},
    ]}  # fmt: skip
    assert [line[2] for line in cells(read(document(tmp_path, whole), [Wanted(SUBJECT)]))] == ["P000017"]


@pytest.mark.parametrize(
    "subject",
    [None, {}, "Patient/p1", {"reference": 5}, {"reference": "Patient/p2"}, {"reference": "#p1"}, {"reference": "Patient/p3"},
     {"reference": "https://elsewhere.example/fhir/Patient/p1"}, {"display": "SYNTHETIC"}],
)  # fmt: skip
def test_references_that_find_nothing_sure_give_nothing(tmp_path: Path, subject: Any) -> None:
    others = [
        PATIENT | {"id": "p3"},
        {"resourceType": "Patient", "id": "p3", "identifier": [{"system": "urn:syn", "value": "P9"}]},
    ]
    assert one(tmp_path, SUBJECT, PATIENT, *others, observation(subject=subject)) == [""]


def test_the_same_resource_twice_is_still_sure(tmp_path: Path) -> None:
    assert one(tmp_path, SUBJECT, PATIENT, PATIENT | {"active": True}, observation()) == ["P000017"]


def test_contained_resources(tmp_path: Path) -> None:
    result = observation(subject={"reference": "#c"}, contained=[PATIENT | {"id": "c"}, "odd"])
    assert one(tmp_path, SUBJECT, result) == ["P000017"]
    assert one(tmp_path, SUBJECT, result | {"contained": [PATIENT | {"id": "c"}] * 2}) == [""]
    assert one(tmp_path, SUBJECT, result | {"contained": "odd"}) == [""]


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day", "instant"),
    [
        ("2024-01-05", "2024-01-05", "2024-01-05"), ("2024-01-05T23:30:00-05:00", "2024-01-05", "2024-01-06 04:30:00"),
        ("2024-01-05T08:15:00.123Z", "2024-01-05", "2024-01-05 08:15:00"), ("2024-01-05T08:15+01:00", "2024-01-05", "2024-01-05 07:15:00"),
        ("2024-01-05T08:15:00", "2024-01-05", "2024-01-05 07:15:00"), ("2024-01", "2024-01", "2024-01"), ("2024-02-30", "2024-02-30", "2024-02-30"),
        ("2024-01-05T08:15:60Z", "2024-01-05T08:15:60Z", "2024-01-05T08:15:60Z"), ("05.01.2024", "05.01.2024", "05.01.2024"), ("", "", ""),
    ],
)  # fmt: skip
def test_dates_and_instants(tmp_path: Path, moment: str, day: str, instant: str) -> None:
    shape = FileShape(form="fhir", time_zone="Europe/Berlin")
    result = observation(effectiveDateTime=moment)
    assert one(tmp_path, "effectiveDateTime", result, kind="date", shape=shape) == [day]
    assert one(tmp_path, "effectiveDateTime", result, kind="instant", shape=shape) == [instant]


def test_a_time_without_zone_stays_as_it_is(tmp_path: Path) -> None:
    assert one(tmp_path, "issued", observation(issued="2024-01-05T08:15:00"), kind="instant") == ["2024-01-05T08:15:00"]
