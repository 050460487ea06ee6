"""The columns only a titre has: what was measured (by column, test code or laboratory), its unit and its result."""

from pipeline.ingest.expressions import first_known, meaning, one_of
from pipeline.ingest.layers import Layers
from pipeline.ingest.results import (
    candidate_layer,
    form_expression,
    kind_layer,
    outcome_layer,
    signed_layer,
    split_layer,
)
from pipeline.ingest.values import is_well_formed
from pipeline.labs.model import UNITS, LabFormat
from pipeline.records import ANALYTES_OF_INTEREST

_OF_TEST = ("antigen", "isotype", "specimen", "assay", "unit", "reads", "panel", "role")


def titre_layers(layers: Layers, lab_format: LabFormat) -> None:
    """Put the layers of a titre on top of its typed cells."""
    layers.add(*(f"{_of_test(lab_format, name)} AS k_{name}" for name in _OF_TEST), *_of_lab(lab_format))
    layers.add(
        *(f"{_column_or_test(lab_format, name)} AS {name}" for name in ("antigen", "isotype", "specimen")),
        f"{first_known(_value(lab_format, 'assay'), 'k_assay', 'l_assay')} AS assay",
        "coalesce(k_unit, l_unit) AS declared_unit",
        f"{_stated_unit(lab_format)} AS stated_unit",
    )
    layers.add(
        f"CASE WHEN {_text(lab_format, 'unit')} IS NULL THEN coalesce(stated_unit, declared_unit) "
        "ELSE stated_unit END AS unit"
    )
    layers.add(f"{form_expression()} AS form", signed_layer(lab_format))
    layers.add(split_layer())
    layers.add(candidate_layer(lab_format, _text(lab_format, "status")))
    layers.add(kind_layer(lab_format))
    layers.add(outcome_layer(), f"{_disposition(lab_format)} AS reason")


def titre_columns(lab_format: LabFormat) -> dict[str, str]:
    """The landed columns that the layers above give, by name."""
    accession = lab_format.columns["accession"]
    accession_text = "t_accession" if accession.source is not None else "CAST(NULL AS VARCHAR)"
    is_held = one_of("reason", ("performing_lab_undeclared", "unit_undeclared"))
    return {
        "accession_is_well_formed": is_well_formed(accession_text, accession.matches),
        "test_code_is_known": _test_code_is_known(lab_format),
        "antigen_agrees": _agrees(lab_format, "antigen"),
        "isotype_agrees": _agrees(lab_format, "isotype"),
        **{name: name for name in ("antigen", "isotype", "specimen", "assay", "unit", "comparator", "value")},
        **{name: name for name in ("result_kind", "result_problem", "word_meaning", "no_result_reason")},
        "panel": "k_panel",
        "panel_role": "k_role",
        "intake_disposition": f"CASE WHEN {is_held} THEN 'held' "
                              "WHEN reason IS NOT NULL THEN 'excluded' END",
        "intake_reason": "reason",
    }  # fmt: skip


def _text(lab_format: LabFormat, name: str) -> str:
    column = lab_format.columns.get(name)
    return f"t_{name}" if column is not None and column.source is not None else "NULL"


def _value(lab_format: LabFormat, name: str) -> str:
    return f"v_{name}" if name in lab_format.columns else "NULL"


def _of_test(lab_format: LabFormat, name: str) -> str:
    """What the declared test codes say about one field; NULL for other codes and for codes that leave it open."""
    said = {code: getattr(test, name) for code, test in lab_format.tests.items()}
    words = {code: str(value) for code, value in said.items() if value is not None}
    return f"CAST({meaning('v_test_code', words)} AS VARCHAR)" if words else "NULL::VARCHAR"


def _of_lab(lab_format: LabFormat) -> list[str]:
    labs = lab_format.performing_labs
    units = {name: lab.unit for name, lab in labs.items() if lab.unit is not None}
    assays = {name: lab.assay for name, lab in labs.items() if lab.assay is not None}
    return [
        f"CAST({meaning('v_performing_lab', words)} AS VARCHAR) AS l_{name}"
        for name, words in (("unit", units), ("assay", assays))
    ]


def _column_or_test(lab_format: LabFormat, name: str) -> str:
    """The column's meaning where its cell is filled, even when it has none; the test code's where the cell is empty."""
    text, value = _text(lab_format, name), _value(lab_format, name)
    if text == "NULL":
        return first_known(value, f"k_{name}")
    return f"CASE WHEN {text} IS NULL THEN k_{name} ELSE {value} END"


def _agrees(lab_format: LabFormat, name: str) -> str:
    value = _value(lab_format, name)
    return f"{value} = k_{name}" if value != "NULL" else "NULL::BOOLEAN"


def _test_code_is_known(lab_format: LabFormat) -> str:
    if not lab_format.tests:
        return "NULL::BOOLEAN"
    return one_of("v_test_code", lab_format.tests)


def _stated_unit(lab_format: LabFormat) -> str:
    """The unit of the cell or constant; NULL for one outside the units of the canonical record."""
    value = _value(lab_format, "unit")
    return f"CASE WHEN {one_of(value, UNITS)} THEN {value} END" if value != "NULL" else "NULL::VARCHAR"


def _disposition(lab_format: LabFormat) -> str:
    """The reason a result is set aside: excluded (a control, another analyte) before held (something undeclared).

    Another analyte is one that neither the column nor the test code calls of interest: where they disagree, the row
    goes on to the checks and back to the sender.
    """
    unit_text = _text(lab_format, "unit")
    cases = [
        "WHEN exclusion IS NOT NULL THEN exclusion",
        f"WHEN NOT {one_of('antigen', ANALYTES_OF_INTEREST)} "
        f"AND coalesce(NOT {one_of('k_antigen', ANALYTES_OF_INTEREST)}, true) THEN 'other_analyte'",
        f"WHEN NOT {one_of('v_performing_lab', lab_format.performing_labs)} THEN 'performing_lab_undeclared'",
    ]
    if unit_text != "NULL":
        cases.append(f"WHEN {unit_text} IS NOT NULL AND (unit IS NULL OR unit <> declared_unit) THEN 'unit_undeclared'")
    return f"CASE {' '.join(cases)} END"
