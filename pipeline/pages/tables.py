"""Frames as tables of a page and as CSV files that a spreadsheet cannot be tricked by."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from pipeline.pages.numbers import MISSING

# What a spreadsheet takes for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Stands for a place where a long code may break until the cells are escaped; a private character, of no meaning elsewhere.
_MAY_BREAK = "\ue000"


def html_table(
    frame: pd.DataFrame, caption: str, right: Sequence[str] = (), classes: str = "", lines: Sequence[str] = ()
) -> Markup:
    """An HTML table with its caption, every cell escaped and none shortened; columns named in `right` are numbers.

    Cells of the columns in `lines` break where they hold a line break; elsewhere one is shown as what it is. Codes (the
    column of a class `code-N`) may break after a dot or an underscore, and so not inside a word.

    Wide tables scroll inside their own box, which the keyboard reaches too.
    """
    numbered = [f"right-{position}" for position, name in enumerate(frame.columns, start=1) if name in right]
    html = frame.to_html(index=False, escape=True, border=0, na_rep=MISSING, justify="left",
                         formatters={**dict.fromkeys(lines, str), **_codes(frame, classes)},
                         classes=["data", *classes.split(), *numbered])  # fmt: skip
    # pandas escapes cells and headings, so a tag in the text can only be its own
    html = html.replace("<th>", '<th scope="col">').replace(_MAY_BREAK, "<wbr>")
    said = escape(caption)
    # outside the scrolling box, so that a narrow screen does not cut the caption off
    box = f'<div class="scroll" role="region" tabindex="0" aria-label="{said}">\n{html}\n</div>'
    return Markup(f'<p class="caption">{said}</p>\n{box}')  # noqa: S704 - both parts are escaped above


def _codes(frame: pd.DataFrame, classes: str) -> dict[str, Callable[[Any], str]]:
    places = [int(name.removeprefix("code-")) - 1 for name in classes.split() if name.startswith("code-")]
    return {frame.columns[place]: _breakable for place in places if place < len(frame.columns)}


def _breakable(code: Any) -> str:
    return re.sub(r"(?<=[._])(?=\w)", _MAY_BREAK, str(code))


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV: UTF-8 text, LF, empty for what is missing, and a text cell never starts a formula."""
    return str(frame.map(_harmless).to_csv(index=False, lineterminator="\n"))


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
