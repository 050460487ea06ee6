"""What a laboratory's own test codes stand for, from their names and from the results that stand beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.drafting.analytes import antigen_of, isotype_of
from pipeline.drafting.coded import MOST_WORDS, may_show
from pipeline.drafting.findings import Guess, undecided
from pipeline.drafting.numbers import numbers_in, titres_in
from pipeline.drafting.units import unit_of

# Codes of the international list for the antibodies of interest and the one that is often taken for them.
_LOINC = {"51703-7": "GM1 IgM", "51729-2": "GM1 IgG", "10359-8": "asialo-GM1 IgM"}
Meaning = dict[str, Guess]


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says about its test: its code, result and unit, and which sample it is of."""

    code: str
    result: str
    unit: str
    accession: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a draft knows beside the rows: what codes are called, which texts are identifiers, what results are labelled."""

    names: Mapping[str, str]
    identifiers: frozenset[str]
    label: str


def tests_of(rows: Sequence[Row], wanted: Sequence[str], known: Known) -> dict[str, Meaning]:
    """Each test code and what it means; `wanted` are the fields no column gives (antigen, isotype).

    Codes are written like words of a coded column: at most thirty, short, none an identifier, at least one understood.
    """
    codes = sorted({row.code for row in rows})
    called = {code: _LOINC.get(code) or _first_understood(code, known.names.get(code, "")) for code in codes}
    understood = [code for code in codes if antigen_of(called[code]) or isotype_of(called[code])]
    if len(codes) > MOST_WORDS or not understood:
        return {"TODO: the test codes of this column, and what each stands for": _meaning("", wanted)}
    shown = [code for code in codes if may_show(code, known.identifiers) or code in _LOINC]
    tests = {code: _meaning(called[code], wanted) for code in shown}
    if len(shown) < len(codes):
        tests[f"TODO: {len(codes) - len(shown)} further codes, long or like an identifier"] = _meaning("", wanted)
    _add_panels(tests, rows, known.label)
    return tests


def _first_understood(code: str, name: str) -> str:
    return code if antigen_of(code) and isotype_of(code) else name or code


def _meaning(code: str, wanted: Sequence[str]) -> Meaning:
    known = {"antigen": antigen_of(code), "isotype": isotype_of(code)}
    found: Meaning = {}
    for field in wanted:
        said = known[field]
        found[field] = Guess(said, "by the code's name") if said else undecided(f"the {field}")
    return found


def _add_panels(tests: dict[str, Meaning], rows: Sequence[Row], label: str) -> None:
    """Say of a test in words and one in titres for the same antibody and samples that they are one reflex panel."""
    results = {code: [row.result for row in rows if row.code == code and row.result] for code in tests}
    samples = {code: {row.accession for row in rows if row.code == code} for code in tests}
    for screen in tests:
        for titre in tests:
            is_one = _says(tests[screen]) == _says(tests[titre]) and screen != titre
            is_pair = is_one and _in_words(results[screen]) and titres_in(results[titre]) + numbers_in(results[titre])
            if is_pair and samples[titre] <= samples[screen]:
                why = "words for every sample in one code, a titre for some of them in the other"
                panel = Guess("_".join(_says(tests[screen])).lower().replace(":", "_"), why)
                unit = unit_of(results[titre], label)
                tests[screen] |= {"unit": Guess(""), "reads": Guess("word"), "panel": panel, "role": Guess("screen")}
                reads = Guess("titre" if unit.value == "{titer}" else "number")
                tests[titre] |= {"unit": unit, "reads": reads, "panel": panel, "role": Guess("titre")}


def _says(meaning: Mapping[str, Guess]) -> tuple[str, ...]:
    return tuple(meaning[field].value for field in ("antigen", "isotype") if field in meaning)


def _in_words(results: Sequence[str]) -> bool:
    return bool(results) and not titres_in(results) and not numbers_in(results)
