"""Where the header, the units, the records and the footer of a table of cells are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.drafting.delimited import Rows
from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.lexicon import lexicon, plain, stands_for

_SEARCHED = 60
_UNIT = re.compile(
    r"\(?\[?(ms|mv|uv|µv|μv|mv ?[x*.·]? ?ms|mvms|mm|cm|m/s|%|iv|index|titer|titre|au/ml|u/ml|date|dd.*yy.*|yyyy.*|tt.*jj.*"
    r"|text|id|code|°c|years?|jahre)\]?\)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FooterGuess:
    """Patterns for the lines that close an export; a person's name that may follow them is not part of any."""

    matches: Guess
    stated_rows: Guess | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: the header's names, the cells of each record, and the rows around them (numbers count from 1)."""

    header_row: Guess
    header: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    header_rows: int = 1
    units_row: Guess | None = None
    units: tuple[str, ...] = ()
    footer: FooterGuess | None = None
    torn_rows: int = 0
    recognised: int = 0


def grid_of(rows: Rows, may_join_headers: bool) -> Grid | None:
    """The table in the rows; None when no row can be a header. `may_join_headers`: a header may take two rows."""
    place = _header_place(rows)
    if place is None:
        return None
    number, cells = rows[place]
    names, taken = _joined(rows, place) if may_join_headers else (tuple(cells), 1)
    below = rows[place + taken :]
    has_units = bool(below) and _are_units(below[0][1])
    body = below[has_units:]
    footer_at = _footer_start(body, len(names))
    records = [cells for _, cells in body[:footer_at] if any(cells) and tuple(cells) != names]
    whole = [tuple(cells) for cells in records if len(cells) == len(names)]
    known = sum(bool(_known(name)) for name in names)
    return Grid(
        header_row=Guess(str(number), "" if number == 1 else f"{known} of its {len(names)} cells are known headers"),
        header=names,
        records=tuple(whole),
        header_rows=taken,
        units_row=Guess(str(below[0][0]), "its cells are units") if has_units else None,
        units=tuple(below[0][1]) if has_units else (),
        footer=_footer(body[footer_at:], len(records)),
        torn_rows=len(records) - len(whole),
        recognised=known,
    )


def _known(name: str) -> tuple[str, ...]:
    parts = name.split(" / ")
    return tuple(meaning for part in (name, *parts) for section in ("headers", "identifiers", "set_aside")
                 for meaning in stands_for(section, part))  # fmt: skip


def _header_place(rows: Rows) -> int | None:
    """The row with the most known headers; where none is known, the first full row of different texts."""
    near = rows[:_SEARCHED]
    scores = [sum(bool(_known(cell)) for cell in cells if cell) for _, cells in near]
    if scores and max(scores) >= 2:
        return scores.index(max(scores))
    width = max((len(cells) for _, cells in near), default=0)
    for place, (_, cells) in enumerate(near):
        is_full = width > 1 and len(cells) == width and all(cells) and len(set(cells)) == width
        if is_full and not any(character.isdigit() for cell in cells for character in cell[:1]):
            return place
    return None


def _joined(rows: Rows, place: int) -> tuple[tuple[str, ...], int]:
    """The header's names; with those of the row below where that row completes names written over several columns."""
    top = rows[place][1]
    below = rows[place + 1][1] if place + 1 < len(rows) else []
    gaps = [at for at, cell in enumerate(top) if not cell or top.index(cell) != at]
    fills = [at for at in gaps if at < len(below) and below[at]]
    is_text = all(not re.search("[0-9]{2}", cell) or _known(cell) for cell in below)
    if not gaps or not fills or not is_text or _are_units(below):
        return tuple(top), 1
    names, current = [], ""
    for at, cell in enumerate(top):
        lower = below[at] if at < len(below) else ""
        current = cell or (current if lower else "")
        names.append(" / ".join(part for part in dict.fromkeys([current, lower]) if part))
    return tuple(names), 2


def _are_units(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_UNIT.fullmatch(cell) for cell in filled)


def _footer_start(body: Rows, width: int) -> int:
    """Where the closing lines begin: rows at the end with hardly a cell, or blank ones between them."""
    at = len(body)
    while at > 0 and _may_close(body[at - 1][1], width):
        at -= 1
    return at


def _may_close(cells: Sequence[str], width: int) -> bool:
    """Whether a row is blank or begins like a closing line; a full row never is one, whatever its first cell says."""
    filled = sum(bool(cell) for cell in cells)
    if not filled:
        return True
    is_thin = bool(cells[0]) and filled <= max(2, width // 4) and filled < width
    return is_thin or (2 * filled <= width and _keyword(cells[0]) is not None)


def _footer(rows: Rows, records: int) -> FooterGuess | None:
    lines = [cells for _, cells in rows if any(cells)]
    if not lines:
        return None
    keywords, stated = [], None
    for cells in lines:
        keyword = _keyword(cells[0])
        if keyword is None:
            return FooterGuess(undecided("a regular expression for the closing lines; none of their words is known"))
        keywords.append(keyword)
        total = _total(cells, keyword)
        if stated is None and total is not None:
            pattern = f"^{re.escape(keyword)}[^0-9]*([0-9]+)".replace("\\ ", " ")
            agrees = "as many as there are" if total == records else f"{records} were found"
            stated = Guess(pattern, f"a number follows: {agrees}")
    words = "|".join(re.escape(word).replace("\\ ", " ") for word in dict.fromkeys(keywords))
    return FooterGuess(Guess(f"^({words})", f"lines at the end that begin so: {len(lines)}"), stated)


def _keyword(cell: str) -> str | None:
    """The known closing word that a cell begins with, as it is written there; the longest one that fits."""
    listed = [(word, kind) for kind, words in lexicon()["footers"].items() for word in words]
    for word, _ in sorted(listed, key=lambda item: -len(item[0])):
        known = plain(word)
        start = cell[: len(word)]
        follows = cell[len(word) : len(word) + 1]
        if plain(start) == known and not (follows.isalnum() and known[-1:].isalnum()):
            return start
    return None


def _total(cells: Sequence[str], keyword: str) -> int | None:
    is_stated = plain(keyword) in {plain(word) for word in lexicon()["footers"]["stated"]}
    found = re.match(r"[^0-9]*([0-9]{1,9})\s*$", " ".join(cells)[len(keyword) :]) if is_stated else None
    return int(found[1]) if found else None
