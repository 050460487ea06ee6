"""The crosswalks a home has had: immutable generations, each a table of pseudonyms and what it amounts to.

The newest counts, and for a build as of an instant the newest before it. No identifier and no name of a person is in them;
a namespace is named where a format declares it, else it is a pseudonym too, because a column that was filled wrongly would
put identifiers there.
"""

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.errors import SettingsError
from pipeline.home import Home, write_atomically, write_json

SCHEMA_VERSION = 1
Link = tuple[str, str, str]
_COLUMNS = ("person_key", "namespace", "patient_key")
_COPY = f"""COPY (SELECT {", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in _COLUMNS)} FROM link ORDER BY ALL)
    TO $file (FORMAT parquet)"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the rows of a crosswalk amount to."""

    rows: int
    persons: int
    identifiers: int
    ambiguous_identifiers: int
    persons_with_several_identifiers_in_one_namespace: int

    @classmethod
    def of(cls, links: Sequence[Link]) -> "Counts":
        """The counts of these rows, each of which stands once."""
        bearers = Counter(patient_key for _, _, patient_key in links)
        given = Counter((person_key, namespace) for person_key, namespace, _ in links)
        several = {person_key for (person_key, _), n in given.items() if n > 1}
        return cls(len(links), len({link[0] for link in links}), len(bearers), sum(n > 1 for n in bearers.values()),
                   len(several))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """One generation: when it was read, the hash of what it says, its counts, and its rows where they were asked for."""

    read_at: str
    sha256: str
    counts: Counts
    links: tuple[Link, ...] = ()

    def as_rows(self) -> list[dict[str, str]]:
        """The rows by column."""
        return [dict(zip(_COLUMNS, link, strict=True)) for link in self.links]


def content_sha256(links: Sequence[Link]) -> str:
    """The hash of what a crosswalk says, whatever the order of its rows. It is made of pseudonyms: no guess confirms it."""
    return hashlib.sha256("\n".join("\t".join(link) for link in sorted(links)).encode()).hexdigest()


def generations(home: Home) -> list[Crosswalk]:
    """Every generation without its rows, oldest first; SettingsError names a manifest that cannot be read."""
    return sorted((_manifest(file) for file in home.crosswalk.glob("*.manifest.json")), key=lambda one: one.read_at)


def in_force(home: Home, as_of: str | None = None) -> Crosswalk | None:
    """The newest crosswalk read up to `as_of` (ISO, UTC; None: of all), with its rows; None where there is none.

    SettingsError when its rows are not those of its manifest.
    """
    known = [one for one in generations(home) if as_of is None or one.read_at <= as_of]
    return _with_rows(home, known[-1]) if known else None


def sent_keys(home: Home, joined_key: str) -> tuple[str, ...]:
    """The patient keys that any generation gives this person; empty where the key is none of a person."""
    found = {
        link[2] for one in generations(home) for link in _with_rows(home, one).links if link[0] == joined_key
    }  # fmt: skip
    return tuple(sorted(found))


def keep(home: Home, links: Sequence[Link], read_at: str) -> Crosswalk:
    """Put a generation into the home: the rows first, the manifest, which makes it count, last."""
    made = Crosswalk(read_at, content_sha256(links), Counts.of(links), tuple(sorted(links)))
    home.crosswalk.mkdir(mode=0o700, exist_ok=True)
    rows, manifest = _files(home, made)
    write_atomically(rows, _parquet(made.links), is_private=True)
    content = {
        "schema_version": SCHEMA_VERSION,
        "read_at": read_at,
        "sha256": made.sha256,
        "counts": asdict(made.counts),
    }
    write_json(manifest, content)
    return made


def _files(home: Home, one: Crosswalk) -> tuple[Path, Path]:
    name = f"{one.read_at.replace('-', '').replace(':', '')}-{one.sha256[:8]}"
    return home.crosswalk / f"{name}.parquet", home.crosswalk / f"{name}.manifest.json"


def _parquet(links: Sequence[Link]) -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.register("link", pd.DataFrame(links, columns=list(_COLUMNS), dtype="string"))
        file = Path(folder) / "links.parquet"
        connection.execute(_COPY, {"file": str(file)})
        return file.read_bytes()


def _with_rows(home: Home, one: Crosswalk) -> Crosswalk:
    file, _ = _files(home, one)
    try:
        with duckdb.connect() as connection:
            path = "".join(f"[{character}]" if character in "*?[" else character for character in str(file))
            rows = connection.execute(
                "SELECT person_key, namespace, patient_key FROM read_parquet($file) ORDER BY ALL", {"file": path}
            ).fetchall()
    except duckdb.Error as error:
        raise SettingsError(f"{file}: expected the rows of a crosswalk, could not be read; restore it from the backup") \
            from error  # fmt: skip
    links = tuple((str(person), str(namespace), str(patient)) for person, namespace, patient in rows)
    if content_sha256(links) != one.sha256:
        raise SettingsError(f"{file}: not the rows its manifest names; restore both from the backup")
    return Crosswalk(one.read_at, one.sha256, one.counts, links)


def _manifest(file: Path) -> Crosswalk:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return Crosswalk(content["read_at"], content["sha256"], Counts(**content["counts"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{file}: expected the manifest of a crosswalk; restore it from the backup") from error
