"""Names, docstrings and values of tests as a reader reads them."""

import re
from collections.abc import Mapping
from typing import Any

# How words of names are spelled.
_SPELLED = {
    "gm1": "GM1", "galc": "GalC", "igm": "IgM", "igg": "IgG", "iga": "IgA", "mmn": "MMN", "ivig": "IVIG", "als": "ALS",
    "csf": "CSF", "aaem": "AAEM", "efns": "EFNS", "erb": "Erb", "fhir": "FHIR", "hl7": "HL7", "umn": "UMN", "snap": "SNAP",
    "poisson": "Poisson",
    "cutoff": "cut-off", "cutoffs": "cut-offs", "laboratorys": "laboratory's", "programs": "program's",
}  # fmt: skip
# Words that a name cannot spell.
_JOINED = {"anti GM1": "anti-GM1", "cut off": "cut-off", "asialo GM1": "asialo-GM1"}


class Wordless(Exception):
    """A spec test, or a case of one, that says nothing to a reader."""


def sentence_of(name: str) -> str:
    """A name as a sentence; a number in front stays apart from it."""
    number, words = re.match(r"(\d*)_?(.*)", name).groups()  # type: ignore[union-attr]
    words = " ".join(_SPELLED.get(word, word) for word in words.split("_"))
    for apart, joined in _JOINED.items():
        words = words.replace(apart, joined)
    words = re.sub(r"(\w) s ", r"\1's ", words[:1].upper() + words[1:])
    return f"{int(number)}. {words}" if number else words


def paragraphs(docstring: str | None) -> str:
    """A docstring with its lines joined and its paragraphs kept."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", (docstring or "").strip()))


def in_words(value: Any) -> str:
    """A simple value as a reader reads it; raises Wordless for what is none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.10g}" if abs(value) < 10**9 else str(value)
    if isinstance(value, str):
        return coded(value) if value else "(empty)"
    if isinstance(value, Mapping):
        return ", ".join(_said(name, one) for name, one in value.items()) or "nothing more"
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(one, Mapping) for one in value) else ", ").join(map(in_words, value)) or "–"
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(map(in_words, value)))
    if hasattr(value, "expected"):
        return in_words(value.expected)
    raise Wordless(f"a {type(value).__name__} cannot be written in words")


def _said(name: Any, value: Any) -> str:
    """A named value: a code for the name where it is one, so that nobody reads it as a sentence."""
    return f"{coded(str(name))}: {in_words(value)}"


def coded(text: str) -> str:
    """The text with codes (words with an underscore) set as code."""
    return re.sub(r"(?<![\w`.])([\w.]*\w_\w[\w.]*\w)(?![\w`])", r"`\1`", text)
