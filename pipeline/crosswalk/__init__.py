"""The file that says which identifiers of several sites belong to one person: read strictly, kept under pseudonyms."""

from pipeline.crosswalk.kept import Crosswalk, in_force, sent_keys
from pipeline.crosswalk.take import Shown, Taken, show, take

__all__ = ["Crosswalk", "Shown", "Taken", "in_force", "sent_keys", "show", "take"]
