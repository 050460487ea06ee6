"""What one intake did, in numbers and names of files; never a value out of an export."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class IngestSummary:
    """Counts over the exports taken in by this call; `rows` is the sum of the `rows_` counts.

    `rows_accepted` are records no check rejects: the build decides which of them are used. `notes` name what a person
    should know of an export though it holds nothing, `warnings` what was left in the inbox on purpose, `errors` what
    could not be taken in and who must act.
    """

    exports_new: int = 0
    exports_seen: int = 0
    exports_held: int = 0
    exports_tried_again: int = 0
    rows: int = 0
    rows_accepted: int = 0
    rows_held: int = 0
    rows_rejected: int = 0
    rows_excluded: int = 0
    rows_layout: int = 0
    batches: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def add_rows(self, disposition: str | None, rows: int) -> None:
        """Count rows of one intake disposition; None is a record that may be used."""
        name = f"rows_{disposition or 'accepted'}"
        setattr(self, name, getattr(self, name) + rows)
        self.rows += rows
