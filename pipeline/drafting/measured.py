"""Who measured, in which unit, and what the laboratory's test codes stand for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from pipeline.drafting.coded import MOST_WORDS, may_show
from pipeline.drafting.codes import Known, Row, tests_of
from pipeline.drafting.columns import cells_of
from pipeline.drafting.findings import Guess, is_undecided, undecided
from pipeline.drafting.identifiers import exclusions_in
from pipeline.drafting.lexicon import is_missing_marker
from pipeline.drafting.model import ColumnDraft, TableDraft
from pipeline.drafting.units import unit_of
from pipeline.drafting.whole import Sheet, filled_cells

_METHOD = "name of the method as the cut-offs write it (for example ELISA)"


def performing_labs_of(sheet: Sheet, has_test_units: bool) -> tuple[dict[str, dict[str, Guess]], TableDraft]:
    """The laboratories that measured, with unit and method; and the table, where its slots need units of their own."""
    table = sheet.table
    column = table.columns["performing_lab"]
    cells = filled_cells(sheet, "performing_lab")
    names = sorted(set(cells))
    if column.source is None:
        names = [column.constant.value if column.constant else ""]
    elif not _are_codes(names, cells, sheet.assigned.identifiers):
        names = ["TODO: the codes of the laboratories in this column"]
    if table.slots:
        units = _slot_units(sheet)
        if len({unit.value for unit in units}) > 1:
            slots = [
                {**slot, "unit": ColumnDraft(constant=unit)} for slot, unit in zip(table.slots, units, strict=True)
            ]
            table = replace(table, slots=tuple(slots))
            has_test_units = True
        unit = units[0]
    else:
        unit = _unit(sheet)
    declared: dict[str, Guess] = {} if has_test_units else {"unit": unit}
    if "assay" not in table.columns:
        declared["assay"] = undecided(_METHOD)
    return {name: dict(declared) for name in names}, table


def _are_codes(names: Sequence[str], cells: Sequence[str], identifiers: frozenset[str]) -> bool:
    """Whether the names are few and come again and again, as a laboratory's do and a number of a sample does not."""
    is_few = len(names) <= MOST_WORDS and (
        2 * len(names) <= len(cells) or not any(re.search("[0-9]", one) for one in names)
    )
    return is_few and all(may_show(name, identifiers) for name in names)


def tests_in(sheet: Sheet) -> dict[str, dict[str, Guess]]:
    """The meaning of the test codes, where columns do not say antigen and isotype already."""
    wanted = [field for field in ("antigen", "isotype") if field not in sheet.table.columns]
    if "test_code" not in sheet.assigned.fields or not wanted:
        return {}
    rows = [Row(*cells) for cells in _rows(sheet, ("test_code", "result", "unit", "accession"))]
    known = Known(sheet.test_names, sheet.assigned.identifiers, _result_label(sheet))
    tests = tests_of([row for row in rows if row.code], wanted, known)
    return _with_units(tests, rows, sheet)


def _with_units(tests: dict[str, dict[str, Guess]], rows: Sequence[Row], sheet: Sheet) -> dict[str, dict[str, Guess]]:
    """The tests with a unit each, where they do not all have the same one."""
    if any("panel" in meaning for meaning in tests.values()):
        return {code: {"unit": _of_code(code, rows, sheet)} | meaning for code, meaning in tests.items()}
    units = {code: _of_code(code, rows, sheet) for code in tests}
    if len({unit.value for unit in units.values()}) <= 1:
        return tests
    return {code: meaning | {"unit": units[code]} for code, meaning in tests.items()}


def _of_code(code: str, rows: Sequence[Row], sheet: Sheet) -> Guess:
    mine = [row for row in rows if row.code == code]
    stated = _stated(sheet, {row.unit for row in mine if row.unit})
    return stated or unit_of([row.result for row in mine if row.result], _result_label(sheet))


def _unit(sheet: Sheet) -> Guess:
    cells = filled_cells(sheet, "result")
    if "unit" in sheet.assigned.fields:
        return _stated(sheet, set(filled_cells(sheet, "unit"))) or undecided("the unit; the column holds several")
    return unit_of(cells, _result_label(sheet))


def _stated(sheet: Sheet, words: set[str]) -> Guess | None:
    """The one unit that some cells of the unit column mean; None when there is none or they differ."""
    declared = sheet.table.columns["unit"].words if "unit" in sheet.table.columns else None
    meanings = {(declared or {})[word].value for word in words if word in (declared or {})}
    if len(meanings) != 1:
        return None
    meaning = meanings.pop()
    return undecided("the unit") if is_undecided(meaning) else Guess(meaning, "by the column of units")


def _slot_units(sheet: Sheet) -> list[Guess]:
    """The unit of each slot; one without any result is taken for what all others are."""
    units = [_slot_unit(sheet, slot) for slot in sheet.table.slots]
    decided = {unit.value: unit for unit in units if not is_undecided(unit.value)}
    only = next(iter(decided.values())) if len(decided) == 1 else None
    return [only if only is not None and is_undecided(unit.value) else unit for unit in units]


def _slot_unit(sheet: Sheet, slot: Mapping[str, ColumnDraft]) -> Guess:
    position = sheet.grid.header.index(cast(str, slot["result"].source))
    label = sheet.grid.units[position] if position < len(sheet.grid.units) else ""
    found = unit_of(cells_of(sheet.grid, position), sheet.grid.header[position], label)
    if is_undecided(found.value) and "unit" in sheet.assigned.fields:
        return _unit(sheet)
    return found


def _result_label(sheet: Sheet) -> str:
    """What header and units row say about the result, as one text."""
    if "result" not in sheet.assigned.fields:
        header = sheet.table.columns["result"].source if "result" in sheet.table.columns else None
        return header or ""
    position = sheet.assigned.fields["result"]
    units = sheet.grid.units[position] if position < len(sheet.grid.units) else ""
    return f"{sheet.grid.header[position]} ({units})" if units else sheet.grid.header[position]


def _rows(sheet: Sheet, fields: Sequence[str]) -> list[tuple[str, ...]]:
    at = [sheet.assigned.fields.get(field) for field in fields]
    apart = exclusions_in(filled_cells(sheet, "patient_id"))
    names = tuple(name for found in apart.values() for name in found)
    patient = sheet.assigned.fields.get("patient_id")
    rows = [row for row in sheet.grid.records if patient is None or not names or not row[patient].startswith(names)]
    return [tuple("" if one is None or is_missing_marker(row[one]) else row[one] for one in at) for row in rows]
