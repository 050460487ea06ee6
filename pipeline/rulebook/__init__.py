"""The rules as data: read from CSV, proven sound, hashed. `load` gives a Rulebook or says why it is unsound."""

from pipeline.rulebook.load import Rulebook, load

__all__ = ["Rulebook", "load"]
