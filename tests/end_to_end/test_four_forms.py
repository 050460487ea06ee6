"""The same results sent as CSV, XLSX, HL7 v2 and FHIR are the same records, and are interpreted alike."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import four_forms
import pytest
from four_forms import RESULTS

from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.records import LANDED
from pipeline.resources import RULES_DIR
from pipeline.settings import Settings
from pipeline.warehouse import build

FORMS: dict[str, tuple[str, Callable[[], dict[str, Any]], Callable[[Path], None]]] = {
    "delimited": ("results.csv", four_forms.csv_format, four_forms.write_csv),
    "workbook": ("results.xlsx", four_forms.workbook_format, four_forms.write_workbook),
    "hl7v2": ("results.hl7", four_forms.hl7_format, four_forms.write_hl7),
    "fhir": ("results.ndjson", four_forms.fhir_format, four_forms.write_fhir),
}
# Where a record stands: the bytes are others, and rows are counted in other units.
PLACE = ("arrival_id", "row_number")
# What each form has to write in its own way, and why; what it means (the column without `_text`) is compared.
OWN_WORDS = {
    "collected_on_text": "02.03.2024, a typed date, 202403020030+0100 and 2024-03-02T00:30:00+01:00 are one day",
    "reported_at_text": "HL7 and FHIR say an instant with its offset, which is landed in UTC; a spreadsheet says local time",
    "unit_text": "FHIR has no unit for a ratio: a ratio to one is a titre by itself",
    "status_text": "FHIR's own codes: final, amended, preliminary, entered-in-error, cancelled",
}
INTERPRETED = ("disposition", "interpretation", "reason_code", "rule_id", "is_primary_analyte", "agrees_with_lab")


@dataclass(frozen=True, slots=True)
class Form:
    """What became of the export of one form: landed and published results, in the order of RESULTS."""

    landed: list[dict[str, Any]]
    published: list[dict[str, Any]]
    manifest: dict[str, Any]


def rules(folder: Path) -> Path:
    """Invented cut-offs: titres positive from 800 on, index values equivocal from 30 to 50."""
    common = {"performing_lab": "QUA", "antigen": "GM1", "isotype": "IgM", "specimen": "serum", "valid_from": "2020-01-01",
              "source_id": "invented", "source_locator": "test", "approved_by": "test", "approved_on": "2020-01-01",
              "note": "invented for a test"}  # fmt: skip
    titre = common | {"assay": "ELISA", "unit": "{titer}"}
    index = common | {"assay": "INDEX", "unit": "{index_val}"}
    bands = [
        titre | {"rule_id": "QUA-T-POS", "interpretation": "positive", "at_or_above": "800"},
        titre | {"rule_id": "QUA-T-NEG", "interpretation": "negative", "below": "800"},
        index | {"rule_id": "QUA-X-POS", "interpretation": "positive", "above": "50"},
        index | {"rule_id": "QUA-X-EQV", "interpretation": "equivocal", "at_or_above": "30", "at_or_below": "50"},
        index | {"rule_id": "QUA-X-NEG", "interpretation": "negative", "at_or_below": "29"},
    ]
    folder.mkdir()
    columns = (RULES_DIR / "assay_cutoffs.csv").read_text().splitlines()[0].split(",")
    lines = [",".join(columns), *(",".join(band.get(name, "") for name in columns) for band in bands)]
    (folder / "assay_cutoffs.csv").write_text("\n".join(lines) + "\n")
    return folder


def taken_in(form: str, folder: Path) -> Form:
    """One home with one export, taken in and built."""
    name, declared, write = FORMS[form]
    home = Home.create(folder / "home", demo=True)
    inbox, labs = home.inbox / "quarry", folder / "labs"
    inbox.mkdir()
    labs.mkdir()
    (labs / "quarry.yaml").write_text(json.dumps(declared()))
    write(inbox / name)
    os.utime(inbox / name, (1_712_100_000, 1_712_100_000))
    given = Settings.load(home.root, {"GM1_RULES_DIR": str(rules(folder / "rules")), "GM1_THREADS": "2"})
    settings = replace(given, labs_dirs=(labs,))
    assert ingest(settings).exports_held == 0
    (manifest,) = [json.loads(path.read_text()) for path in home.landed.glob("*.manifest.json")]
    landed = rows_of(f"read_parquet('{home.landed}/titre/*.parquet')")
    with duckdb.connect(str(build(settings).warehouse_file), read_only=True) as connection:
        published = rows_of("mart_result", connection)
    return Form(landed, published, manifest)


def rows_of(source: str, connection: duckdb.DuckDBPyConnection | None = None) -> list[dict[str, Any]]:
    """The rows of a table, in the order of their places."""
    found = (connection or duckdb).execute(f"SELECT * FROM {source} ORDER BY row_number, slot")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Form]:
    """All four, taken in."""
    return {form: taken_in(form, tmp_path_factory.mktemp(form)) for form in FORMS}


def compared(form: Form) -> list[dict[str, Any]]:
    """The landed records without what each form has in its own way."""
    return [{name: row[name] for name in LANDED["titre"] if name not in (*PLACE, *OWN_WORDS)} for row in form.landed]


def test_the_delimited_export_lands_as_it_was_meant(forms: dict[str, Form]) -> None:
    """The others are compared with this one, so this one is compared with what was written."""
    landed = forms["delimited"].landed
    assert len(landed) == len(RESULTS)
    assert [row["accession"] for row in landed] == [one.accession for one in RESULTS]
    assert len({row["patient_key"] for row in landed}) == len({one.patient for one in RESULTS})
    assert {str(row["collected_on"]) for row in landed} == {"2024-03-02"}
    assert Counter(str(row["reported_at"]) for row in landed) == {"2024-03-29 22:15:00": 40, "2024-04-01 22:45:00": 4}
    kinds = {"titre": 21, "number": 13, "no_result": 3, "word": 3, None: 4}
    assert Counter(row["result_kind"] for row in landed) == kinds
    assert Counter(row["comparator"] for row in landed if row["comparator"]) == {"<": 3, "<=": 2, ">": 3, ">=": 2}
    assert Counter((row["intake_disposition"], row["intake_reason"]) for row in landed if row["intake_disposition"]) == {
        ("excluded", "control"): 2, ("excluded", "other_analyte"): 1, ("held", "performing_lab_undeclared"): 1,
        ("held", "unit_undeclared"): 1, ("rejected", "titre_result_present"): 1, ("rejected", "titre_result_word_declared"): 1,
        ("rejected", "titre_result_comparator_kept"): 1,
    }  # fmt: skip


@pytest.mark.parametrize("form", [form for form in FORMS if form != "delimited"])
def test_every_form_lands_as_the_same_records(forms: dict[str, Form], form: str) -> None:
    expected = compared(forms["delimited"])
    found = compared(forms[form])
    for one, is_like, result in zip(found, expected, RESULTS, strict=True):
        assert one == is_like | {"result_text": as_written(form, result)}, result.accession


def as_written(form: str, result: four_forms.Result) -> str | None:
    """The text of a result where the form has to write it in its own way; the delimited one has decimal commas."""
    if form == "fhir" and result.value in four_forms.FHIR_REASONS:
        return four_forms.FHIR_REASONS[result.value]  # there is a fixed list of reasons for having no value
    # a number that is no text keeps no empty fraction; in a workbook one with a comparator can only be text
    if result.value[-2:] == ".0" and (form != "workbook" or result.value[0].isdigit()):
        return result.value.removesuffix(".0")
    return result.value or None


@pytest.mark.parametrize("form", [form for form in FORMS if form != "delimited"])
def test_every_form_is_interpreted_alike(forms: dict[str, Form], form: str) -> None:
    expected, found = forms["delimited"].published, forms[form].published
    for name in INTERPRETED:
        assert [row[name] for row in found] == [row[name] for row in expected], name
    assert originals(forms[form]) == originals(forms["delimited"])


def originals(form: Form) -> list[int | None]:
    """For each result, which one it goes back to: by their order, since rows have other numbers in each form."""
    order = {row["row_number"]: place for place, row in enumerate(form.published)}
    return [order.get(row["original_row_number"]) for row in form.published]


def test_the_results_meet_every_fate(forms: dict[str, Form]) -> None:
    """What is compared above is not all alike."""
    published = forms["delimited"].published
    assert Counter(row["disposition"] for row in published) == {
        "used": 29, "superseded": 3, "withdrawn": 2, "held": 3, "duplicate": 1, "excluded": 3, "rejected": 3,
    }  # fmt: skip
    assert {row["interpretation"] for row in published} == {"positive", "equivocal", "negative", "not_evaluable", None}


@pytest.mark.parametrize(("form", "unit", "rows"), [("delimited", "line", 45), ("workbook", "row", 47),
                                                    ("hl7v2", "segment", 220), ("fhir", "resource", 134)])  # fmt: skip
def test_every_physical_row_is_accounted_for(forms: dict[str, Form], form: str, unit: str, rows: int) -> None:
    (entry,) = forms[form].manifest["arrivals"]
    assert (entry["row_unit"], entry["rows_counted"], entry["slots_counted"]) == (unit, rows, rows)
    assert (entry["rows"]["titre"], entry["rows"]["row"]) == (len(RESULTS), rows - len(RESULTS))
