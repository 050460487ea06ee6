"""What every page of ours shares: the frame and its style, tables, and how numbers are written."""

from pipeline.pages.environment import environment
from pipeline.pages.numbers import HARD_SPACE, count, instant, interval_text, percent, plural
from pipeline.pages.tables import csv_text, html_table

__all__ = [
    "HARD_SPACE",
    "count",
    "csv_text",
    "environment",
    "html_table",
    "instant",
    "interval_text",
    "percent",
    "plural",
]
