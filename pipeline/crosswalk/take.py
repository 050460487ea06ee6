"""`gm1 crosswalk`: a file taken in under the key of the home, or the one in force shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.crosswalk.kept import Counts, Crosswalk, content_sha256, generations, in_force, keep
from pipeline.crosswalk.sheet import Entry, read
from pipeline.decisions import instant_now, second_after
from pipeline.home import Home
from pipeline.labs import load_labs
from pipeline.pseudonyms import pseudonym
from pipeline.settings import Settings

# Names of namespaces no format can declare: a YAML holds no control character.
_PERSONS, _NAMESPACES = chr(30) + "person", chr(30) + "namespace"
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the crosswalk now in force, whether it is new, and what a person should look at, by line."""

    crosswalk: Crosswalk
    is_new: bool
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        one = self.crosswalk
        return {"is_new": self.is_new, "read_at": one.read_at, "sha256": one.sha256, "counts": asdict(one.counts),
                "warnings": list(self.warnings)}  # fmt: skip

    def as_text(self) -> str:
        """What was kept, what it amounts to, and the warnings."""
        said = "kept; `gm1 run` goes by it" if self.is_new else "the same as the one in force; nothing was added"
        return "\n".join([f"Crosswalk {self.crosswalk.sha256[:8]}: {said}", *_lines(self.crosswalk.counts),
                          *(f"warning: {one}" for one in self.warnings)])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """The crosswalk in force, or None, and how many generations the home has."""

    crosswalk: Crosswalk | None
    generations: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON; no row of it."""
        one = self.crosswalk
        found = {"read_at": one.read_at, "sha256": one.sha256, "counts": asdict(one.counts)} if one else None
        return {"in_force": found, "generations": self.generations}

    def as_text(self) -> str:
        """One line where there is none, else its counts."""
        if self.crosswalk is None:
            return "No crosswalk is in force: every identifier of every namespace is a patient of its own."
        one = self.crosswalk
        head = f"Crosswalk {one.sha256[:8]}, read {one.read_at}, the last of {self.generations}"
        return "\n".join([head, *_lines(one.counts)])


def take(settings: Settings, file: Path) -> Taken:
    """Read a crosswalk file and keep it, unless it says what the one in force says.

    Raises UsageError for a file with any mistake, SettingsError without the key of the home.
    """
    home = Home.open(settings)
    key = home.pseudonym_key(settings)
    entries = read(file)
    declared = {one.namespace for one in load_labs(settings.labs_dirs)}
    links = sorted({_link(entry, key, declared) for entry in entries})
    before = in_force(home)
    warnings = tuple(_warnings(entries, declared))
    if before is not None and before.sha256 == content_sha256(links):
        return Taken(before, False, warnings)
    at = instant_now() if before is None else max(instant_now(), second_after(before.read_at))
    return Taken(keep(home, links, at), True, warnings)


def show(settings: Settings) -> Shown:
    """The crosswalk in force; SettingsError when it cannot be read."""
    home = Home.open(settings)
    return Shown(in_force(home), len(generations(home)))


def _link(entry: Entry, key: bytes, declared: set[str]) -> tuple[str, str, str]:
    namespace = entry.namespace if entry.namespace in declared else pseudonym(entry.namespace, _NAMESPACES, key)
    return pseudonym(entry.person, _PERSONS, key), namespace, pseudonym(entry.patient_id, entry.namespace, key)


def _warnings(entries: Sequence[Entry], declared: set[str]) -> Iterable[str]:
    unknown = [entry.line for entry in entries if entry.namespace not in declared]
    if unknown:
        yield f"no laboratory format declares the namespace of {_named(unknown)}, column namespace: these join nobody yet"
    bearers, given = defaultdict(set), defaultdict(set)
    for entry in entries:
        bearers[entry.namespace, entry.patient_id].add(entry.person)
        given[entry.person, entry.namespace].add(entry.patient_id)
    ambiguous = [one.line for one in entries if len(bearers[one.namespace, one.patient_id]) > 1]
    if ambiguous:
        yield f"{_named(ambiguous)}: the same identifier stands under two persons, so it is joined to neither"
    several = [one.line for one in entries if len(given[one.person, one.namespace]) > 1]
    if several:
        yield f"{_named(several)}: a person has several identifiers in one namespace; they are joined, because the file says so"


def _named(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join(map(str, lines[:_NAMED]))}{more}"


def _lines(counts: Counts) -> list[str]:
    return [f"  {name.replace('_', ' '):<52}{n:,}" for name, n in asdict(counts).items()]
