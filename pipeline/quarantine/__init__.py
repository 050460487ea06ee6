"""What waits: rows and files that are held or rejected, whose move it is, and the decisions of named persons."""

from pipeline.quarantine.fitting import fitting
from pipeline.quarantine.listing import Listing, Quarantine
from pipeline.quarantine.look import quarantine, rows_of
from pipeline.quarantine.release import release

__all__ = ["Listing", "Quarantine", "fitting", "quarantine", "release", "rows_of"]
