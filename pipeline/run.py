"""The whole way in one process: take in, build, report; and the few lines a person wants to read at the end."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ExportRefused, SettingsError
from pipeline.feedback import FeedbackSummary, write_feedback
from pipeline.home import Home
from pipeline.ingest import IngestSummary, ingest
from pipeline.report import ReportSummary, report
from pipeline.settings import Settings
from pipeline.warehouse import BuildSummary, build


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What each step did; no feedback when the build looked back."""

    ingest: IngestSummary
    build: BuildSummary
    report: ReportSummary
    feedback: FeedbackSummary | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        feedback = self.feedback.as_dict() if self.feedback else None
        steps = {"ingest": self.ingest.as_dict(), "build": self.build.as_dict(), "report": self.report.as_dict()}
        return {**steps, "feedback": feedback}


def run(settings: Settings, as_of: str | None = None, strict: bool = False) -> RunSummary:
    """Takes in what waits in the inbox, builds the warehouse, writes the report and tells the laboratories.

    With `strict`, raises ExportRefused at the end when rows were rejected or held in an export taken in by this run;
    the report is written all the same. Every other error is that of the step that raised it.
    """
    taken_in = ingest(settings)
    summary = RunSummary(taken_in, build(settings, as_of), report(settings), feedback_of(settings, as_of))
    if strict and (taken_in.rows_rejected or taken_in.rows_held):
        raise ExportRefused(
            f"{taken_in.rows_rejected} rows rejected and {taken_in.rows_held} held in {taken_in.exports_new} new exports; "
            f"read {Home(settings.home).quarantine} and send the exports again corrected"
        )
    return summary


def feedback_of(settings: Settings, as_of: str | None) -> FeedbackSummary | None:
    """Feedback to the laboratories from the warehouse that was just built; None when that is a state of the past.

    A laboratory is told how its export stands today, whatever somebody here looks back at.
    """
    return write_feedback(settings) if as_of is None else None


def build_and_tell(settings: Settings, as_of: str | None = None) -> dict[str, Any]:
    """Builds the warehouse, then tells the laboratories; what both did, as plain values."""
    built = build(settings, as_of).as_dict()
    feedback = feedback_of(settings, as_of)
    told = feedback.as_dict() if feedback else {}
    return {**built, **{f"feedback_{name}": value for name, value in told.items()}}


def latest_report(settings: Settings) -> Path:
    """The report.json of the published warehouse; SettingsError when there is none yet."""
    import duckdb

    home = Home.open(settings)
    if not home.warehouse_file.is_file():
        raise SettingsError(f"{home.warehouse_file}: nothing was published yet; run `gm1 run` first")
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        row = con.execute("SELECT run_id FROM _build").fetchone()
    file = home.reports / str(row[0] if row else "") / "report.json"
    if not file.is_file():
        raise SettingsError(f"{file}: the warehouse has no report yet; run `gm1 report` first")
    return file


def closing_summary(settings: Settings) -> str:
    """What came of the latest run: rows by disposition, the headline, and where to look."""
    home = Home.open(settings)
    file = latest_report(settings)
    content = json.loads(file.read_text(encoding="utf-8"))
    rows = content["reconciliation"]
    parts = ", ".join(f"{count:,} {name}" for name, count in rows["by_disposition"].items() if count)
    checks = content["checks"]
    page = file.parent / "positive_rates.html"
    validation = home.validation / f"{content['run_id']}.html"
    lines = [
        "",
        f"Exports   {rows['exports']} with {rows['rows']:,} rows{f' = {parts}' if parts else ''}",
        f"Checks    {checks['passed']} passed, {checks['failed']} failed, {checks['not_applicable']} had nothing to check, "
        f"{checks['errored']} errored",
        f"Headline  {headline_sentence(content['headline'])}",
        "          For research and quality assurance; not a diagnosis.",
        "",
        f"Report      {page}",
        f"            look:  {_python()} -m webbrowser -t {page.as_uri()}",
        f"Validation  {validation}",
        f"            look:  {_python()} -m webbrowser -t {validation.as_uri()}",
        f"Warehouse   {home.warehouse_file}",
        f"            look:  {_python()} -c {_quoted_query(home.warehouse_file)}",
    ]
    return "\n".join(lines)


def headline_sentence(headline: dict[str, Any]) -> str:
    """The headline in one sentence, with its interval and verdict."""
    if not headline["n_tested"]:
        return "no MMN patient with an evaluable IgM anti-GM1 result: not estimable"
    rate, low, high = (100 * headline[name] for name in ("rate", "ci_low", "ci_high"))
    published = f"the published {100 * headline['published_low']:.0f}-{100 * headline['published_high']:.0f} %"
    verdict = headline["verdict"].replace("_", " ")
    place = f"{verdict} {published}" if verdict in ("within", "below", "above") else f"against {published}: {verdict}"
    return (
        f"{headline['n_positive']} of {headline['n_tested']} MMN patients {'is' if headline['n_positive'] == 1 else 'are'} IgM "
        f"anti-GM1 positive: {rate:.1f} % "
        f"(95 % interval {low:.1f}-{high:.1f} %), {place}"
    )


def _quoted_query(file: Path) -> str:
    """A Python one-liner for a shell that shows the rates."""
    code = f"import duckdb; duckdb.connect({str(file)!r}, read_only=True).sql('FROM mart_positive_rate').show()"
    plain = not set(code) & set('"$`\\!')
    return f'"{code}"' if plain else shlex.quote(code)


def _python() -> str:
    """The interpreter as a person would type it."""
    here = Path.cwd()
    executable = Path(sys.executable)
    return str(executable.relative_to(here)) if executable.is_relative_to(here) else str(executable)
