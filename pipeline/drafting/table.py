"""One table of cells as the declaration of its columns: fields, words, constants, slots and what is ignored."""

import re
from collections.abc import Mapping, Sequence

from pipeline.drafting.analytes import antigen_of, isotype_of
from pipeline.drafting.coded import words_of
from pipeline.drafting.columns import Assigned, cells_of
from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.grid import Grid
from pipeline.drafting.identifiers import exclusions_in, pattern_of
from pipeline.drafting.model import ColumnDraft, TableDraft
from pipeline.drafting.units import NO_UNIT, unit_of
from pipeline.labs.fields import REQUIRED
from pipeline.records import VOCABULARY

_CODED_TEXT = ("unit",)
_QUESTIONS = {
    "accession": "the column with the number of the order or sample; none was recognised",
    "performing_lab": "the code of the laboratory that measures these results; no column names it",
    "status": "final, when only released results are exported; no column tells final from corrected ones",
}
# What a person is asked for: a constant, or else a header.
_CONSTANT = ("performing_lab", "status", "specimen")


def table_of(grid: Grid, assigned: Assigned, file_name: str) -> TableDraft:
    """The declaration of one table."""
    columns = {
        field: _column(field, grid, position, assigned)
        for field, position in sorted(assigned.fields.items(), key=_place)
    }
    slots = _slots(grid, assigned, file_name) if assigned.record == "titre" else []
    if len(slots) == 1:
        columns |= slots.pop()
    for field in REQUIRED[assigned.record]:
        if field not in columns and not (slots and field in slots[0]):
            columns[field] = _missing(field, assigned.record)
    if assigned.record == "titre":
        columns |= _of_antibody(columns, slots, grid, file_name)
    return TableDraft(
        record=Guess(assigned.record, assigned.why),
        columns=columns,
        slots=tuple(slots),
        if_empty=_if_empty(grid, assigned) if slots else None,
        ignored=assigned.ignored,
    )


def _place(item: tuple[str, int]) -> int:
    return item[1]


def _column(field: str, grid: Grid, position: int, assigned: Assigned) -> ColumnDraft:
    cells = cells_of(grid, position)
    header = grid.header[position]
    words = words_of(field, cells, assigned.identifiers) if field in VOCABULARY or field in _CODED_TEXT else None
    matches = None
    if field == "patient_id":
        apart = {name for names in exclusions_in(cells).values() for name in names}
        matches = pattern_of([cell for cell in cells if not cell.startswith(tuple(apart))])
    return ColumnDraft(header, None, assigned.why_fields, matches, words)


def _missing(field: str, record: str) -> ColumnDraft:
    question = f"the column with {field}; none was recognised"
    if record == "titre":
        question = _QUESTIONS.get(field, question)
    return ColumnDraft(constant=undecided(question)) if field in _CONSTANT else ColumnDraft(source=f"TODO: {question}")


def _of_antibody(
    columns: Mapping[str, ColumnDraft], slots: Sequence[Mapping[str, ColumnDraft]], grid: Grid, file_name: str
) -> dict[str, ColumnDraft]:
    """Antigen, isotype and specimen as constants, where neither a column nor a test code says them."""
    found: dict[str, ColumnDraft] = {}
    stem = re.sub(r"\.[A-Za-z0-9]+$", "", file_name)
    result = columns["result"].source or "" if "result" in columns else ""
    for field, read in (("antigen", antigen_of), ("isotype", isotype_of)):
        if field in columns or "test_code" in columns or slots:
            continue
        said = read(result) or read(stem)
        guess = (
            Guess(said, "by the header of the result or the name of the file") if said else undecided(f"the {field}")
        )
        found[field] = ColumnDraft(constant=guess)
    if "specimen" not in columns:
        why = "no column names the specimen, and serum is usual; CSF has other cut-offs"
        found["specimen"] = ColumnDraft(constant=Guess("serum", why))
    return found


def _slots(grid: Grid, assigned: Assigned, file_name: str) -> list[dict[str, ColumnDraft]]:
    """One slot for each antibody of a wide row: its number or titre, and its words where a second column has them."""
    groups: dict[tuple[str | None, str | None], list[int]] = {}
    for position in assigned.analytes:
        header = grid.header[position]
        antigen = antigen_of(header) or antigen_of(file_name.rpartition(".")[0])
        groups.setdefault((antigen, isotype_of(header)), []).append(position)
    return [_slot(grid, assigned, *names, positions) for names, positions in groups.items()]


def _slot(
    grid: Grid, assigned: Assigned, antigen: str | None, isotype: str | None, positions: Sequence[int]
) -> dict[str, ColumnDraft]:
    why = "by the header"
    measured = [at for at in positions if unit_of(cells_of(grid, at)) != NO_UNIT]
    result = (measured or list(positions))[0]
    header = grid.header[result]
    slot = {
        "test_code": ColumnDraft(
            constant=Guess(f"{antigen or header} {isotype or ''}".strip(), "a name for this slot")
        ),
        "antigen": ColumnDraft(constant=Guess(antigen, why) if antigen else undecided("the antigen")),
        "isotype": ColumnDraft(constant=Guess(isotype, why) if isotype else undecided("the isotype")),
        "result": ColumnDraft(source=header, why="its cells are results"),
    }
    words = [at for at in positions if at != result]
    for at in words[:1]:
        meant = words_of("lab_interpretation", cells_of(grid, at), assigned.identifiers)
        slot["lab_interpretation"] = ColumnDraft(source=grid.header[at], why="the words beside it", words=meant)
    for at in words[1:]:
        slot[f"TODO: {grid.header[at]}"] = ColumnDraft(source=grid.header[at])
    return slot


def _if_empty(grid: Grid, assigned: Assigned) -> Guess | None:
    cells = [row[at] for row in grid.records for at in assigned.analytes]
    empty = sum(not cell for cell in cells)
    if not empty:
        return None
    return Guess(
        "not_requested", f"{empty} of {len(cells)} result cells are empty; without this key such a slot is rejected"
    )
