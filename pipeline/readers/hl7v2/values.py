"""What an HL7 v2 result says as one text: OBX-5 written by the rules of the type that OBX-2 names."""

import re

import hl7

from pipeline.readers.hl7v2.message import Parts, Separators
from pipeline.readers.numbers import without_empty_fraction

DOCUMENTS = ("ED", "RP")
_CODED = ("CE", "CWE", "CNE", "CF")
_COMPARATORS = ("", "=", ">", "<", ">=", "<=", "<>")
_SEPARATORS = ("", "-", "+", "/", ":")
_NUMBER = re.compile(r"[+-]?[0-9]*\.[0-9]+")


def observed(separators: Separators, observation: hl7.Segment, decimal: str) -> str:
    """The value of an OBX. Several repetitions are joined by `~`, which no result is written with: the row goes back."""
    kind = separators.text(observation[2][0], None).strip() if len(observation) > 2 else ""
    repetitions = separators.repetitions(observation, 5)
    return "~".join(_value(separators, repetition, kind, decimal) for repetition in repetitions)


def _value(separators: Separators, repetition: Parts, kind: str, decimal: str) -> str:
    if kind in _CODED:
        texts = (separators.text(repetition, component) for component in (2, 1, 9))
        return next((text for text in texts if text.strip()), "")
    whole = separators.text(repetition, None)
    if kind == "NM":
        return _number(whole.strip(), decimal)
    if kind == "SN":
        parts = [separators.text(repetition, component).strip() for component in (1, 2, 3, 4, 5)]
        return _structured(parts, whole, decimal)
    return whole


def _structured(parts: list[str], whole: str, decimal: str) -> str:
    """1:800 for ^1^:^800, >51200 for >^51200; as it was written when the parts do not make sense together.

    Two numbers without a separator would run together into a third, so they are not joined.
    """
    comparator, first, separator, second, surplus = parts
    is_known = comparator in _COMPARATORS and separator in _SEPARATORS
    if not is_known or not first or surplus or (second and not separator):
        return whole
    comparator = "" if comparator == "=" else comparator
    return comparator + _number(first, decimal) + separator + _number(second, decimal)


def _number(text: str, decimal: str) -> str:
    """HL7 writes a point whatever the sender's country; the text is written as the format declares numbers."""
    return without_empty_fraction(text).replace(".", decimal) if _NUMBER.fullmatch(text) else text
