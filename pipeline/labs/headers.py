"""Header cells against the declared headers: spelled the same but for case and spaces, none missing, none too many."""

import re
from collections.abc import Collection, Mapping, Sequence

# Words of headers that stand over what names a person, in the languages laboratories' systems speak. Whole words only:
# "Testname" and "Patient" (a pseudonym) are none.
_IDENTIFIER_WORDS = frozenset({
    "address", "adres", "adresse", "anschrift", "birthdate", "bsn", "cognome", "cpr", "dob", "email", "fodselsdato",
    "forename", "fornavn", "geboortedatum", "geburtsdatum", "geburtstag", "indirizzo", "insurance", "krankenkasse",
    "lastname", "firstname", "surname", "mobile", "mrn", "nachname", "naissance", "nascita", "nhs", "nom", "nome",
    "patientenname", "patientname", "phone", "plz", "postcode", "prenom", "ssn", "street", "strasse", "straße",
    "telefon", "telephone", "versichertennummer", "voornaam", "vorname", "zip", "achternaam", "efternavn",
    "prénom", "født", "geboren", "fødselsdato",
})  # fmt: skip
_IDENTIFIER_PHRASES = (
    "date of birth", "birth date", "patient name", "patient's name", "full name", "first name", "last name",
    "family name", "given name", "medical record number", "hospital number", "nhs number", "social security",
    "name des patienten", "naam patient", "nom du patient", "date de naissance", "data di nascita",
)  # fmt: skip


_MOST_SHOWN, _LONGEST_SHOWN = 20, 60
# Dates, results and identifiers have digits together, or a mark between them; hardly a header does.
_VALUE = re.compile("[0-9][-0-9:/.,]|[<>@]")


def plain(text: str) -> str:
    """A header as it is compared: without outer spaces, runs of spaces as one, case folded, no byte order mark."""
    return " ".join(text.replace("\ufeff", "").split()).casefold()


def fitted(texts: Sequence[str], expected: Sequence[str], others: Mapping[str, str]) -> tuple[str, ...] | None:
    """The declared headers in the order of the file; None unless each is there exactly once and nothing else is."""
    names = _names(expected, others)
    found = tuple(names.get(plain(text), "") for text in texts)
    fits = len(found) == len(expected) and set(found) == set(expected)
    return found if fits else None


def _names(expected: Sequence[str], others: Mapping[str, str]) -> dict[str, str]:
    return {plain(other): name for other, name in others.items()} | {plain(name): name for name in expected}


def looks_like_identifier(header: str) -> bool:
    """Whether a header stands over what names a person directly."""
    words = re.split(r"[^\w]+", plain(header).replace("_", " ").replace("-", " "))
    return not _IDENTIFIER_WORDS.isdisjoint(words) or any(phrase in plain(header) for phrase in _IDENTIFIER_PHRASES)


def has_identifier(texts: Sequence[str], known: Collection[str]) -> bool:
    """Whether a column that nobody declared looks like a direct identifier."""
    return any(looks_like_identifier(text) for text in texts if text and plain(text) not in known)


def difference(texts: Sequence[str], expected: Sequence[str], others: Mapping[str, str], header_row: int) -> str:
    """What differs, in header names. What may be a value is not quoted: its place in the row is said instead."""
    if not any(texts):
        return f"row {header_row} was expected to be the header and could not be read"
    names = _names(expected, others)
    there = [names.get(plain(text)) for text in texts]
    if 2 * len(set(there) - {None}) < len(expected):
        return f"row {header_row} was expected to be the header, fewer than half of its columns are there"
    missing = [name for name in expected if name not in there]
    unknown = {place: text for place, (text, name) in enumerate(zip(texts, there, strict=True), 1) if name is None}
    is_whole = not missing or len(texts) == len(expected)
    found = {
        "missing": missing,
        "neither mapped nor ignored": _shown(unknown) if is_whole else _places(unknown),
        "there twice": list(dict.fromkeys(name for name in there if name is not None and there.count(name) > 1)),
    }
    return "; ".join(f"{what}: {_listed(names)}" for what, names in found.items() if names)


def _shown(unknown: Mapping[int, str]) -> list[str]:
    """Headers nobody declared. Where a line break was lost, values stand among them: then none of them is quoted."""
    if any(_VALUE.search(text) for text in unknown.values()):
        return _places(unknown)
    return list(dict.fromkeys(text or "(no name)" for text in unknown.values()))


def _places(unknown: Collection[int]) -> list[str]:
    return [f"cell {place}" for place in unknown]


def _listed(names: Sequence[str]) -> str:
    """The names in one line that a person can read, however many and long they are."""
    shown = [name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "..." for name in names[:_MOST_SHOWN]]
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(shown) + more
