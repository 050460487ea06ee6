"""What a draft declares, before it is written as YAML: the keys of a lab YAML with a reason beside every value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.drafting.coded import Words
from pipeline.drafting.findings import Guess


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    """How one canonical field is read: `source` is the header or place, else the guess is a constant."""

    source: str | None = None
    constant: Guess | None = None
    why: str = ""
    matches: Guess | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class TableDraft:
    """One kind of record: its columns, its slots where a row holds several, and the columns nobody needs."""

    record: Guess
    columns: Mapping[str, ColumnDraft]
    slots: Sequence[Mapping[str, ColumnDraft]] = ()
    if_empty: Guess | None = None
    ignored: Mapping[str, Guess] = field(default_factory=dict)
    sheet: str | None = None
    place: Mapping[str, Guess] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """What the words of results mean, and what a person should know about texts that are not written down here."""

    words: Words = field(default_factory=dict)
    no_result: Words = field(default_factory=dict)
    no_result_status: Words = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ExclusionDraft:
    """Rows that are no patient result."""

    column: str
    matches: Guess
    reason: str


@dataclass(frozen=True, slots=True)
class FormatDraft:
    """A whole lab YAML."""

    example: str
    lab: Guess
    glob: Guess
    file: Mapping[str, Guess]
    missing: Sequence[str]
    footer: Mapping[str, Guess]
    namespace: Guess
    performing_labs: Mapping[str, Mapping[str, Guess]]
    tables: Sequence[TableDraft]
    tests: Mapping[str, Mapping[str, Guess]] = field(default_factory=dict)
    result: ResultDraft = field(default_factory=ResultDraft)
    exclusions: Sequence[ExclusionDraft] = ()
    ignored_sheets: Mapping[str, Guess] = field(default_factory=dict)
    notes: Sequence[str] = ()
