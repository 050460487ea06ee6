"""What an Observation says as one text (`value`) and in which unit (`unit`), whatever type of value it uses."""

from collections.abc import Callable, Mapping

from pipeline.labs.model import TITRE_UNIT
from pipeline.readers.fhir.json import Json
from pipeline.readers.fhir.path import text_of
from pipeline.readers.numbers import without_empty_fraction

Observation = Mapping[str, Json]


def is_value(name: str) -> bool:
    """Whether a member is one of the value types: valueQuantity, valueRatio, ..."""
    return name.startswith("value") and name[5:6].isupper()


def value(observation: Observation) -> str:
    """The value as text, else the reason why there is none.

    Two values (FHIR allows one) are joined by `~`, which no result is written with: the row goes back.
    """
    texts = [_text(name, observation[name]) for name in observation if is_value(name)]
    return "~".join(texts) if texts else _coded(observation.get("dataAbsentReason"), ("code", "text"))


def unit(observation: Observation) -> str:
    """The unit's code, else its text; a ratio with the numerator 1 is a titre."""
    quantity, ratio = observation.get("valueQuantity"), observation.get("valueRatio")
    if isinstance(quantity, dict):
        return text_of(quantity.get("code")) or text_of(quantity.get("unit"))
    if isinstance(ratio, dict) and isinstance(numerator := ratio.get("numerator"), dict):
        return TITRE_UNIT if _number(numerator) == "1" else ""
    return ""


def _text(name: str, found: Json) -> str:
    if not isinstance(found, dict):
        return text_of(found)
    written = _WRITTEN.get(name)
    # a type no result is written in is named instead, so that the row cannot pass for an empty one
    return written(found) if written else name


def _quantity(quantity: Observation) -> str:
    return text_of(quantity.get("comparator")) + _number(quantity)


def _number(quantity: Observation) -> str:
    return without_empty_fraction(text_of(quantity.get("value")))


def _ratio(ratio: Observation) -> str:
    """1:800; <1:400 when the denominator, the titre, is below 400.

    A comparator at the numerator says the opposite by arithmetic and the same by habit: it stays where it stands, so
    that nobody reads it.
    """
    numerator, denominator = ratio.get("numerator"), ratio.get("denominator")
    if not isinstance(numerator, dict) or not isinstance(denominator, dict):
        return "incomplete ratio"
    first = _number(numerator)
    if numerator.get("comparator"):
        first = f"({_quantity(numerator)})"
    return f"{text_of(denominator.get('comparator'))}{first}:{_number(denominator)}"


def _range(found: Observation) -> str:
    low, high = (_quantity(end) if isinstance(end := found.get(name), dict) else ".." for name in ("low", "high"))
    return f"{low}-{high}"


def _concept(found: Observation) -> str:
    return text_of(found.get("text")) or _coded(dict(found), ("display", "code"))


def _coded(concept: Json, wanted: tuple[str, ...]) -> str:
    """The first that is there: of the first coding, then of the concept itself."""
    if not isinstance(concept, dict):
        return ""
    codings = concept.get("coding")
    first = codings[0] if isinstance(codings, list) and codings else {}
    places = [first if isinstance(first, dict) else {}, concept]
    return next((text for place in places for name in wanted if (text := text_of(place.get(name)))), "")


_WRITTEN: Mapping[str, Callable[[Observation], str]] = {
    "valueQuantity": _quantity,
    "valueRatio": _ratio,
    "valueRange": _range,
    "valueCodeableConcept": _concept,
}
