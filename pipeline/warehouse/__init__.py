"""The warehouse: one DuckDB file, built beside the published one from the landed data and swapped by rename."""

from pipeline.warehouse.build import BuildSummary, build, combine

__all__ = ["BuildSummary", "build", "combine"]
