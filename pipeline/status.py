"""What a home holds and what waits in it, for `gm1 status`."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.home import Home
from pipeline.ingest import waiting_labs
from pipeline.settings import Settings


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
    back_up: list[str]

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
            f"Pseudonym key      {self.key_file}{'' if self.key_is_readable else ' - MISSING: restore it from the backup'}",
            f"Back up            {', '.join(self.back_up)}",
        ]
        return "\n".join(lines)


def status(settings: Settings) -> Status:
    """What `settings.home` holds; SettingsError when it is no home."""
    home = Home.open(settings)
    key = settings.pseudonym_key_file or home.key_file
    return Status(
        home=str(home.root),
        is_demo=bool(home.config.get("is_demo")),
        exports_received=sum(1 for _ in home.receipts.glob("*.json")),
        labs_waiting=waiting_labs(settings),
        published_run=_published(home),
        key_file=str(key),
        key_is_readable=key.is_file(),
        back_up=[
            str(p)
            for p in (home.root / "home.json", key, home.archive, home.receipts, home.landed, home.runs, home.reviews)
        ],
    )


def _published(home: Home) -> str | None:
    if not home.warehouse_file.is_file():
        return None
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        row = con.execute("SELECT run_id FROM _build").fetchone()
    return str(row[0]) if row else None
