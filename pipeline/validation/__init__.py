"""The validation site: one page a run with every check and every failing row, and an index of the runs."""

from pipeline.validation.site import write_site

__all__ = ["write_site"]
