"""One HL7 v2 segment taken apart by the `hl7` package, and its places read as text.

Segments are parsed one at a time behind a stub of their message's header: a message may hold any number of them. The
package's own `unescape` is not used: it logs the field it fails on and drops sequences it does not know.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import hl7

from pipeline.labs.places import Address
from pipeline.readers.text_table import Unreadable

_CHECKED_LENGTH = 100_000
_MAX_PARTS = 100_000
_HEXADECIMAL = re.compile("X((?:[0-9A-Fa-f]{2})+)")
_LINES = re.compile(r"\.(?:br|sp([0-9]{0,2})|ce)")
_LAYOUT = re.compile(r"\.(?:fi|nf|in[+-]?[0-9]{0,2}|ti[+-]?[0-9]{0,2}|sk[0-9]{0,2})|H|N")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
Parts: TypeAlias = "str | Sequence[Parts]"


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters a message says it separates its parts with (MSH-1 and MSH-2), and its file's encoding."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    header: str
    encoding: str

    @classmethod
    def of(cls, header: str, row: int, encoding: str) -> "Separators":
        """Those of an MSH, FHS or BHS segment. Raises Unreadable when it does not say them."""
        given = header[4:].split(header[3], 1)[0] if len(header) > 4 else ""
        marks = header[3:4] + given[:4] + "^~\\&"[len(given[:4]) :]
        if not given or len(set(marks)) != 5 or any(mark.isalnum() or mark.isspace() for mark in marks):
            raise Unreadable("not_hl7", f"row {row}: {header[:3]} is cut short or gives no five different separators")
        return cls(marks[0], marks[1], marks[2], marks[3], marks[4], f"MSH{marks[0]}{given}{marks[0]}", encoding)

    def parsed(self, text: str) -> hl7.Segment | None:
        """The segment, or None when it cannot be taken apart within reasonable bounds."""
        if len(text) > _CHECKED_LENGTH and sum(map(text.count, self._marks())) > _MAX_PARTS:
            return None
        try:
            message = hl7.parse(text if text.startswith("MSH") else f"{self.header}\r{text}")
        except (hl7.HL7Exception, ValueError, IndexError, AssertionError):
            # the package's own messages may quote the segment
            return None
        return message[-1]

    def _marks(self) -> tuple[str, ...]:
        return self.field, self.component, self.repetition, self.subcomponent

    def cell(self, segment: hl7.Segment, address: Address) -> str:
        """The text at a place; of several repetitions the first, unless the address says which."""
        repetitions = self.repetitions(segment, address.field)
        at = (address.repetition or 1) - 1
        if at >= len(repetitions):
            return ""
        if segment[0][0] == "MSH" and address.field < 3:
            return str(repetitions[at])
        return self.text(repetitions[at], address.component, address.subcomponent)

    def repetitions(self, segment: hl7.Segment, field: int) -> Sequence[Parts]:
        """What a field holds, a repetition each; none when the segment ends before it."""
        return segment[field] if field < len(segment) else ()

    def text(self, repetition: Parts, component: int | None, subcomponent: int | None = None) -> str:
        """Component and subcomponent (None: all of it as written), escapes resolved; HL7's null is no text."""
        part: Parts = repetition
        for wanted in (component, subcomponent):
            if wanted is None:
                break
            parts = [part] if isinstance(part, str) else part
            part = parts[wanted - 1] if wanted <= len(parts) else ""
        raw = str(part)
        return "" if raw == '""' else self.unescaped(raw)

    def unescaped(self, raw: str) -> str:
        """The text behind the escapes; a sequence that has no meaning here, or never ends, stays as it is written."""
        if self.escape not in raw:
            return raw
        mark = re.escape(self.escape)
        return re.sub(f"{mark}([^{mark}]*){mark}", lambda found: self._meant(found[1], found[0]), raw)

    def _meant(self, name: str, written: str) -> str:
        marks = dict(
            zip("FSRET", (self.field, self.component, self.repetition, self.escape, self.subcomponent), strict=True)
        )
        if name in marks:
            return marks[name]
        if found := _LINES.fullmatch(name):
            return "\n" * int(found[1] or 1)
        if _LAYOUT.fullmatch(name):
            return ""
        if found := _HEXADECIMAL.fullmatch(name):
            return self._characters(found[1]) or written
        return written

    def _characters(self, digits: str) -> str:
        try:
            text = bytes.fromhex(digits).decode(self.encoding)
        except UnicodeDecodeError:
            return ""
        return "" if _CONTROLS.search(text) else text
