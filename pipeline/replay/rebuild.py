"""Everything made anew from the archive, and proof that it is the same."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import PublicationStopped, SettingsError
from pipeline.home import Home
from pipeline.ingest.arrivals import Arrival, is_named_rightly, receipts
from pipeline.ingest.generations import landed, released
from pipeline.ingest.intake import take_in_again
from pipeline.replay.fingerprint import Fingerprint, fingerprints, provenance
from pipeline.report import report
from pipeline.run import build_and_tell
from pipeline.settings import Settings

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What was made anew.

    `tables` says whether each table `equals` the one before, `differs`, is `new` or `gone`; it is empty where there was
    no warehouse before. `built_by_others` names the versions and hashes that are not those of the warehouse before.
    """

    exports: int
    run_id: str
    report_file: str
    tables: Mapping[str, str]
    built_by_others: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """A line a table."""
        lines = [f"{self.exports} exports verified and taken in again from the archive; run {self.run_id}"]
        if not self.tables:
            lines.append("there was no warehouse before to compare with")
        lines += [f"  {name:<28}{said}" for name, said in sorted(self.tables.items())]
        if self.built_by_others:
            lines.append(f"  built by other {', '.join(self.built_by_others)} than the warehouse before")
        return "\n".join([*lines, f"report: {self.report_file}"])

    @property
    def differing(self) -> list[str]:
        """The tables that are not the same as before."""
        return sorted(name for name, said in self.tables.items() if said != "equals")


def rebuild(settings: Settings) -> Rebuild:
    """Verify the archive, take in every export again, build, report, and compare with the warehouse there was.

    Raises SettingsError, before anything is changed, when archived bytes are missing or not those of their receipts.
    """
    home = Home.open(settings)
    arrivals = list(receipts(home).values())
    _verify(home, arrivals)
    before, built_by = fingerprints(home), provenance(home)
    take_in_again(settings, arrivals)
    _repeat_decided(settings, home, arrivals)
    built = build_and_tell(settings)
    written = report(settings)
    after = fingerprints(home)
    tables = _held_against(before, after) if before else {}
    now_by = provenance(home)
    others = tuple(name for name in built_by if built_by[name] != now_by[name])
    return Rebuild(len(arrivals), str(built["run_id"]), str(written.report_file), tables, others)


def check_same(done: Rebuild) -> None:
    """PublicationStopped when a table is not the same as before; it was published all the same."""
    if done.differing:
        raise PublicationStopped(
            f"the rebuilt warehouse differs in {', '.join(done.differing)} and was published; "
            f"what else differs: {', '.join(done.built_by_others) or 'nothing, unless it was built with --as-of'}"
        )


def _verify(home: Home, arrivals: list[Arrival]) -> None:
    """Every archived byte against its receipt."""
    wrong = [f"{one.lab}/{one.file_name} ({said})" for one in arrivals if (said := _fault(home, one))]
    if wrong:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise SettingsError(
            f"{home.archive}: {', '.join(wrong[:_NAMED])}{more}; restore these from the backup, nothing was changed"
        )


def _fault(home: Home, arrival: Arrival) -> str | None:
    path = home.archive_path(arrival.sha256)
    if not is_named_rightly(arrival):
        return "its receipt was altered"
    if not path.is_file():
        return "its bytes are missing"
    if path.stat().st_size != arrival.bytes:
        return f"{arrival.bytes} bytes by its receipt, {path.stat().st_size} in the archive"
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != arrival.sha256:
            return "other bytes than its receipt states"
    return None


def _repeat_decided(settings: Settings, home: Home, arrivals: list[Arrival]) -> None:
    """Exports a person decided about are taken in once as they came and once as decided, as it was at first."""
    decided, known = released(home), landed(home)
    missed = [
        one
        for one in arrivals
        if any(known[one.arrival_id].generation_at < said.decided_at for said in decided.get(one.arrival_id, ()))
    ]
    if missed:
        take_in_again(settings, missed)


def _held_against(before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]) -> dict[str, str]:
    said = {}
    for name in before.keys() | after.keys():
        if name not in after:
            said[name] = "gone"
        elif name not in before:
            said[name] = "new"
        else:
            said[name] = "equals" if before[name] == after[name] else "differs"
    return said
