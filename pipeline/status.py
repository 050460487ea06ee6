"""What a home holds and what waits in it, for `gm1 status`."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.crosswalk import show
from pipeline.decisions import count
from pipeline.errors import SettingsError
from pipeline.home import Home
from pipeline.ingest import waiting_labs
from pipeline.quarantine import quarantine
from pipeline.settings import Settings
from pipeline.whatif import beside


@dataclass(frozen=True, slots=True)
class Status:
    """Counts and places; never a value out of an export."""

    home: str
    is_demo: bool
    exports_received: int
    labs_waiting: list[str]
    published_run: str | None
    key_file: str
    key_is_readable: bool
    key_fits: bool
    back_up: list[str]
    files_held: int
    rows_held_or_rejected: int
    decisions: dict[str, int]
    left_by_killed_whatif: list[str]
    crosswalk: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A line a fact."""
        lines = [
            f"Home               {self.home}{' (demo)' if self.is_demo else ''}",
            f"Exports received   {self.exports_received}",
            f"Waiting in inbox   {', '.join(self.labs_waiting) or 'nothing'}",
            f"Published run      {self.published_run or 'none yet'}",
            f"Quarantine         {self.files_held} whole {'file' if self.files_held == 1 else 'files'} and "
            f"{self.rows_held_or_rejected:,} rows of other files; "
            "see `gm1 quarantine`",
            f"Decisions          {', '.join(f'{n} {kind}' for kind, n in self.decisions.items()) or 'none'}",
            f"Crosswalk          {self._crosswalk()}",
            *(
                f"Left behind        {path}: a `gm1 whatif` was killed; the next one removes it"
                for path in self.left_by_killed_whatif
            ),
            f"Pseudonym key      {self.key_file}{self._key_state()}",
            "                   Keep a copy of it in the backup: without it no later export can be joined to those landed.",
            f"Back up            {', '.join(self.back_up)}",
        ]
        return "\n".join(lines)

    def _crosswalk(self) -> str:
        found = self.crosswalk["in_force"]
        if found is None:
            return "none in force"
        persons, identifiers = (found["counts"][name] for name in ("persons", "identifiers"))
        return f"{found['sha256'][:8]} of {found['read_at']}: persons {persons:,}, identifiers {identifiers:,}"

    def _key_state(self) -> str:
        if not self.key_is_readable:
            return " - MISSING: restore it from the backup"
        return "" if self.key_fits else " - NOT the key this home was made with: restore that one from the backup"


def status(settings: Settings) -> Status:
    """What `settings.home` holds; SettingsError when it is no home."""
    home = Home.open(settings)
    key = settings.pseudonym_key_file or home.key_file
    waiting = quarantine(settings)
    return Status(
        home=str(home.root),
        is_demo=bool(home.config.get("is_demo")),
        exports_received=sum(1 for _ in home.receipts.glob("*.json")),
        labs_waiting=waiting_labs(settings),
        published_run=_published(home),
        key_file=str(key),
        key_is_readable=key.is_file(),
        key_fits=_fits(home, settings),
        back_up=[
            str(p)
            for p in (
                home.root / "home.json",
                key,
                home.archive,
                home.receipts,
                home.landed,
                home.restricted,
                home.runs,
                home.reviews,
                home.crosswalk,
            )
        ],
        files_held=len(waiting.files),
        rows_held_or_rejected=waiting.rows_waiting,
        decisions=count(home),
        left_by_killed_whatif=[str(folder) for folder in beside.left_over(home)],
        crosswalk=show(settings).as_dict(),
    )


def _fits(home: Home, settings: Settings) -> bool:
    try:
        home.pseudonym_key(settings)
    except SettingsError:
        return False
    return True


def _published(home: Home) -> str | None:
    if not home.warehouse_file.is_file():
        return None
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        row = con.execute("SELECT run_id FROM _build").fetchone()
    return str(row[0]) if row else None
