"""Everything to be said about lab YAMLs: what is wrong, what is unwise, and what intake would do with an example."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import rulebook
from pipeline.drafting.advice import warnings_about
from pipeline.errors import SettingsError
from pipeline.ingest import check_file
from pipeline.labs import complaints_about, lab_files, load_format
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with one YAML file (it cannot be used), and what is unwise in it (it can)."""

    file: str
    complaints: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts on some YAML files; with an example, what intake would do with it, as lines of text."""

    of: tuple[Verdict, ...]
    example: tuple[str, ...] = ()
    is_example_refused: bool = False

    @property
    def n_complaints(self) -> int:
        """How many things keep the files from being used."""
        return sum(len(verdict.complaints) for verdict in self.of)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A page for a terminal."""
        lines = []
        for one in self.of:
            lines += [f"wrong    {text}" for text in one.complaints] + [f"unwise   {text}" for text in one.warnings]
            if not one.complaints:
                lines.append(f"sound    {one.file}")
        return "\n".join([*lines, *self.example])


def judge(settings: Settings, files: Sequence[Path], example: Path | None = None) -> Verdicts:
    """The verdict on each file; `example` is tried with the first one, as if it were active."""
    book = rulebook.load(settings.rules_dirs)
    beside = [path.resolve() for path in (*lab_files(settings.labs_dirs), *files)]
    neighbours = [load_format(path) for path in dict.fromkeys(beside) if not complaints_about(path)]
    found = []
    for file in files:
        complaints = complaints_about(file)
        if not complaints:
            own = load_format(file)
            clash = [one for one in neighbours if one.id == own.id and Path(one.origin).resolve() != file.resolve()]
            complaints = [f"{file}: id {own.id}: already used by {one.origin}; ids are unique" for one in clash]
            others = [one for one in neighbours if Path(one.origin).resolve() != file.resolve()]
            found.append(Verdict(str(file), tuple(complaints), tuple(warnings_about(own, others, book))))
        else:
            found.append(Verdict(str(file), tuple(complaints), ()))
    verdicts = Verdicts(tuple(found))
    if example is None or verdicts.n_complaints:
        return verdicts
    return _tried(settings, verdicts, files[0], example)


def _tried(settings: Settings, verdicts: Verdicts, file: Path, example: Path) -> Verdicts:
    """The verdicts with what intake would do with the example, the file's format alone deciding."""
    own = load_format(file)
    with tempfile.TemporaryDirectory(prefix="gm1-labs-") as folder:
        copy = Path(folder) / "format.yaml"
        shutil.copyfile(file, copy)
        _activate(copy)
        report = check_file(replace(settings, labs_dirs=(Path(folder),)), example, own.lab)
    return replace(verdicts, example=tuple(report.as_text().splitlines()), is_example_refused=report.is_refused)


def _activate(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    at = [n for n, line in enumerate(lines) if line.startswith("state:")]
    if len(at) != 1:
        raise SettingsError(f"{file}: state: expected on a line of its own")
    lines[at[0]] = "state: active\n"
    file.write_text("".join(lines), encoding="utf-8")
