"""Invented exports of invented laboratories, and what a run on them must find.

Everything here is synthetic: no patient, laboratory or cut-off exists. One seed gives the same bytes everywhere. The
manifest is computed from the plan and never by reading what was written, so it can be held against a run.
"""

from pathlib import Path
from typing import Any

from pipeline.demo.cohort import VARIANTS, Variant
from pipeline.demo.manifest import manifest_of
from pipeline.demo.plan import planned
from pipeline.demo.write import write_files
from pipeline.errors import UsageError
from pipeline.home import Home
from pipeline.settings import Settings

__all__ = ["VARIANTS", "Variant", "manifest", "prepare", "write_exports"]


def prepare(settings: Settings, month: int = 1, variant: str = "within", seed: int | None = None) -> None:
    """Makes a demo home where there is none and puts the exports of `month` (1 or 2) into its inbox.

    Raises SettingsError when the home is one for real laboratories, UsageError for a variant that does not exist.
    """
    home = Home.create(settings.home, demo=True)
    write_exports(home.inbox, month, variant, seed)


def write_exports(inbox: Path, month: int = 1, variant: str = "within", seed: int | None = None) -> None:
    """Writes the exports of one month below `inbox`, a folder a laboratory, with the file times of that month."""
    write_files(inbox, planned(_known(variant), seed), month)


def manifest(months: int = 1, variant: str = "within", seed: int | None = None) -> dict[str, Any]:
    """What a run on the exports of the first `months` months must find: rows by disposition, planted rows, headline."""
    return manifest_of(planned(_known(variant), seed), months)


def _known(variant: str) -> Variant:
    if variant not in VARIANTS:
        raise UsageError(f"variant {variant}: expected one of {', '.join(VARIANTS)}")
    return VARIANTS[variant]
