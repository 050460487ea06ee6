"""Which declared format a file is written in: decided by laboratory, file name and header, never by its values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pipeline.labs.model import LabFormat

HeaderReader = Callable[[LabFormat], list[str] | None]


@dataclass(frozen=True, slots=True)
class Identified:
    """The format and the file's header in file order; or, with `format` None, why the whole file is held.

    `nearest` is the format the file probably was meant to be in, where its name and laboratory fit one.
    """

    format: LabFormat | None
    header: tuple[str, ...] = ()
    reason: str | None = None
    detail: str | None = None
    nearest: LabFormat | None = None


def identify(formats: Sequence[LabFormat], lab: str, file_name: str, read_header: HeaderReader) -> Identified:
    """The one active format of `lab` whose file pattern and headers fit.

    `read_header` gives the cells of the row a format calls its header, or None when that row is not there or cannot be
    decoded; it is asked only for formats whose laboratory and file pattern fit.
    """
    named = [
        form
        for form in formats
        if form.state == "active" and form.lab == lab and fnmatchcase(file_name, form.file_glob)
    ]
    if not named:
        return Identified(
            None, (), "format_unknown", f"no active format of laboratory {lab} has a file pattern that fits the name"
        )
    headers = {form.id: _clean(read_header(form)) for form in named}
    fitting = [form for form in named if _fits(form, headers[form.id])]
    if len(fitting) > 1:
        return Identified(
            None, (), "two_formats", "recognised by " + " and by ".join(form.id for form in fitting), named[0]
        )
    if fitting:
        return Identified(fitting[0], headers[fitting[0].id])
    nearest = max(named, key=lambda form: len(set(form.headers) & set(headers[form.id])))
    return Identified(None, (), "header_differs", f"{nearest.id}: {_difference(nearest, headers[nearest.id])}", nearest)


def _clean(cells: list[str] | None) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells or ())


def _fits(form: LabFormat, header: tuple[str, ...]) -> bool:
    return len(header) == len(form.headers) and set(header) == set(form.headers)


def _difference(form: LabFormat, header: tuple[str, ...]) -> str:
    """What differs, in header names. A row that is plainly no header is not quoted: its cells would be values."""
    if not header:
        return f"row {form.shape.header_row} was expected to be the header and could not be read"
    known = set(form.headers)
    if 2 * len(known & set(header)) < len(known):
        return f"row {form.shape.header_row} was expected to be the header, fewer than half of its columns are there"
    found = {
        "missing": [name for name in form.headers if name not in header],
        "neither mapped nor ignored": list(dict.fromkeys(name or "(no name)" for name in header if name not in known)),
        "there twice": list(dict.fromkeys(name for name in header if name in known and header.count(name) > 1)),
    }
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in found.items() if names)
