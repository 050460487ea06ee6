"""One page in plain words about one export: what was used, what was not, and what its sender can do."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.feedback.exports import Export
from pipeline.feedback.wording import DISPOSITIONS, Said

_WIDTH = 90
_LINES = 60
# As many places as fit on a line or two.
PLACES = 6
# Holds whose details speak of our own declarations.
_ABOUT_US = ("format_unknown", "two_formats")


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason in an export: in which disposition, in how many results, and where the first ones are."""

    disposition: str
    said: Said
    results: int
    places: tuple[str, ...]

    @property
    def is_aside(self) -> bool:
        """Whether it is a remark beside what decided the row: a check that a row failed and was not rejected for."""
        return self.said.is_check and self.disposition != "rejected"


@dataclass(frozen=True, slots=True)
class Tally:
    """Results by disposition (`layout`: rows without one), and what a result is called here: (one, several)."""

    by_disposition: Mapping[str, int]
    unit: tuple[str, str] = ("data row", "data rows")

    @property
    def results(self) -> int:
        """All that could have been used."""
        return sum(count for name, count in self.by_disposition.items() if name != "layout")

    @property
    def all(self) -> str:
        """All of them, as the subject of a sentence."""
        return f"its one {self.unit[0]} is" if self.results == 1 else f"all {self.results:,} {self.unit[1]} are"


def page(export: Export, held: Said | None, tally: Tally, findings: Sequence[Finding], has_annotated: bool) -> str:
    """The page; its first line says whether anything was used. `held` is the reason for which the whole file waits."""
    counts = tally.by_disposition
    head = [*_wrapped(_verdict(held, tally)), "", *_facts(export), ""]
    head += _whole_file(export, held) if held else _counted(counts)
    tail = ["", *_closing(export, counts, has_annotated)]
    blocks = [] if held else list(_blocks(findings))
    shown: list[str] = []
    for at, block in enumerate(blocks):
        left = len(blocks) - at
        if len(head) + len(shown) + len(block) + len(tail) + (left > 1) > _LINES:
            shown += _wrapped(f"... and {left} more kinds of reasons; all of them are in {export.annotated_name}.")
            break
        shown += block
    return "\n".join([*head, *shown, *tail]) + "\n"


def _verdict(held: Said | None, tally: Tally) -> str:
    """The first line."""
    results, used = tally.results, tally.by_disposition.get("used", 0)
    one, several = tally.unit
    if held:
        return f"Nothing of this file was used: {held.meaning[0].lower()}{held.meaning[1:]}"
    if not results:
        return f"Nothing of this file was used: it has no {several}."
    if not used:
        kinds = [name for name, count in tally.by_disposition.items() if count and name != "layout"]
        if len(kinds) == 1:
            return f"Nothing of this file was used: {tally.all} {DISPOSITIONS[kinds[0]]}."
        return f"Nothing of this file was used: none of its {results:,} {several} could be."
    if used == results:
        return (
            f"The one {one} of this file was used." if used == 1 else f"All {used:,} {several} of this file were used."
        )
    return f"{used:,} of the {results:,} {several} of this file were used; the other {results - used:,} not."


def _facts(export: Export) -> list[str]:
    name = "".join(letter if letter.isprintable() else "?" for letter in export.file_name)
    return [f"File        {name}", f"Laboratory  {export.lab}", f"Received    {export.received_at} UTC",
            f"Rows        {export.rows:,}"]  # fmt: skip


def _whole_file(export: Export, held: Said) -> list[str]:
    """What to do about a file that waits as a whole."""
    lines = ["What to do", *_item([held.remedy if held.is_theirs else f"Nothing for now. {held.remedy}"])]
    detail = "".join(letter if letter.isprintable() else "?" for letter in export.held_detail or "")
    is_telling = detail and export.held_reason not in _ABOUT_US
    return lines + (_item([f"In detail: {textwrap.shorten(detail, 400)}"]) if is_telling else [])


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [
        "What became of them",
        *(f"{counts[name]:>9,}  {words}" for name, words in DISPOSITIONS.items() if counts.get(name)),
    ]


def _blocks(findings: Sequence[Finding]) -> Iterable[list[str]]:
    """Lines of each reason, under a heading for whose move it is; what the sender can mend comes first."""
    groups: tuple[tuple[str, list[Finding]], ...] = (
        ("For you to do", [f for f in findings if f.said.is_theirs and not f.is_aside]),
        ("Worth another look; nothing was set aside for it", [f for f in findings if f.said.is_theirs and f.is_aside]),
        ("With us; nothing for you to do now", [f for f in findings if f.said.is_ours]),
        ("For your information", [f for f in findings if not f.said.is_theirs and not f.said.is_ours]),
    )  # fmt: skip
    for title, members in groups:
        for at, one in enumerate(sorted(_together(members), key=lambda f: (-f.results, f.said.code))):
            yield ([] if at else ["", title]) + _finding(one)


def _together(members: Iterable[Finding]) -> Iterable[Finding]:
    """Findings of one reason as one, whatever became of the rows otherwise."""
    found: dict[str, Finding] = {}
    for one in members:
        known = found.get(one.said.code)
        if known is None:
            found[one.said.code] = one
        else:
            places = (known.places + one.places)[:PLACES]
            found[one.said.code] = replace(known, results=known.results + one.results, places=places)
    return found.values()


def _finding(one: Finding) -> list[str]:
    places = ", ".join(one.places) + (
        f" and {one.results - len(one.places):,} more" if one.results > len(one.places) else ""
    )
    remedy = f" {one.said.remedy}" if one.said.is_theirs else ""
    return _item([f"{one.results:,} x {one.said.meaning}{remedy}", f"Where: {places} ({one.said.code})"])


def _item(texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        lines += textwrap.wrap(text, _WIDTH, initial_indent="  " if not lines else "    ", subsequent_indent="    ")
    return lines


def _closing(export: Export, counts: Mapping[str, int], has_annotated: bool) -> list[str]:
    if not has_annotated:
        return _wrapped("There is no copy of this file with remarks, because its rows could not be told apart safely.")
    lines = _wrapped(
        f"{export.annotated_name} beside this page is your own file with remarks: one line for every row, saying what became "
        "of it and what to change. An apostrophe stands before cells that a spreadsheet might take for a formula."
    )
    if counts.get("rejected") or counts.get("held"):
        lines += _wrapped(
            "You may send the corrected rows alone or the whole export again: results that were used before are "
            "recognised and counted once. A used result whose value changes must be marked as corrected by your system."
        )
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)
