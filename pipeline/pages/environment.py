"""The Jinja environment of the pages: everything escaped, a missing name is an error, nothing loaded from elsewhere."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.pages import numbers
from pipeline.pages.tables import html_table

TEMPLATES = Path(__file__).parent / "templates"


def environment(*folders: Path) -> Environment:
    """An environment over `folders` and the shared templates; what a template does not mark as safe is escaped."""
    found = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update(count=numbers.count, percent=numbers.percent, instant=numbers.instant)
    found.globals.update(table=html_table, plural=numbers.plural, interval_text=numbers.interval_text)
    return found
