"""From a pseudonym back to the identifier, for a person who has the key; who asked, when and why is kept.

Nothing stores the identifier, so the archived exports whose records bear the pseudonym are read once more, by the same
readers, and their identifiers are made into pseudonyms again.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.crosswalk import sent_keys
from pipeline.decisions import record_lookup
from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, receipts
from pipeline.ingest.expressions import cell
from pipeline.ingest.generations import released, released_reasons
from pipeline.ingest.member import Table, examine
from pipeline.ingest.pseudonym import key_parameters, patient_key
from pipeline.ingest.workspace import workspace
from pipeline.labs import LabFormat, load_labs
from pipeline.readers import UNREADABLE, load
from pipeline.records import RECORDS
from pipeline.settings import Settings

_PSEUDONYM = re.compile(r"p[0-9A-Fa-f]{20}")


@dataclass(frozen=True, slots=True)
class Identity:
    """An identifier within its namespace."""

    identifier: str
    namespace: str


def lookup(settings: Settings, pseudonym: str, asked_by: str, why: str) -> tuple[Identity, ...]:
    """Whom a pseudonym stands for. SettingsError without the key of this home, UsageError when nothing bears it.

    The question is recorded before it is answered; the answer is never written anywhere.
    """
    home = Home.open(settings)
    key = home.pseudonym_key(settings)
    if not _PSEUDONYM.fullmatch(pseudonym):
        raise UsageError("PSEUDONYM: expected a patient key of the warehouse, `p` and 20 hex digits")
    record_lookup(home, asked_by, why, pseudonym)
    formats = load_labs(settings.labs_dirs)
    # records bear the keys they were sent with, whatever a crosswalk joined
    borne = sent_keys(home, pseudonym) or (pseudonym,)
    found = {one for bearer in borne for one in _behind(settings, home, bearer, key, formats)}
    if not found:
        raise UsageError(
            f"{pseudonym}: no archived export bears it under today's YAML files and this home's key; has a namespace changed?"
        )
    return tuple(Identity(*one) for one in sorted(found))


def _behind(
    settings: Settings, home: Home, pseudonym: str, key: bytes, formats: Sequence[LabFormat]
) -> set[tuple[str, str]]:
    """(identifier, namespace) behind a pseudonym that records bear; empty where no archived export gives it."""
    overruled = released(home)
    found: set[tuple[str, str]] = set()
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".intake-") as root:
        for arrival in _bearing(home, pseudonym):
            with workspace(Path(root), settings) as (connection, folder):
                member = examine(
                    arrival, home.archive_path(arrival.sha256), formats, folder / arrival.arrival_id,
                    released_reasons(overruled.get(arrival.arrival_id, ())),
                )  # fmt: skip
                for table in member.tables if member.is_readable else ():
                    found |= set(_identities(connection, table, pseudonym, key))
            if found:
                break
    return found


def _bearing(home: Home, pseudonym: str) -> list[Arrival]:
    """The exports with a landed record of this pseudonym, of any generation, in the order they came."""
    ids: set[str] = set()
    with duckdb.connect() as connection:
        for record in RECORDS:
            for path in sorted((home.landed / record).glob("*.parquet")):
                query = "SELECT DISTINCT arrival_id FROM read_parquet($path) WHERE patient_key = $pseudonym"
                rows = connection.execute(query, {"path": _literal(str(path)), "pseudonym": pseudonym}).fetchall()
                ids |= {arrival_id for (arrival_id,) in rows}
    return [arrival for arrival in receipts(home).values() if arrival.arrival_id in ids]


def _literal(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def _identities(
    connection: duckdb.DuckDBPyConnection, table: Table, pseudonym: str, key: bytes
) -> Iterator[tuple[str, str]]:
    """(identifier, namespace) of the rows of one table that bear the pseudonym."""
    for number, reading in enumerate(table.readings):
        select = _select(reading, table)
        if table.prepared.path is None or select is None:
            continue
        name = f"lookup_{number}"
        try:
            load(connection, name, select, [table.prepared], len(table.header), reading.shape, key_parameters(key))
        except UNREADABLE:
            continue
        query = f"SELECT DISTINCT identifier FROM {name} WHERE patient_key = ?"
        yield from (
            (identifier, reading.namespace) for (identifier,) in connection.execute(query, [pseudonym]).fetchall()
        )


def _select(reading: LabFormat, table: Table) -> str | None:
    """The SELECT of identifier and pseudonym of every row; None for a reading that takes no identifier from the file."""
    source = reading.columns["patient_id"].source
    if source is None:
        return None
    identifier = cell(table.header.index(source), reading.shape.missing)
    return f"SELECT file, identifier, {patient_key('identifier', reading.namespace)} AS patient_key FROM (" \
           f"SELECT file, {identifier} AS identifier FROM {{source}})"  # fmt: skip
