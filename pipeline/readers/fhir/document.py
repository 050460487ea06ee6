"""One JSON document (a Bundle, an array, a single resource) walked entry by entry, never as one huge value."""

import re
from collections.abc import Iterator

from pipeline.readers.fhir.json import Json, NotJson, parsed_at
from pipeline.readers.text_table import Unreadable

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]|[^\s"\[\]{},:]+', re.DOTALL)

# A quarter of a gigabyte holds fewer real ones; each is accounted for in memory.
MAX_ENTRIES = 3_000_000
Element = tuple[int, int, Json]


class Document:
    """The text of a document: whether it is a Bundle, and where its entries stand.

    Raises Unreadable when the text is no JSON, or a JSON object that is no FHIR resource.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind = ""
        self.has_more_pages = False
        self._entries: int | None = None
        self._start = _skip(text, 0)
        try:
            end = self._walked() if text.startswith("{", self._start) else self._past_array(self._start)
        except NotJson as error:
            raise Unreadable("not_fhir", f"the file is no sound JSON document: {error}") from None
        if _skip(text, end) != len(text):
            raise Unreadable("not_fhir", "the file is no sound JSON document: text behind its end")
        if text.startswith("{", self._start) and not self.kind:
            raise Unreadable("not_fhir", "the file is JSON, but says no resourceType")

    def elements(self) -> Iterator[Element]:
        """Where each row begins and ends, and its value."""
        if self.text.startswith("[", self._start):
            yield from self._elements(self._start)
        elif self.kind != "Bundle":
            value, end = parsed_at(self.text, self._start)
            yield self._start, end, value
        elif self._entries is not None:
            yield from self._elements(self._entries)

    def count(self) -> int:
        """How many rows there are, counted by commas, without the parser that gives them."""
        is_array = self.text.startswith("[", self._start)
        if not is_array and self.kind != "Bundle":
            return 1
        depth, level, commas, has_any, before = 0, 1 if is_array else None, 0, False, ""
        for found in _TOKEN.finditer(self.text):
            sign = found[0]
            if sign in "]}":
                if level == depth:
                    return commas + has_any
                depth -= 1
            elif level is not None and depth >= level:
                commas += sign == "," and depth == level
                has_any = True
            if sign in "[{":
                depth += 1
                if level is None and depth == 2 and sign == "[" and before == '"entry"':
                    level = 2
            before = sign
        return 0

    def _walked(self) -> int:
        """Look at the members of the object; gives where it ends."""
        seen: set[str] = set()
        at = _skip(self.text, self._start + 1)
        while not self.text.startswith("}", at):
            if seen:
                at = self._past(",", at)
            name, at = parsed_at(self.text, at)
            if type(name) is not str:
                raise NotJson("a name that is no string")
            if name in seen:
                raise NotJson("a name stands twice in one object")
            seen.add(name)
            at = self._past(":", _skip(self.text, at))
            at = _skip(self.text, self._member(name, at))
        return at + 1

    def _member(self, name: str, at: int) -> int:
        if name == "entry" and self.text.startswith("[", at):
            self._entries = at
            return self._past_array(at)
        value, end = parsed_at(self.text, at)
        if name == "resourceType" and type(value) is str:
            self.kind = value
        if name == "link" and isinstance(value, list):
            self.has_more_pages = any(isinstance(one, dict) and one.get("relation") == "next" for one in value)
        return end

    def _past_array(self, at: int) -> int:
        end = at + 1
        for number, element in enumerate(self._elements(at), 1):
            end = element[1]
            if number > MAX_ENTRIES:
                raise Unreadable("too_many_rows", f"the document has more than {MAX_ENTRIES:,} entries")
        return self._past("]", _skip(self.text, end))

    def _elements(self, at: int) -> Iterator[Element]:
        at = _skip(self.text, at + 1)
        is_first = True
        while not self.text.startswith("]", at):
            if not is_first:
                at = self._past(",", at)
            value, end = parsed_at(self.text, at)
            yield at, end, value
            at, is_first = _skip(self.text, end), False

    def _past(self, mark: str, at: int) -> int:
        if not self.text.startswith(mark, at):
            raise NotJson("cut short, or no JSON")
        return _skip(self.text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
