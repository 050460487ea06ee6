"""The unit of results: from their own look, from the header, or from a row of units."""

import re
from collections.abc import Sequence

from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.lexicon import meanings, plain
from pipeline.drafting.numbers import numbers_in, titres_in
from pipeline.labs.model import TITRE_UNIT

# What makes a number a result without a unit of its own: nothing but words.
NO_UNIT = Guess("", "its results are words")


def unit_of(cells: Sequence[str], *labels: str) -> Guess:
    """The unit of some results: titres show themselves, else a header or a units cell among `labels` may say it."""
    titres, numbers = titres_in(cells), numbers_in(cells)
    if titres and len(titres) >= len(numbers):
        return Guess(TITRE_UNIT, f"results written as titres: {len(titres)}")
    if cells and not titres and not numbers:
        return NO_UNIT
    for label in labels:
        for part in (*re.findall(r"[(\[]([^)\]]+)[)\]]", label), label):
            if unit := meanings("unit").get(plain(part)):
                return Guess(unit, "by the header or the row of units")
    return undecided('"{titer}", "{index_val}", "%" or "[arb\'U]/mL"')
