"""Which column is which canonical field, by its header in six languages and by what its cells look like."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.drafting.analytes import antigen_of, isotype_of
from pipeline.drafting.dates import looks_like_dates
from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.grid import Grid
from pipeline.drafting.lexicon import is_missing_marker, meanings, plain, stands_for
from pipeline.drafting.numbers import numbers_in, titres_in
from pipeline.labs.fields import FIELDS
from pipeline.records import LANDED

# Two words of letters, perhaps with a comma, a title or a hyphen: what a column of names looks like.
_NAME = re.compile(r"[^\W\d_]{2,}[.’'-]?[^\W\d_]*,? +[^\W\d_]{2,}[^\d]*")
_REACHABLE = re.compile(r"\S+@\S+\.\S+|\+[0-9][0-9 ()/-]{7,}|0[0-9]{2,5}[ /-][0-9][0-9 -]{4,}")


@dataclass(frozen=True, slots=True)
class Assigned:
    """The columns of one table by field (positions), and the headers that no field takes, each with a reason."""

    record: str
    why: str
    fields: Mapping[str, int]
    analytes: tuple[int, ...]
    ignored: Mapping[str, Guess]
    identifiers: frozenset[str]
    why_fields: str = "by its header and the look of its cells"


def cells_of(grid: Grid, position: int) -> list[str]:
    """The filled cells of a column: neither empty nor a usual way to write that nothing is given."""
    return [row[position] for row in grid.records if not is_missing_marker(row[position])]


def assign(grid: Grid, record: str | None = None) -> Assigned:
    """Every column of a table, as a field of the record it most likely holds or as one to ignore."""
    kind, why = (record, "") if record else record_of(grid)
    taken: dict[str, int] = {}
    for position, header in enumerate(grid.header):
        cells = cells_of(grid, position)
        if _identifier(header, cells):
            continue
        for field in stands_for("headers", _last(header)) or stands_for("headers", header):
            if field in FIELDS[kind] and field not in taken and _suits(field, kind, cells):
                taken[field] = position
                break
    if _says_all(grid, taken):
        taken["test_code"] = taken.pop("antigen")
    analytes = _analytes(grid, taken) if kind == "titre" else ()
    rest = [at for at in range(len(grid.header)) if at not in (*taken.values(), *analytes) and grid.header[at]]
    ignored = {grid.header[at]: _why_ignored(grid.header[at], cells_of(grid, at), kind) for at in rest}
    secret = [at for at, header in enumerate(grid.header) if _identifier(header, cells_of(grid, at))]
    secret += [taken[field] for field in ("patient_id", "accession", "exam_id", "study_id") if field in taken]
    words = frozenset(plain(part) for at in secret for cell in cells_of(grid, at) for part in (cell, *cell.split()))
    return Assigned(kind, why, taken, analytes, ignored, words)


def _says_all(grid: Grid, taken: Mapping[str, int]) -> bool:
    """Whether the antigen's column gives names such as "GM1 IgM": what other laboratories call a test code."""
    is_alone = "antigen" in taken and not {"test_code", "isotype"} & set(taken)
    return is_alone and any(isotype_of(cell) for cell in set(cells_of(grid, taken["antigen"])))


def record_of(grid: Grid) -> tuple[str, str]:
    """The record that most headers belong to, and why; antibody results where nothing speaks for another."""
    named = [stands_for("headers", _last(header)) + stands_for("headers", header) for header in grid.header]
    scores = {record: len({f for found in named for f in found if f in fields}) for record, fields in FIELDS.items()}
    scores["titre"] += 2 * any(antigen_of(header) for header in grid.header)
    best = max(scores, key=lambda record: scores[record])
    return best, f"{scores[best]} headers speak for it, {max(v for k, v in scores.items() if k != best)} for another"


def _last(header: str) -> str:
    return header.rpartition(" / ")[2]


def _identifier(header: str, cells: Sequence[str]) -> str | None:
    """What a column says about who a patient is; None when it says nothing of that kind."""
    named = stands_for("identifiers", _last(header))
    means_field = stands_for("headers", _last(header))
    if named and not means_field:
        return named[0]
    may_be_name = named or "patient_id" in means_field or not (means_field or stands_for("set_aside", header))
    if may_be_name and _mostly(_NAME, cells) and not _is_known_text(cells):
        return "what looks like a name"
    if _mostly(_REACHABLE, cells):
        return "what looks like a telephone number or e-mail"
    return None


def _mostly(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return bool(cells) and 2 * sum(bool(pattern.fullmatch(cell)) for cell in cells) >= len(cells)


def _is_known_text(cells: Sequence[str]) -> bool:
    known = set().union(
        *(meanings(field) for field in ("lab_interpretation", "status", "specimen", "diagnosis", "no_result"))
    )
    return any(plain(cell) in known or antigen_of(cell) or isotype_of(cell) for cell in set(cells))


def _suits(field: str, record: str, cells: Sequence[str]) -> bool:
    """Whether the cells can be what the header says; an empty column suits everything."""
    kind = LANDED[record].get(field, "VARCHAR")
    if not cells:
        return True
    if kind in ("DATE", "TIMESTAMP"):
        return looks_like_dates(cells)
    if kind.startswith("DECIMAL") or kind == "INTEGER":
        return len(numbers_in(cells)) >= 0.5 * len(cells)
    return not (looks_like_dates(cells) and not titres_in(cells))


def _analytes(grid: Grid, taken: Mapping[str, int]) -> tuple[int, ...]:
    """Columns of a wide panel: their header names an antigen or isotype, their cells are results or words for one."""
    free = [at for at, header in enumerate(grid.header) if at not in taken.values() and header]
    named = [at for at in free if antigen_of(grid.header[at]) or isotype_of(grid.header[at])]
    return tuple(at for at in named if not cells_of(grid, at) or are_results(cells_of(grid, at)))


def are_results(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells are numbers, titres or known words for a result."""
    words = {**meanings("lab_interpretation"), **meanings("no_result")}
    readable = len(numbers_in(cells)) + len(titres_in(cells)) + sum(plain(cell) in words for cell in cells)
    return 2 * readable >= len(cells)


def _why_ignored(header: str, cells: Sequence[str], record: str) -> Guess:
    if what := _identifier(header, cells):
        return Guess(f"{what}: it says who a patient is and is not needed", "by its header or the look of its cells")
    if reasons := stands_for("set_aside", _last(header)):
        return Guess(reasons[0], "by its header")
    fields = [field for field in stands_for("headers", _last(header)) if field in FIELDS[record]]
    if fields:
        return undecided(f"its header says {fields[0]}, but another column is it or its cells do not look like that")
    if not cells:
        return Guess("empty in the example the format was drafted from", "no cell of it is filled")
    return undecided("map it under columns, or say why it is ignored")
