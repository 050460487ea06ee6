"""The envelopes of an HL7 v2 file: batches (BHS ... BTS) and the file's own (FHS ... FTS), and the totals they state."""

import re

_STATED = re.compile(r"[BF]TS[^0-9A-Za-z]([0-9]{1,9})(?![0-9])")
_TRAILERS = {"BHS": "BTS", "FHS": "FTS"}
_HEADERS = {trailer: header for header, trailer in _TRAILERS.items()}


class Batches:
    """Counts what stands in each envelope; `doubt` is the first one that is not closed, or states another total.

    A file need not name its batches and a trailer may stand alone: then there is nothing to compare.
    """

    def __init__(self) -> None:
        self.doubt: tuple[str, str] | None = None
        self._open: dict[str, tuple[int, int]] = {}

    def opened(self, header: str, row: int) -> None:
        """Take note of a BHS or FHS."""
        if header in self._open:
            self._not_closed(header)
        if header == "BHS":
            self._count_in("FHS")
        self._open[header] = (row, 0)

    def message(self) -> None:
        """Take note of a message."""
        self._count_in("BHS")

    def closed(self, row: int, text: str) -> None:
        """Hold the number that a BTS or FTS states against what it closes."""
        trailer = text[:3]
        is_open = _HEADERS[trailer] in self._open
        _, number = self._open.pop(_HEADERS[trailer], (0, 0))
        stated = _STATED.match(text)
        is_comparable = is_open and (trailer == "BTS" or number > 0)
        if stated and is_comparable and int(stated[1]) != number:
            what = "messages" if trailer == "BTS" else "batches"
            self._say("footer_total_differs", f"row {row}: {trailer} states {stated[1]} {what}, there are {number}")

    def end(self) -> None:
        """Take note of the end of the file."""
        for header in self._open:
            self._not_closed(header)

    def _count_in(self, header: str) -> None:
        if header in self._open:
            row, number = self._open[header]
            self._open[header] = (row, number + 1)

    def _not_closed(self, header: str) -> None:
        row, _ = self._open[header]
        self._say("footer_missing", f"row {row}: {header} has no {_TRAILERS[header]}; the file may be cut short")

    def _say(self, code: str, detail: str) -> None:
        self.doubt = self.doubt or (code, detail)
