"""The SELECT that turns an export's text cells into canonical columns, generated from its YAML.

One row in, one row out: what cannot be read stays as text beside a NULL, and what the row is not meant for (a control,
another analyte, an undeclared laboratory) is written into its disposition. Columns beside the landed ones: `file`
(position of the file), `layout` (reason why the row holds no record, else NULL), `stated_rows` (a footer's total),
`patient_id_looks_named`, `kept_<n>` (text landed apart) and, of text tables, `number` and `given_slot`.
"""

from collections.abc import Callable, Mapping, Sequence

from pipeline.ingest.expressions import as_plain_unit, cell, full_match, literal, meaning, one_of, plain_unit
from pipeline.ingest.layers import Layers
from pipeline.ingest.pseudonym import patient_key
from pipeline.ingest.titres import titre_columns, titre_layers
from pipeline.ingest.values import date, instant, is_well_formed, measurement, whole_number
from pipeline.labs.fields import FIELDS, ZERO_WITHOUT_RESPONSE
from pipeline.labs.model import Column, FileShape, LabFormat
from pipeline.records import LANDED, VOCABULARY

# A family name and a given name, or an e-mail address, where a pseudonym or an accession number belongs.
NAMED = r"\p{Lu}[\p{L}'-]+, ?\p{Lu}[\p{L}.' -]+|[^@ ]+@[^@ ]+\.[A-Za-z]{2,}"
# Reasons by which one record slot of a row, not the row, holds no record.
OTHER_KIND, NOT_REQUESTED = "other_kind", "not_requested"
# Statuses that speak of an earlier report of the same result.
_DECIDING = ("corrected", "confirmed", "withdrawn")
# Filled in when the record is put together: they depend on the file and the row's place, not on its cells.
PLACE_COLUMNS = ("arrival_id", "row_number", "slot", "format_id", "sending_lab", "arrived_on")


def parse_select(lab_format: LabFormat, header: Sequence[str], texts: Sequence[str], is_numbered: bool = False) -> str:
    """The SELECT over `{source}` (columns c0, c1, ... in the order of `header`, and `file`) for one reading.

    `header` has the declared names, `texts` what stands in the file.
    """
    layers = Layers(_cells(lab_format, header, texts, is_numbered))
    layers.add(*(_typed(lab_format, name) for name in _mapped(lab_format) if lab_format.columns[name].words_by is None))
    layers.add(
        *(_typed_by(lab_format, name) for name in _mapped(lab_format) if lab_format.columns[name].words_by is not None)
    )
    if lab_format.record == "titre":
        titre_layers(layers, lab_format)
    return layers.final(_final_columns(lab_format, is_numbered))


def _mapped(lab_format: LabFormat) -> list[str]:
    return [name for name in FIELDS[lab_format.record] if name in lab_format.columns]


def _cells(lab_format: LabFormat, header: Sequence[str], shown: Sequence[str], is_numbered: bool) -> str:
    """The first layer: trimmed texts of the mapped cells, and what the raw row says about itself."""
    at = {name: position for position, name in enumerate(header)}
    missing = lab_format.shape.missing
    texts = [
        f"{cell(at[column.source], (*missing, *_not_measured(name, column)))} AS t_{name}"
        for name, column in lab_format.columns.items()
        if column.source is not None
    ]
    return ",\n        ".join([
        "file",
        *(("number", "given_slot") if is_numbered else ()),
        *texts,
        *(f"nullif(trim(c{at[name]}), '') AS kept_{place}" for place, name in enumerate(lab_format.kept)),
        f"{_excluded(lab_format, at)} AS exclusion",
        f"{_layout(lab_format, header, shown)} AS layout",
        f"{_stated_rows(lab_format, header)} AS stated_rows",
    ])  # fmt: skip


def _not_measured(name: str, column: Column) -> tuple[str, ...]:
    """Words by which a column says that the nerve did not answer, where no answer leaves nothing to measure."""
    return () if name in ZERO_WITHOUT_RESPONSE else column.no_response


