"""Small SQL expressions that the generated parsers are made of."""

import unicodedata
from collections.abc import Iterable, Mapping

# Spaces that laboratories' systems put between the groups of a number: no-break, thin and narrow no-break.
WIDE_SPACES = "\u00a0\u2009\u202f"
# Comparison signs as they are typed elsewhere: full width, small, and other drawings of "or equal".
_SIGNS = str.maketrans({
    "\uff1c": "<", "\uff1e": ">", "\uff1d": "=", "\ufe64": "<", "\ufe65": ">", "\ufe66": "=",
    "\u2266": "\u2264", "\u2a7d": "\u2264", "\u2267": "\u2265", "\u2a7e": "\u2265",
})  # fmt: skip
# Single characters that Unicode's compatibility form (NFKC) makes another one of, where units have them: the micro sign
# and the Greek letter, full-width letters and signs, spaces of every width, superscripts.
_TWINS = str.maketrans({
    twin: plain
    for twin in map(chr, (*range(0xA0, 0x100), *range(0x2000, 0x2150), *range(0xFF01, 0xFF5F)))
    if len(plain := unicodedata.normalize("NFKC", twin)) == 1 and plain != twin
})  # fmt: skip


def literal(text: str | None) -> str:
    """A SQL string literal, or NULL."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def plain_signs(text: str) -> str:
    """The text with every comparison sign in its usual spelling; nothing else changes, full-width digits stay."""
    return _translated(text, _SIGNS)


def plain_unit(text: str) -> str:
    """The text of a unit with one character for each of those that look and mean the same."""
    return _translated(text, _TWINS)


def as_plain_unit(word: str) -> str:
    """What `plain_unit` gives for a word."""
    return word.translate(_TWINS)


def _translated(text: str, table: Mapping[int, str]) -> str:
    """A text as long in bytes as in characters is ASCII and has none of them; translating costs microseconds a row."""
    translated = f"translate({text}, {literal(''.join(map(chr, table)))}, {literal(''.join(table.values()))})"
    return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {translated} END"


def one_of(text: str, words: Iterable[str]) -> str:
    """Whether a text is one of some words; NULL for NULL.

    Never written with IN or list_contains: DuckDB turns a longer list into a hash join, after which rows are stored in
    any order, while row numbers rest on their order.
    """
    cases = " ".join(f"WHEN {literal(word)} THEN true" for word in dict.fromkeys(words))
    return f"CASE WHEN {text} IS NOT NULL THEN {f'CASE {text} {cases} ELSE false END' if cases else 'false'} END"


def cell(position: int, missing: Iterable[str]) -> str:
    """The text of a cell without surrounding spaces; NULL when it is one of the missing markers."""
    markers = [marker for marker in missing if marker.strip()]
    given = f"nullif(trim(c{position}), '')"
    for marker in markers:
        given = f"nullif({given}, {literal(marker.strip())})"
    return given


def meaning(text: str, words: Mapping[str, str], otherwise: str = "NULL") -> str:
    """The meaning of a word, by the declared words; `otherwise` for a word that is not declared."""
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(stands_for)}" for word, stands_for in words.items())
    return f"CASE {text} {cases} ELSE {otherwise} END" if cases else otherwise


def full_match(text: str, pattern: str) -> str:
    """Whether the whole text is of the pattern (RE2)."""
    return f"regexp_full_match({text}, {literal(pattern)})"


def first_known(*expressions: str) -> str:
    """The first of the expressions that is not NULL; constant NULLs are left out."""
    given = [expression for expression in expressions if expression != "NULL"]
    return f"coalesce({', '.join(given)})" if len(given) > 1 else (given[0] if given else "NULL")
