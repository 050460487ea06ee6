"""What holds for a whole file: its dates, numbers, performing laboratories, test codes, result words and exclusions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from pipeline.drafting.coded import MOST_WORDS, may_show, result_words
from pipeline.drafting.codes import Known, Row, tests_of
from pipeline.drafting.columns import Assigned, cells_of
from pipeline.drafting.dates import Dates, dates_of
from pipeline.drafting.findings import Guess, is_undecided, undecided
from pipeline.drafting.grid import Grid
from pipeline.drafting.identifiers import exclusions_in
from pipeline.drafting.lexicon import is_missing_marker
from pipeline.drafting.model import ColumnDraft, ExclusionDraft, ResultDraft, TableDraft
from pipeline.drafting.numbers import marks_of, numbers_in
from pipeline.drafting.units import unit_of
from pipeline.records import LANDED, VOCABULARY

_IN_TIME = ("collected_on", "received_on", "reported_at")
_METHOD = "name of the method as the cut-offs write it (for example ELISA)"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file with its assigned columns and its declaration; `name` is None outside workbooks."""

    name: str | None
    grid: Grid
    assigned: Assigned
    table: TableDraft
    test_names: Mapping[str, str] = field(default_factory=dict)


def dates_in(sheets: Sequence[Sheet]) -> Dates:
    """The date formats that hold for all tables."""
    days: dict[str, list[str]] = {}
    instants: dict[str, list[str]] = {}
    order: list[list[str]] = []
    for sheet in sheets:
        kinds = LANDED[sheet.assigned.record]
        for name, position in sheet.assigned.fields.items():
            if kinds.get(name) in ("DATE", "TIMESTAMP"):
                group = days if kinds[name] == "DATE" else instants
                group.setdefault(name, []).extend(cells_of(sheet.grid, position))
        at = [sheet.assigned.fields[field] for field in _IN_TIME if field in sheet.assigned.fields]
        order += [[row[position] for position in at] for row in sheet.grid.records]
    return dates_of(
        {field: cells for field, cells in days.items() if cells},
        {field: cells for field, cells in instants.items() if cells},
        order,
    )


def marks_in(sheets: Sequence[Sheet]) -> tuple[Guess, Guess]:
    """Decimal and thousands mark, over the results and measurements of all tables."""
    numbers: list[str] = []
    for sheet in sheets:
        kinds = LANDED[sheet.assigned.record]
        fields = sheet.assigned.fields.items()
        wanted = [at for field, at in fields if field == "result" or kinds.get(field, "").startswith("DECIMAL")]
        for position in (*wanted, *sheet.assigned.analytes):
            numbers += numbers_in(cells_of(sheet.grid, position))
    return marks_of(numbers)


def missing_in(sheets: Sequence[Sheet]) -> list[str]:
    """The ways to write that nothing is given which occur in a column somebody reads."""
    found: dict[str, None] = {"": None}
    for sheet in sheets:
        for position in (*sheet.assigned.fields.values(), *sheet.assigned.analytes):
            found |= dict.fromkeys(row[position] for row in sheet.grid.records if is_missing_marker(row[position]))
    return list(found)


def exclusions_of(sheets: Sequence[Sheet]) -> list[ExclusionDraft]:
    """Rows of controls, calibrators, ring trials and test patients, by the identifiers that name them."""
    found = []
    for sheet in sheets:
        for name in ("patient_id", "accession"):
            if name not in sheet.assigned.fields:
                continue
            position = sheet.assigned.fields[name]
            for reason, names in exclusions_in(cells_of(sheet.grid, position)).items():
                pattern = f"^({'|'.join(re.escape(name).replace(chr(92) + ' ', ' ') for name in sorted(names))})"
                why = f"usual names of a {reason.replace('_', ' ')}"
                found.append(ExclusionDraft(sheet.grid.header[position], Guess(pattern, why), reason))
    return list({(one.column, one.reason, one.matches.value): one for one in found}.values())


def performing_labs_of(sheet: Sheet, has_test_units: bool) -> tuple[dict[str, dict[str, Guess]], TableDraft]:
    """The laboratories that measured, with unit and method; and the table, where its slots need units of their own."""
    table = sheet.table
    column = table.columns["performing_lab"]
    cells = _cells(sheet, "performing_lab")
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
    cells = _cells(sheet, "result")
    if "unit" in sheet.assigned.fields:
        return _stated(sheet, set(_cells(sheet, "unit"))) or undecided("the unit; the column holds several")
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


def results_of(sheet: Sheet) -> ResultDraft:
    """The words of the result columns, and what a person should know about texts that are not shown."""
    cells = _cells(sheet, "result")
    for slot in sheet.table.slots:
        cells += cells_of(sheet.grid, sheet.grid.header.index(cast(str, slot["result"].source)))
    if not sheet.table.slots and "result" not in sheet.assigned.fields and sheet.assigned.analytes:
        cells += cells_of(sheet.grid, sheet.assigned.analytes[0])
    words, no_result, others = result_words(cells)
    notes = [f"other texts without a digit in result cells: {others}; `gm1 labs check --example` says in which rows"]
    status = sheet.table.columns.get("status")
    said = {word: guess for word, guess in ((status.words if status else None) or {}).items() if _is_no_result(guess)}
    return ResultDraft(words, no_result, said, notes if others else ())


def settled(table: TableDraft) -> TableDraft:
    """The table with status words that say "no result" turned into final ones; the result section says the rest."""
    status = table.columns.get("status")
    if status is None or status.words is None:
        return table
    words = {word: Guess("final", guess.why) if _is_no_result(guess) else guess for word, guess in status.words.items()}
    return replace(table, columns={**table.columns, "status": replace(status, words=words)})


def _is_no_result(guess: Guess) -> bool:
    return not is_undecided(guess.value) and guess.value not in VOCABULARY["status"]


def _cells(sheet: Sheet, field: str) -> list[str]:
    return cells_of(sheet.grid, sheet.assigned.fields[field]) if field in sheet.assigned.fields else []


def _rows(sheet: Sheet, fields: Sequence[str]) -> list[tuple[str, ...]]:
    at = [sheet.assigned.fields.get(field) for field in fields]
    apart = exclusions_in(_cells(sheet, "patient_id"))
    names = tuple(name for found in apart.values() for name in found)
    patient = sheet.assigned.fields.get("patient_id")
    rows = [row for row in sheet.grid.records if patient is None or not names or not row[patient].startswith(names)]
    return [tuple("" if one is None or is_missing_marker(row[one]) else row[one] for one in at) for row in rows]