def _excluded(lab_format: LabFormat, at: Mapping[str, int]) -> str:
    cases = [
        f"WHEN regexp_matches(trim(c{at[exclusion.column]}), {literal(exclusion.matches)}) "
        f"THEN {literal(exclusion.reason)}"
        for exclusion in lab_format.exclusions
        if exclusion.column in at
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _layout(lab_format: LabFormat, header: Sequence[str], shown: Sequence[str]) -> str:
    """Rows without a record of this reading: every cell empty, the header once more, a footer, another kind of row."""
    columns = [f"c{position}" for position in range(len(header))]
    trimmed = [f"nullif(trim({name}), '')" for name in columns]
    cases = []
    if not lab_format.shape.is_message:
        is_blank = f"coalesce({', '.join(columns)}) IS NULL OR coalesce({', '.join(trimmed)}) IS NULL"
        is_header = " AND ".join(
            f"coalesce(trim({name}), '') = {literal(text)}" for name, text in zip(columns, shown, strict=True)
        )
        cases += [f"WHEN {is_blank} THEN 'blank'", f"WHEN {is_header} THEN 'repeated_header'"]
    if footer := lab_format.shape.footer:
        cases.append(f"WHEN regexp_matches({_line(lab_format, header)}, {literal(footer.matches)}) THEN 'footer'")
    if lab_format.when is not None:
        kind = f"coalesce(trim(c{header.index(lab_format.when.column)}), '')"
        cases.append(f"WHEN NOT regexp_matches({kind}, {literal(lab_format.when.matches)}) THEN '{OTHER_KIND}'")
    if lab_format.may_be_empty:
        result = cell(header.index(lab_format.columns["result"].source or ""), lab_format.shape.missing)
        cases.append(f"WHEN {result} IS NULL AND {_decides_nothing(lab_format, header)} THEN '{NOT_REQUESTED}'")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _decides_nothing(lab_format: LabFormat, header: Sequence[str]) -> str:
    """Whether the status leaves earlier reports alone: an empty cell of a withdrawal says that its result is gone."""
    column = lab_format.columns["status"]
    if column.source is None:
        return "false" if column.constant in _DECIDING else "true"
    words = [word for word, stands_for in (column.words or {}).items() if stands_for in _DECIDING]
    found = one_of(cell(header.index(column.source), lab_format.shape.missing), words)
    return f"NOT coalesce({found}, false)"


def _stated_rows(lab_format: LabFormat, header: Sequence[str]) -> str:
    footer = lab_format.shape.footer
    if footer is None or footer.stated_rows is None:
        return "NULL::VARCHAR"
    return f"nullif(regexp_extract({_line(lab_format, header)}, {literal(footer.stated_rows)}, 1), '')"


def _line(lab_format: LabFormat, header: Sequence[str]) -> str:
    cells = ", ".join(f"coalesce(c{position}, '')" for position in range(len(header)))
    return f"concat_ws({literal(lab_format.shape.delimiter)}, {cells})"


_PARSERS: Mapping[str, Callable[[str, FileShape], str]] = {
    "DATE": lambda text, shape: date(text, shape.date),
    "TIMESTAMP": instant,
    "DECIMAL(18,6)": measurement,
    "INTEGER": lambda text, shape: whole_number(text),
}


def _typed(lab_format: LabFormat, name: str) -> str:
    """The typed column v_<name>: a constant, a word's meaning, a parsed value; free text stays as it is."""
    column, text = lab_format.columns[name], f"t_{name}"
    kind = LANDED[lab_format.record].get(name, "VARCHAR")
    if column.constant is not None:
        return f"CAST({literal(column.constant)} AS {kind}) AS v_{name}"
    if name == "unit":
        words = {as_plain_unit(word): meant for word, meant in (column.words or {}).items()}
        # the declared spelling first: most cells have it, and need no translation
        return f"{meaning(text, column.words or {}, meaning(plain_unit(text), words, plain_unit(text)))} AS v_{name}"
    if column.words is not None:
        otherwise = "NULL" if name in VOCABULARY else text
        return f"{meaning(text, column.words, otherwise)} AS v_{name}"
    parser = _PARSERS.get(kind)
    value = parser(text, lab_format.shape) if parser else text
    return f"{_or_zero(text, value, column.no_response)} AS v_{name}"


def _or_zero(text: str, value: str, no_response: Sequence[str]) -> str:
    """The value, or zero for a declared word of a nerve that was stimulated and did not answer."""
    return f"CASE WHEN {one_of(text, no_response)} THEN 0 ELSE {value} END" if no_response else value


def _typed_by(lab_format: LabFormat, name: str) -> str:
    """The typed column of a word whose meaning depends on another coded column."""
    other, by_value = lab_format.columns[name].words_by or ("", {})
    cases = " ".join(f"WHEN {literal(value)} THEN {meaning(f't_{name}', words)}" for value, words in by_value.items())
    return f"CASE v_{other} {cases} END AS v_{name}"


def _final_columns(lab_format: LabFormat, is_numbered: bool) -> dict[str, str]:
    """Every landed column of the record but those of its place, in landed order; unmapped ones are NULL."""
    given = {"patient_key": patient_key("t_patient_id", lab_format.namespace),
             "patient_id_is_well_formed": is_well_formed("t_patient_id", lab_format.columns["patient_id"].matches),
             "intake_disposition": "CASE WHEN exclusion IS NOT NULL THEN 'excluded' END",
             "intake_reason": "exclusion"}  # fmt: skip
    if lab_format.dates_are_shifted:
        given["dates_are_shifted"] = "true"
    for name, column in lab_format.columns.items():
        given[name] = f"v_{name}"
        # a constant is as good as a cell: what the declaration says of every row is not missing
        given[f"{name}_text"] = f"t_{name}" if column.source is not None else literal(column.constant)
    if lab_format.columns["patient_id"].constant is not None:
        given |= {"patient_key": "NULL", "patient_id_is_well_formed": "NULL"}
    if lab_format.record == "titre":
        given |= titre_columns(lab_format)
    kinds = {name: kind for name, kind in LANDED[lab_format.record].items() if name not in PLACE_COLUMNS}
    landed = {name: given.get(name, f"CAST(NULL AS {kind})") for name, kind in kinds.items()}
    beside = {"file": "CAST(file AS INTEGER)", "layout": "layout", "stated_rows": "stated_rows",
              "patient_id_looks_named": _looks_named(lab_format, given["patient_id_is_well_formed"])}  # fmt: skip
    beside |= {f"kept_{place}": f"kept_{place}" for place, _ in enumerate(lab_format.kept)}
    beside |= {name: name for name in ("number", "given_slot")} if is_numbered else {}
    return {**beside, **landed}


def _looks_named(lab_format: LabFormat, is_well_formed: str) -> str:
    """Whether a person's name stands where a pseudonym should; an identifier of the declared pattern is none."""
    if lab_format.columns["patient_id"].source is None:
        return "false"
    is_named = full_match("t_patient_id", NAMED)
    return f"CASE WHEN {is_well_formed} THEN false ELSE coalesce({is_named}, false) END" \
        if lab_format.columns["patient_id"].matches else f"coalesce({is_named}, false)"  # fmt: skip
