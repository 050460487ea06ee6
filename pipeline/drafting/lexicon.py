"""What headers and words usually mean in six languages, from words.yaml: proposals for a person, never a decision."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from pipeline.records import VOCABULARY

WORDS_FILE = Path(__file__).with_name("words.yaml")
UNDECIDED = "TODO"
# Coded fields that are answered by yes, no or unknown share their words.
_YES_NO = {name for name, words in VOCABULARY.items() if set(words) == {"yes", "no", "unknown"}}


@cache
def lexicon() -> Mapping[str, Any]:
    """The sections of words.yaml; every scalar is text."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return MappingProxyType(yaml.load(WORDS_FILE.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506


def plain(text: str) -> str:
    """Text without case and accents, its runs of spaces one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("æ", "ae"))
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(letters.split())


def header_key(header: str) -> str:
    """A header without case, accents, punctuation and a unit in brackets."""
    without_unit = re.sub(r"[(\[][^)\]]*[)\]]\s*$", " ", header)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", without_unit) if not header.isupper() else without_unit
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain(spaced)).split())


@cache
def _headers(section: str) -> Mapping[str, tuple[str, ...]]:
    """Header key, also written as one word -> what it can stand for, in the lexicon's order."""
    found: dict[str, list[str]] = {}
    for meaning, headers in lexicon()[section].items():
        for header in headers:
            key = header_key(header)
            for spelling in {key, key.replace(" ", "")} - {""}:
                found.setdefault(spelling, []).append(meaning)
    return {key: tuple(dict.fromkeys(meanings)) for key, meanings in found.items()}


def stands_for(section: str, header: str) -> tuple[str, ...]:
    """What a header can stand for by one section (`headers`, `identifiers`, `set_aside`); empty when it is unknown."""
    key = header_key(header)
    known = _headers(section)
    return known.get(key) or known.get(key.replace(" ", "")) or ()


@cache
def meanings(field: str) -> Mapping[str, str]:
    """Word -> canonical meaning for one coded field, or for `unit`, `no_result`, `lab_interpretation`."""
    if field == "no_result":
        listed = lexicon()["no_result"]
    else:
        listed = lexicon()["words"].get("yes_no" if field in _YES_NO else field, {})
    known = {plain(word): meaning for meaning, words in listed.items() for word in words}
    canonical = {plain(word): word for word in VOCABULARY.get(field, ())}
    return canonical | known


def is_missing_marker(text: str) -> bool:
    """Whether a cell is one of the usual ways to write that nothing is given."""
    return text.strip() in _missing()


@cache
def _missing() -> frozenset[str]:
    return frozenset(["", *lexicon()["missing"]])
