"""Writes what each laboratory gets back, after a build; exports whose outcome has not changed are left alone."""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import SettingsError
from pipeline.feedback.annotated import write_annotated
from pipeline.feedback.cells import read_cells
from pipeline.feedback.exports import Export, known_exports
from pipeline.feedback.fates import create_fates
from pipeline.feedback.summary import PLACES, Finding, Tally, page
from pipeline.feedback.wording import Wording
from pipeline.home import Home, write_atomically
from pipeline.ingest.workspace import workspace
from pipeline.labs import LabFormat, load_labs
from pipeline.readers import Unreadable
from pipeline.records import RECORDS
from pipeline.settings import Settings
from pipeline.warehouse import lock

log = logging.getLogger("gm1")

_STATE_VERSION = 1


@dataclass(slots=True)
class FeedbackSummary:
    """How many exports got their feedback anew, how many were told already, and what went wrong with whom."""

    exports_told: int = 0
    exports_unchanged: int = 0
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON and for a task's return value."""
        return asdict(self)


def write_feedback(settings: Settings) -> FeedbackSummary:
    """Annotated file and summary of every export of the published warehouse, in feedback/<laboratory>/.

    An export that cannot be read keeps no other from its feedback; `problems` names it. Raises SettingsError when nothing
    was published yet, and Busy while a build holds the home.
    """
    home = Home.open(settings)
    if not home.warehouse_file.is_file():
        raise SettingsError(f"{home.warehouse_file}: nothing was published yet; run `gm1 build` first")
    formats = {form.id: form for form in load_labs(settings.labs_dirs)}
    summary = FeedbackSummary()
    with lock.held(home.warehouse_file.parent / "build.lock"), workspace(home.root, settings) as (con, folder):
        _attach(con, home)
        wording = Wording(_check_texts(con))
        by_lab: dict[str, list[Export]] = {}
        for export in known_exports(con, home, wording):
            by_lab.setdefault(export.lab, []).append(export)
        for lab, exports in by_lab.items():
            desk = _Desk(home, _private_folder(home, lab), con, folder, formats, wording)
            desk.tell(exports, summary)
    return summary


@dataclass(frozen=True, slots=True)
class _Desk:
    """One laboratory's feedback: its folder, and what is needed to fill it."""

    home: Home
    target: Path
    con: duckdb.DuckDBPyConnection
    folder: Path
    formats: Mapping[str, LabFormat]
    wording: Wording

    def tell(self, exports: list[Export], summary: FeedbackSummary) -> None:
        """Feedback for each of the exports whose outcome is new; remembered one by one."""
        told = self._told()
        current = {name for one in exports for name in (one.annotated_name, one.summary_name)}
        for export in exports:
            before = told.get(export.arrival_id, {})
            names = before.get("files", [])
            if before.get("outcome") == export.outcome and all((self.target / name).is_file() for name in names):
                summary.exports_unchanged += 1
                continue
            problems = len(summary.problems)
            written = self._tell_one(export, summary)
            for name in set(names) - current | {export.annotated_name} - set(written):
                (self.target / name).unlink(missing_ok=True)
            # what met a problem is tried again after the next build
            outcome = export.outcome if len(summary.problems) == problems else None
            told[export.arrival_id] = {"outcome": outcome, "files": written}
            state = {"schema_version": _STATE_VERSION, "exports": told}
            write_atomically(self._state, json.dumps(state, sort_keys=True, indent=1) + "\n", is_private=True)
            summary.exports_told += 1

    @property
    def _state(self) -> Path:
        return self.target / ".state.json"

    def _told(self) -> dict[str, dict[str, Any]]:
        """What was told before; an unreadable memory only means that all is told again."""
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            return dict(state["exports"]) if state["schema_version"] == _STATE_VERSION else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _tell_one(self, export: Export, summary: FeedbackSummary) -> list[str]:
        """The names of the files written for one export; the summary comes last, as it speaks of the other."""
        log.info("feedback for %s: %s", export.lab, export.arrival_id)
        create_fates(self.con, export, self.wording)
        has_annotated = self._annotate(export, summary)
        held = self.wording.said(export.held_reason) if export.held_reason else None
        text = page(export, held, _tally(self.con), _findings(self.con, self.wording), has_annotated)
        write_atomically(self.target / export.summary_name, text, is_private=True)
        return [*([export.annotated_name] if has_annotated else []), export.summary_name]

    def _annotate(self, export: Export, summary: FeedbackSummary) -> bool:
        """Whether the export's rows were written back: not when nobody knows its format or its rows cannot be told."""
        form = self.formats.get(export.format_id or "")
        if form is None:
            return False
        path = self.home.archive_path(export.sha256)
        folder = self.folder / export.arrival_id
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            cells = read_cells(self.con, export, form, path, folder)
        except (OSError, Unreadable) as error:
            if export.held_reason is None:
                summary.problems.append(f"{export.lab}/{export.file_name}: its archived bytes could not be read again "
                                        f"({type(error).__name__}); the summary is written without them")  # fmt: skip
            return False
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if cells is None or cells.rows != export.rows:
            if export.held_reason is None:
                summary.problems.append(f"{export.lab}/{export.file_name}: {form.id} has changed since it was taken in; "
                                        "run `gm1 replay`")  # fmt: skip
            return False
        write_annotated(self.con, cells, form.shape, self.target / export.annotated_name)
        return True


def _private_folder(home: Home, lab: str) -> Path:
    """feedback/<laboratory>, closed to everybody but its owner: what lies there are patients' results."""
    target = home.feedback / lab
    target.mkdir(parents=True, exist_ok=True)
    for folder in (home.feedback, target):
        folder.chmod(0o700)
    return target


def _attach(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    path = str(home.warehouse_file).replace("'", "''")
    con.execute(f"ATTACH '{path}' AS warehouse (READ_ONLY)")
    con.execute("CREATE TEMP VIEW disposition AS FROM warehouse.mart_row_disposition")


def _check_texts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Why and what to do of every check on landed records."""
    query = "SELECT check_id, why, if_failed FROM warehouse.mart_check_result WHERE list_contains($records, table_name)"
    return {
        check: (why, if_failed) for check, why, if_failed in con.execute(query, {"records": list(RECORDS)}).fetchall()
    }


def _tally(con: duckdb.DuckDBPyConnection) -> Tally:
    """Results by disposition; a row counts as layout when no record of it is anything else."""
    query = """
        SELECT disposition, count(*) FROM fate WHERE disposition <> 'layout' GROUP BY disposition
        UNION ALL SELECT 'layout', count(*) FROM row_fate WHERE disposition = 'layout'"""
    counts = dict(con.execute(query).fetchall())
    # several results in a row, or rows that are parts of messages: a row is not what the laboratory would count
    query = "SELECT coalesce(bool_and(slot = 1 AND regexp_matches(place, '^(row|sheet) ')), true) FROM fate"
    has_rows = con.execute(query).fetchall()[0][0]
    return Tally(counts) if has_rows else Tally(counts, ("result", "results"))


def _findings(con: duckdb.DuckDBPyConnection, wording: Wording) -> list[Finding]:
    """Every reason of the export with its first places."""
    query = f"""
        SELECT disposition, code, count(*), list(place ORDER BY row_number, slot)[1:{PLACES}]
        FROM (SELECT *, unnest(string_split(reasons, '; ')) AS code FROM fate WHERE disposition <> 'layout')
        GROUP BY disposition, code ORDER BY disposition, code"""
    return [
        Finding(disposition, wording.said(code), results, tuple(places))
        for disposition, code, results, places in con.execute(query).fetchall()
    ]
