"""Small SQL expressions that the generated parsers are made of."""

from collections.abc import Iterable, Mapping

# Spaces that laboratories' systems put between the groups of a number: no-break, thin and narrow no-break.
WIDE_SPACES = "\u00a0\u2009\u202f"


def literal(text: str | None) -> str:
    """A SQL string literal, or NULL."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


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
