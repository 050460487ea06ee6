"""A draft written as YAML: every guess with a comment that says why, every open place with a text that must go."""

import json
import re
from collections.abc import Iterator, Mapping

from pipeline.drafting.findings import Guess, is_undecided
from pipeline.drafting.model import ColumnDraft, FormatDraft, TableDraft

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*|[0-9]+")
# Words that YAML 1.1 tools other than this program take for something else.
_RESERVED = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}


def write(draft: FormatDraft) -> str:
    """The text of the YAML file."""
    return "\n".join(_lines(draft)) + "\n"


def counts(text: str) -> tuple[int, int]:
    """How many guesses a written draft holds, and how many places to decide."""
    return text.count("# guess:"), len(re.findall(r'"TODO\b', text))


def _lines(draft: FormatDraft) -> Iterator[str]:
    yield f"# Drafted by `gm1 labs new` from {draft.example}: confirm every comment that begins with guess, replace every TODO,"
    yield "# delete the comments and set `state: active`. `gm1 labs check` says what is still open."
    yield from (f"# note: {note}" for note in (*draft.notes, *draft.result.notes))
    yield f"id: {_slug(draft)}"
    yield "schema_version: 1"
    yield f"title: {_scalar(f'Export of {draft.lab.value}, drafted from an example')}"
    yield "state: draft"
    yield _entry("lab", draft.lab)
    one = draft.tables[0] if len(draft.tables) == 1 else None
    if one is not None:
        yield _entry("record", one.record)
    yield f"recognise: {{file: {_scalar(draft.glob.value)}}}{_why(draft.glob)}"
    yield "file:"
    yield from (f"  {_entry(key, guess)}" for key, guess in draft.file.items())
    if one is not None:
        yield from (f"  {_entry(key, guess)}" for key, guess in _place(one).items())
    if draft.footer:
        yield "  footer:"
        yield from (f"    {_entry(key, guess)}" for key, guess in draft.footer.items())
    yield f"  missing: [{', '.join(json.dumps(text, ensure_ascii=False) for text in draft.missing)}]"
    yield f"patients: {{namespace: {_scalar(draft.namespace.value)}}}{_why(draft.namespace)}"
    yield from _performing_labs(draft)
    yield from _tables(draft, one)
    yield from _named("ignore_sheets", "sheet", draft.ignored_sheets)
    yield from _tests(draft)
    yield from _result(draft)
    yield from _exclusions(draft)


def _slug(draft: FormatDraft) -> str:
    record = draft.tables[0].record.value
    return re.sub("[^a-z0-9]+", "_", f"{draft.lab.value}_{record}".lower()).strip("_")


def _place(table: TableDraft) -> Mapping[str, Guess]:
    sheet = {"sheet": Guess(table.sheet)} if table.sheet is not None else {}
    return {**sheet, **table.place}


def _performing_labs(draft: FormatDraft) -> Iterator[str]:
    if draft.performing_labs:
        yield "performing_labs:"
    for name, declared in draft.performing_labs.items():
        yield f"  {_scalar(name)}:{'' if declared else ' {}'}"
        yield from (f"    {_entry(key, guess)}" for key, guess in declared.items())


def _tables(draft: FormatDraft, one: TableDraft | None) -> Iterator[str]:
    if one is not None:
        yield from _table(one)
        return
    yield "tables:"
    for table in draft.tables:
        yield f"  - {_entry('record', table.record)}"
        yield from (f"    {_entry(key, guess)}" for key, guess in _place(table).items())
        yield from (f"    {line}" for line in _table(table))


def _table(table: TableDraft) -> Iterator[str]:
    yield "columns:"
    for field, column in table.columns.items():
        yield from (f"  {line}" for line in _column(field, column))
    if table.slots:
        yield "slots:"
    for slot in table.slots:
        yield "  - columns:"
        for field, column in slot.items():
            yield from (f"      {line}" for line in _column(field, column))
    if table.if_empty is not None:
        yield _entry("if_empty", table.if_empty)
    yield from _named("ignore", "column", table.ignored)


def _column(field: str, column: ColumnDraft) -> Iterator[str]:
    if column.constant is not None:
        yield f"{field}: {{value: {_scalar(column.constant.value)}}}{_why(column.constant)}"
        return
    source = f"from: {_scalar(column.source or '')}"
    why = f"  # guess: {column.why}" if column.why else ""
    if column.words is None and column.matches is None:
        yield f"{field}: {{{source}}}{why}"
        return
    yield f"{field}:"
    yield f"  {source}{why}"
    if column.matches is not None:
        yield f"  {_entry('matches', column.matches)}"
    if column.words is not None:
        yield "  words:"
        yield from (f"    {_entry(word, guess)}" for word, guess in column.words.items())


def _named(key: str, name: str, entries: Mapping[str, Guess]) -> Iterator[str]:
    if entries:
        yield f"{key}:"
    for entry, why in entries.items():
        yield f"  - {{{name}: {_scalar(entry)}, why: {_scalar(why.value)}}}{_why(why)}"


def _tests(draft: FormatDraft) -> Iterator[str]:
    if draft.tests:
        yield "tests:"
    for code, meaning in draft.tests.items():
        said = ", ".join(f"{key}: {_scalar(guess.value)}" for key, guess in meaning.items())
        reasons = "; ".join(dict.fromkeys(guess.why for guess in meaning.values() if guess.why))
        yield f"  {_scalar(code)}: {{{said}}}" + (f"  # guess: {reasons}" if reasons else "")


def _result(draft: FormatDraft) -> Iterator[str]:
    sections = {
        "words": draft.result.words,
        "no_result": draft.result.no_result,
        "no_result_status": draft.result.no_result_status,
    }
    if any(sections.values()):
        yield "result:"
    for key, words in sections.items():
        if words:
            yield f"  {key}:"
            yield from (f"    {_entry(word, guess)}" for word, guess in words.items())


def _exclusions(draft: FormatDraft) -> Iterator[str]:
    if draft.exclusions:
        yield "exclude:"
    for one in draft.exclusions:
        said = f"column: {_scalar(one.column)}, matches: {_scalar(one.matches.value)}, reason: {one.reason}"
        yield f"  - {{{said}}}{_why(one.matches)}"


def _entry(key: str, guess: Guess) -> str:
    return f"{_scalar(key)}: {_scalar(guess.value)}{_why(guess)}"


def _why(guess: Guess) -> str:
    return f"  # guess: {guess.why}" if guess.why and not is_undecided(guess.value) else ""


def _scalar(text: str) -> str:
    """A text as YAML: bare where it cannot be taken for anything else, in double quotes otherwise."""
    is_bare = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    return text if is_bare else json.dumps(text, ensure_ascii=False)
