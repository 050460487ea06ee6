"""The words a laboratory reads: what a disposition and a reason code mean, and what to change.

The reader sits in a laboratory's office and knows neither this program nor its files. Texts of the message catalogue
that speak of them are put in other words or left out here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.messages import message

DISPOSITIONS: Mapping[str, str] = {
    "used": "used",
    "rejected": "not used: to be corrected and sent again",
    "held": "waiting: neither used nor refused yet",
    "duplicate": "sent before, counted once",
    "superseded": "replaced by a later version",
    "withdrawn": "withdrawn",
    "excluded": "left out on purpose: no patient result of interest",
    "layout": "without a result: headings, blank lines, closing lines",
}
_OURS = re.compile(r"YAML|`|\breviewer\b|\brules?\b|\bdeclare\b", re.IGNORECASE)
_WITH_US = "We are looking at it and will ask you if we need your help."
_SENTENCES = re.compile(r"(?<=[.;]) +")


@dataclass(frozen=True, slots=True)
class Said:
    """What one reason code says to its laboratory; whose move it is: theirs, ours or (neither) nobody's."""

    code: str
    is_check: bool
    is_theirs: bool
    is_ours: bool
    meaning: str
    remedy: str

    @property
    def text(self) -> str:
        """One sentence or more for the cell beside a row."""
        text = f"{self.meaning} {self.remedy}".strip()
        return text if self.is_theirs else f"Nothing to change: {text}"


class Wording:
    """Texts of reason codes; `checks` are those of the checks (id -> why, what to do)."""

    def __init__(self, checks: Mapping[str, tuple[str, str]]) -> None:
        self._checks = checks

    def said(self, code: str) -> Said:
        """What `code` says. KeyError for a code that the catalogue does not know."""
        found = message(code, self._checks)
        is_ours = found.move in ("engineer", "reviewer")
        remedy = {"sender": _for_sender(found.remedy), "nobody": ""}.get(found.move, _WITH_US)
        return Said(code, code in self._checks, found.move == "sender", is_ours, _plain(found.meaning), remedy)

    def what_to_change(self, disposition: str, reasons: str | None) -> str:
        """The cell beside a row: every reason in words; empty for rows that hold no result or have no reason."""
        if disposition == "layout":
            return ""
        return " ".join(dict.fromkeys(self.said(code).text for code in codes(reasons)))


def codes(reasons: str | None) -> list[str]:
    """The reason codes of a row, in their order."""
    return reasons.split("; ") if reasons else []


def _plain(text: str) -> str:
    """A meaning without the name of the files that describe a format."""
    text = re.sub(r"\bthe YAML( file)?\b", "our description of your export", text)
    return re.sub(r"\b(active )?YAML( of this laboratory)?\b", "description of an export of yours", text)


def _for_sender(remedy: str) -> str:
    """A remedy without the sentences that speak to us; never empty."""
    kept = [sentence for sentence in _SENTENCES.split(remedy) if not _OURS.search(sentence)]
    text = " ".join(kept).rstrip(";")
    return (text if text.endswith(".") else f"{text}.") if text else _WITH_US
