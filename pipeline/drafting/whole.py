"""What holds for a whole file: its dates, numbers, missing markers, result words and exclusions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from pipeline.drafting.coded import result_words
from pipeline.drafting.columns import Assigned, cells_of
from pipeline.drafting.dates import Dates, dates_of
from pipeline.drafting.findings import Guess, is_undecided
from pipeline.drafting.grid import Grid
from pipeline.drafting.identifiers import exclusions_in
from pipeline.drafting.lexicon import is_missing_marker
from pipeline.drafting.model import ExclusionDraft, ResultDraft, TableDraft
from pipeline.drafting.numbers import marks_of, numbers_in
from pipeline.records import LANDED, VOCABULARY

_IN_TIME = ("collected_on", "received_on", "reported_at")


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


def results_of(sheet: Sheet) -> ResultDraft:
    """The words of the result columns, and what a person should know about texts that are not shown."""
    cells = filled_cells(sheet, "result")
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


def filled_cells(sheet: Sheet, field: str) -> list[str]:
    """The filled cells of the column that a field is read from; none when no column is."""
    return cells_of(sheet.grid, sheet.assigned.fields[field]) if field in sheet.assigned.fields else []
