"""What a draft is made of: values, each with the reason it was guessed, and the places a person must decide."""

from dataclasses import dataclass

from pipeline.labs.document import UNDECIDED, is_open


@dataclass(frozen=True, slots=True)
class Guess:
    """One value of the draft and why it was chosen; an empty `why` is no guess but what the file itself says."""

    value: str
    why: str = ""


def undecided(question: str) -> Guess:
    """A place that a person must fill in: the text makes the file unsound until then."""
    return Guess(f"{UNDECIDED}: {question}")


def is_undecided(text: str) -> bool:
    """Whether a text of a YAML file is such a place."""
    return is_open(text)
