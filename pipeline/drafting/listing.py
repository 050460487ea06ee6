"""All declared formats with what a person wants to know of each at a glance."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline import rulebook
from pipeline.drafting.advice import without_cutoffs
from pipeline.labs import complaints_about, is_draft, lab_files, load_format
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Listed:
    """One format; `lacking_cutoffs` are its performing laboratories without an active cut-off."""

    id: str
    lab: str
    records: tuple[str, ...]
    state: str
    file: str
    form: str
    origin: str
    performing_labs: tuple[str, ...]
    lacking_cutoffs: tuple[str, ...]
    complaints: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def formats_of(settings: Settings) -> list[Listed]:
    """Every YAML file of the settings' folders, also those that nobody can use yet."""
    book = rulebook.load(settings.rules_dirs)
    return [_listed(path, book) for path in lab_files(settings.labs_dirs)]


def as_table(listed: list[Listed]) -> str:
    """The formats as lines of aligned columns."""
    head = ("format", "laboratory", "records", "state", "files", "cut-offs", "declared in")
    rows = [head, *(_cells(one) for one in listed)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _listed(path: Path, book: rulebook.Rulebook) -> Listed:
    complaints = complaints_about(path)
    if complaints:
        state = "draft" if is_draft(path) else "unsound"
        return Listed(path.stem, "?", (), state, "?", "?", str(path), (), (), len(complaints))
    own = load_format(path)
    return Listed(own.id, own.lab, own.records, own.state, own.file_glob, own.shape.form, str(path),
                  tuple(own.performing_labs), without_cutoffs(own, book), 0)  # fmt: skip


def _cells(one: Listed) -> tuple[str, ...]:
    state = f"{one.state}, {one.complaints} open" if one.complaints else one.state
    cutoffs = "-" if not one.performing_labs else "yes"
    if one.lacking_cutoffs:
        cutoffs = f"none for {', '.join(one.lacking_cutoffs)}"
    return one.id, one.lab, ", ".join(one.records) or "?", state, one.file, cutoffs, one.origin
