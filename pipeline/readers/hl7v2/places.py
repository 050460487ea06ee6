"""The cells of a result: its own places, and those of the segments it belongs to.

A segment belongs to the part of the message it stands in: the message, the patient (from a PID on) or the order (from
an ORC or OBR on). A result takes its places from the nearest such segment above it; specimens often follow the results
they belong to, notes always do, so a result waits until they are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo

import hl7

from pipeline.labs.model import FileShape
from pipeline.labs.places import Address, address_of
from pipeline.readers.hl7v2.message import Separators
from pipeline.readers.hl7v2.values import observed
from pipeline.readers.moments import HL7_MOMENT, local_date, utc_instant
from pipeline.readers.text_table import Unreadable, Wanted

TORN = "unreadable_segment"
MAX_WAITING = 100_000
_MESSAGE, _PATIENT, _ORDER = range(3)


@dataclass(slots=True)
class Result:
    """An OBX whose cells fill up; `notes` hold a text for each NTE address, `specimens` says which SPM stood above."""

    row: int
    cells: list[str]
    specimen: hl7.Segment | None
    is_torn: bool = False
    notes: dict[int, list[str]] = field(default_factory=dict)


class Places:
    """Takes the segments of a message in their order and gives the results that are complete."""

    def __init__(self, wanted: Sequence[Wanted], shape: FileShape) -> None:
        self._wanted = [(address_of(one.address), one.kind) for one in wanted]
        self.segments = {address.segment for address, _ in self._wanted}
        self._decimal = shape.decimal
        self._zone: tzinfo | None = ZoneInfo(shape.time_zone) if shape.time_zone else None
        self._waiting: list[Result] = []
        self._separators: Separators
        self._begin(_MESSAGE)

    def _begin(self, scope: int) -> None:
        kept = self._scopes[:scope] if scope else []
        torn = self._torn[:scope] if scope else []
        self._scopes: list[dict[str, hl7.Segment | None]] = kept + [{} for _ in range(scope, 3)]
        self._torn: list[bool] = torn + [False] * (3 - scope)
        self._scope = scope
        self._specimens: list[hl7.Segment] = []
        self._context: dict[int, str] | None = None
        self._last: Result | None = None

    def message(self, separators: Separators) -> list[Result]:
        """Begin a message; gives what was still waiting."""
        complete = self.complete()
        self._begin(_MESSAGE)
        self._separators = separators
        return complete

    def segment(self, name: str, parsed: hl7.Segment | None) -> list[Result]:
        """Take in a segment that is no result (None when nobody asks for its places, or when it is torn)."""
        if name == "NTE":
            self._note(parsed)
            return []
        scope = self._scope_begun_by(name)
        complete = self.complete() if scope is not None else []
        if scope is not None:
            self._begin(scope)
        self._last = None
        if name in ("ORC", "OBR") or parsed is not None:
            self._scopes[self._scope][name] = parsed
            self._context = None
        if name == "SPM" and parsed is not None:
            self._specimens.append(parsed)
        return complete

    def _scope_begun_by(self, name: str) -> int | None:
        if name == "PID":
            return _PATIENT
        return _ORDER if name in ("ORC", "OBR") and not self._is_same_order(name) else None

    def _is_same_order(self, name: str) -> bool:
        """An OBR behind its ORC begins no order of its own."""
        seen = self._scopes[_ORDER]
        return name == "OBR" and self._scope == _ORDER and "ORC" in seen and "OBR" not in seen

    def torn(self, name: str) -> None:
        """Say that the segment last taken in goes on in a row that is none, or cannot be read: so much is not known."""
        if name == "OBX" and self._last is not None:
            self._last.is_torn = True
        elif name in self.segments - {"OBX", "NTE"}:
            self._torn[self._scope] = True
            if name == "SPM":
                for result in self._waiting:
                    result.is_torn = True

    def result(self, row: int, parsed: hl7.Segment) -> list[Result]:
        """Take in a result; gives earlier ones that wait for nothing any more."""
        complete = [] if self._waits_for_specimens() else self.complete()
        if len(self._waiting) >= MAX_WAITING:
            raise Unreadable("too_many_rows", f"row {row}: more than {MAX_WAITING:,} results of one order")
        cells = [self._own(parsed, address, kind) for address, kind in self._wanted]
        for at, text in self._from_above().items():
            cells[at] = text
        above = self._specimens[-1] if self._specimens else None
        self._last = Result(row, cells, above, is_torn=any(self._torn))
        self._waiting.append(self._last)
        return complete

    def complete(self) -> list[Result]:
        """Every result that waits, its notes and specimens filled in."""
        waiting, self._waiting, self._last = self._waiting, [], None
        for result in waiting:
            for at, (address, kind) in enumerate(self._wanted):
                if address.segment == "SPM":
                    result.cells[at] = self._of_specimen(result, address, kind)
                elif address.segment == "NTE":
                    result.cells[at] = " ".join(result.notes.get(at, ()))
        return waiting

    def _waits_for_specimens(self) -> bool:
        return "SPM" in self.segments and not self._specimens

    def _from_above(self) -> dict[int, str]:
        """The places of the segments above, by their position among the cells; worked out once for many results."""
        if self._context is None:
            self._context = {
                at: self._rendered(self._nearest(address.segment), address, kind)
                for at, (address, kind) in enumerate(self._wanted)
                if address.segment not in ("OBX", "NTE", "SPM")
            }
        return self._context

    def _nearest(self, name: str) -> hl7.Segment | None:
        return next((scope[name] for scope in reversed(self._scopes) if scope.get(name) is not None), None)

    def _own(self, parsed: hl7.Segment, address: Address, kind: str) -> str:
        if address.segment != "OBX":
            return ""
        is_whole_value = address.field == 5 and (address.repetition, address.component) == (None, None)
        if is_whole_value and kind in ("result", "text"):
            return observed(self._separators, parsed, self._decimal)
        return self._rendered(parsed, address, kind)

    def _of_specimen(self, result: Result, address: Address, kind: str) -> str:
        """Of the nearest specimen above, else of those that follow; where these differ, all of them, which no word means."""
        asked = [result.specimen] if result.specimen is not None else self._specimens
        return "~".join(dict.fromkeys(self._rendered(specimen, address, kind) for specimen in asked))

    def _note(self, parsed: hl7.Segment | None) -> None:
        if parsed is None or self._last is None:
            return
        for at, (address, _) in enumerate(self._wanted):
            if address.segment == "NTE":
                repetitions = self._separators.repetitions(parsed, address.field)
                is_all = (address.repetition, address.component) == (None, None)
                texts = (
                    [self._separators.text(one, None) for one in repetitions]
                    if is_all
                    else [self._separators.cell(parsed, address)]
                )
                self._last.notes.setdefault(at, []).extend(text for text in texts if text)

    def _rendered(self, parsed: hl7.Segment | None, address: Address, kind: str) -> str:
        if parsed is None:
            return ""
        text = self._separators.cell(parsed, address)
        if kind == "date":
            return local_date(text, HL7_MOMENT)
        return utc_instant(text, HL7_MOMENT, self._zone) if kind == "instant" else text
