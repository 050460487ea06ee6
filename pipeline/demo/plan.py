"""The plan: every row of every file, with where it must end after each month and why."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from pipeline.demo.cohort import Person, Variant, people


@dataclass(frozen=True, slots=True)
class Sample:
    """What an antibody row stands for, in numbers and words of the plan."""

    person: Person
    accession: str
    collected_on: date
    is_igm_gm1_serum: bool
    interpretation: str


@dataclass(slots=True)
class Row:
    """One row to write. `ends` is its disposition after month 1 and after month 2; `sample` what it counts as."""

    cells: tuple[str, ...]
    ends: tuple[str, str]
    reason: str = ""
    sample: Sample | None = None


@dataclass(slots=True)
class File:
    """One export: where and when it arrives, how it is written, and its rows from the first to the last."""

    lab: str
    name: str
    month: int
    encoding: str
    delimiter: str
    rows: list[Row] = field(default_factory=list)

    def add(
        self, *cells: str, ends: str | tuple[str, str] = "used", reason: str = "", sample: Sample | None = None
    ) -> None:
        """Appends a row; one word means the same disposition after both months."""
        self.rows.append(Row(cells, (ends, ends) if isinstance(ends, str) else ends, reason, sample))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be written, and the people it is about."""

    variant: Variant
    people: tuple[Person, ...]
    files: tuple[File, ...]

    def rows(self) -> Iterator[tuple[File, int, Row]]:
        """Every row with its file and its number as a spreadsheet counts it."""
        for file in self.files:
            for number, row in enumerate(file.rows, 1):
                yield file, number, row


def planned(variant: Variant, seed: int | None = None) -> Plan:
    """The plan of a variant; the same for the same seed."""
    from pipeline.demo import clinic, marlow, northgate, rheinau, stray

    everybody = people(variant, seed)
    draw = random.Random(f"values {variant.seed if seed is None else seed}")
    files = [*northgate.files(everybody, draw), *rheinau.files(everybody, draw), *marlow.files(everybody, draw),
             *clinic.files(everybody, draw), *stray.files()]  # fmt: skip
    return Plan(variant, tuple(everybody), tuple(files))
