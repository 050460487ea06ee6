"""Whether decisions about rows still fit what these rows say: asked of what has landed, with the SQL the build goes by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipeline.decisions import Decision
from pipeline.home import Home
from pipeline.settings import Settings
from pipeline.warehouse import inputs, models
from pipeline.warehouse.generations import Counted, counted

# What the last of these needs, in an order in which each comes after all it reads.
_MODELS = ("stg_patient_link", "stg_titre", "stg_ncs_study", "stg_ncs_site", "core_decision")
_FITTING = """
    SELECT s.arrival_id, s.row_number, s.slot, d.reason_code, d.decided_fingerprint, d.fingerprint
    FROM core_decision d
    JOIN (SELECT row_id, arrival_id, row_number, slot FROM stg_titre
          UNION ALL SELECT row_id, arrival_id, row_number, slot FROM stg_ncs_study
          UNION ALL SELECT row_id, arrival_id, row_number, slot FROM stg_ncs_site) s ON s.row_id = d.row_id"""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A decision about a row, and the fingerprint of what the row says now; None where there is no such row."""

    decision: Decision
    fingerprint: str | None

    @property
    def is_fitting(self) -> bool:
        """Whether the row says what it said when it was decided about."""
        return self.fingerprint is not None and self.fingerprint == self.decision.fingerprint


def fitting(
    settings: Settings, landed: Sequence[Path], known: Counted, decisions: Sequence[Decision]
) -> tuple[Fitting, ...]:
    """The decisions about rows, each with what its row says in the generations `known`, landed in these folders."""
    about_rows = [one for one in decisions if one.row_number is not None]
    if not about_rows:
        return ()
    found = {model.name: model.sql for model in models.load_models(settings.sql_dir)}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        inputs.create_landed(connection, landed, replace(known, decisions=tuple(about_rows)))
        for name in _MODELS:
            connection.execute(f"CREATE TEMP TABLE {name} AS {found[name]}")
        rows = connection.execute(_FITTING).fetchall()
    now = {tuple(matter): fingerprint for *matter, fingerprint in rows}
    return tuple(Fitting(one, now.get(one.matter)) for one in about_rows)


def fingerprint(settings: Settings, home: Home, arrival_id: str, row_number: int, slot: int) -> str | None:
    """What a row says now, in one word; None where there is no such record."""
    asked = Decision("1970-01-01T00:00:00Z", "", "", arrival_id, row_number, slot, "", "")
    return fitting(settings, [home.landed], counted(home), [asked])[0].fingerprint


def outdated(found: Sequence[Fitting]) -> tuple[Decision, ...]:
    """The last decision about each place where none fits any longer."""
    answered = {one.decision.place for one in found if one.is_fitting}
    last = {one.decision.place: one.decision for one in found if one.decision.place not in answered}
    return tuple(last.values())


def outdated_of(
    settings: Settings, home: Home, decisions: Sequence[Decision], arrivals: Sequence[str]
) -> tuple[Decision, ...]:
    """The decisions about rows of these arrivals that no longer fit what is landed."""
    named = set(arrivals)
    return outdated(
        fitting(settings, [home.landed], counted(home), [one for one in decisions if one.arrival_id in named])
    )
