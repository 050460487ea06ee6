"""The words of coded columns and what they mean: the only cells of an example that a draft may repeat.

A word is written only when its column is recognised as coded (the words of half of its cells are known), has at most
thirty different ones, and the word is short, no identifier of the same file, and known, a single word or written twice.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.drafting.analytes import antigen_of, isotype_of
from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.lexicon import lexicon, meanings, plain

MOST_WORDS = 30
LONGEST_WORD = 40
_LIKE_A_NUMBER = re.compile(r"[0-9]{5,}|[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}|@")
Words = Mapping[str, Guess]


def words_of(field: str, cells: Sequence[str], identifiers: frozenset[str]) -> Words:
    """Each different word of a coded column with its meaning; places to decide where it is not known.

    A column that is not recognised as coded gives one such place and none of its words.
    """
    distinct = sorted(set(cells))
    known = _status_words(distinct) if field == "status" else {}
    for word in distinct:
        if word not in known and (meaning := _meaning(field, word)):
            known[word] = Guess(meaning, "the usual meaning of the word")
    if not distinct:
        return {f"TODO: a word of {field}; the example has none": undecided("what it means")}
    counted = Counter(cells)
    if len(distinct) > MOST_WORDS or 2 * sum(counted[word] for word in known) < len(cells):
        what = f"{len(distinct)} different ones" if len(distinct) > MOST_WORDS else "most of them are not known"
        return {f"TODO: the words of this column ({what})": undecided(f"a {field}")}
    is_code = {word: " " not in word or counted[word] > 1 for word in distinct}
    shown = [word for word in distinct if word in known or (is_code[word] and may_show(word, identifiers))]
    found = {word: known.get(word) or undecided("what this word means here") for word in shown}
    if hidden := len(distinct) - len(shown):
        found[f"TODO: {hidden} further words, long or like an identifier"] = undecided("what they mean")
    return found


def may_show(word: str, identifiers: frozenset[str]) -> bool:
    """Whether a word of a coded column may stand in a draft: short, and nothing that could be an identifier."""
    parts = {plain(part) for part in (word, *word.split())}
    is_secret = any(part in identifiers and len(part) > 2 for part in parts)
    return len(word) <= LONGEST_WORD and not _LIKE_A_NUMBER.search(word) and not is_secret


def result_words(cells: Sequence[str]) -> tuple[Words, Words, int]:
    """Words of a result column: what they mean, which say that there is no result, and how many texts are not known.

    Only words that are known are given: any other text without a digit may be anything.
    """
    words: dict[str, Guess] = {}
    nothing: dict[str, Guess] = {}
    others = 0
    for word in sorted({cell for cell in cells if not re.search("[0-9]", cell)}):
        reason = meanings("no_result").get(plain(word))
        meaning = meanings("lab_interpretation").get(plain(word))
        if reason == "TODO":
            words[word] = undecided("not detected (negative), or not done and no data (move it to no_result)")
        elif reason:
            nothing[word] = Guess(reason, "the usual meaning of the word")
        elif meaning and (len(word) > 1 or not word.isalpha()):
            words[word] = Guess(meaning, "the usual meaning of the word")
        else:
            others += 1
    return words, nothing, others


def _meaning(field: str, word: str) -> str | None:
    if field == "antigen":
        return antigen_of(word)
    if field == "isotype":
        return meanings(field).get(plain(word)) or isotype_of(word)
    return meanings(field).get(plain(word))


def _status_words(distinct: Sequence[str]) -> dict[str, Guess]:
    """Codes of one letter: a set of them counts where it covers all; a letter on which two such sets differ is open."""
    used = {word.upper() for word in distinct}
    covering = {
        name: codes
        for name, codes in lexicon()["status_codes"].items()
        if used <= {code.upper() for code in codes}
        # an export without a single final result is unlikely; HL7's codes are too common to be ruled out by that
        and (name.startswith("HL7") or any(codes[code] == "final" for code in codes if code.upper() in used))
    }
    found: dict[str, Guess] = {}
    for word in distinct:
        said: dict[str, str] = {}
        for name, codes in covering.items():
            said.setdefault(next(meaning for code, meaning in codes.items() if code.upper() == word.upper()), name)
        if len(said) == 1:
            ((meaning, name),) = said.items()
            found[word] = undecided("what this status means") if meaning == "TODO" else Guess(meaning, f"as in {name}")
        elif said:
            found[word] = undecided(" or ".join(f"{meaning} ({name})" for meaning, name in said.items()))
    return found
