"""The commands of the daily flow: a home, exports in, warehouse, report, and what state all of it is in."""

import json
from pathlib import Path

import click

from pipeline.cli.options import as_of_option, home_option, instant, json_option, say
from pipeline.home import Home
from pipeline.settings import VARIABLES, Settings


@click.command()
@home_option
def init(home: Path | None) -> None:
    """Make a home: its folders and its pseudonym key.

    Back the key up (HOME/keys/pseudonym.key): without it no later export can be joined to those already landed.
    """
    settings = Settings.load(home)
    made = Home.create(settings.home, key_file=settings.pseudonym_key_file)
    click.echo(f"{made.root}: ready; put exports into {made.inbox}/<laboratory>/ and back up {made.keys}")


@click.command(short_help="Take in what waits in the inbox.")
@home_option
@json_option
def ingest(home: Path | None, as_json: bool) -> None:
    """Take in what waits in the inbox: archive, read, check, land or hold."""
    from pipeline.ingest import ingest as take_in

    summary = take_in(Settings.load(home))
    say(summary.as_dict(), as_json)


@click.command(short_help="Try a file without landing anything.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--lab", help="Laboratory that sent it [the name of the folder the file lies in].")
@home_option
@json_option
def check(file: Path, lab: str | None, home: Path | None, as_json: bool) -> None:
    """Do with FILE all that intake would, without landing anything; exit 4 when a row or the file would be refused."""
    from pipeline.errors import ExportRefused
    from pipeline.ingest import check_file

    found = check_file(Settings.load(home), file, lab or file.absolute().parent.name)
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else found.as_text())
    if found.is_refused:
        raise ExportRefused(f"{file.name}: rows would be rejected or held; see the reasons above")


@click.command(short_help="Build, check and publish the warehouse.")
@home_option
@as_of_option
@json_option
def build(home: Path | None, as_of: str | None, as_json: bool) -> None:
    """Build the warehouse from everything landed, check it, publish it by rename, and write the laboratories' feedback.

    A build that looks back (--as-of) leaves the feedback as it is.
    """
    from pipeline.run import build_and_tell

    say(build_and_tell(Settings.load(home), instant(as_of)), as_json)


@click.command(short_help="Write the report of what is published.")
@home_option
@json_option
def report(home: Path | None, as_json: bool) -> None:
    """Write the report of the published warehouse: HTML page, report.json, CSV tables and figures."""
    from pipeline.report import report as write_report

    say(write_report(Settings.load(home)).as_dict(), as_json)


@click.command()
@home_option
@as_of_option
@click.option("--strict", is_flag=True, help="Exit 4 when a row of a new export was rejected or held.")
@json_option
def run(home: Path | None, as_of: str | None, strict: bool, as_json: bool) -> None:
    """Take in, build and report in one process."""
    from pipeline.run import closing_summary
    from pipeline.run import run as run_all

    settings = Settings.load(home)
    summary = run_all(settings, instant(as_of), strict)
    problems = summary.feedback.problems if summary.feedback else []
    for line in (*summary.ingest.notes, *summary.ingest.warnings, *summary.ingest.errors, *problems):
        click.echo(f"gm1: {line}", err=True)
    click.echo(json.dumps(summary.as_dict(), indent=1) if as_json else closing_summary(settings))


@click.command()
@home_option
@click.option(
    "--variant",
    default="within",
    show_default=True,
    help="Which headline the invented cohort ends with: within, below, above, inconclusive, too_few or not_estimable.",
)
@click.option(
    "--month",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="1 writes the first exports, 2 those that arrive a month later (into the same home).",
)
@click.option("--seed", type=int, help="Another invented cohort; the headlines named above are for the default.")
@click.option("--exports-only", is_flag=True, help="Write the exports into the inbox and stop there.")
@json_option
def demo(home: Path | None, variant: str, month: int, seed: int | None, exports_only: bool, as_json: bool) -> None:  # fmt: skip
    """Write invented exports into a demo home and run on them.

    All patients, laboratories and values are synthetic.
    """
    from pipeline.demo import prepare
    from pipeline.run import closing_summary
    from pipeline.run import run as run_all

    settings = Settings.load(home)
    prepare(settings, month, variant, seed)
    if exports_only:
        click.echo(f"{settings.home / 'inbox'}: demo exports of month {month} written")
        return
    summary = run_all(settings)
    click.echo(json.dumps(summary.as_dict(), indent=1) if as_json else closing_summary(settings))


@click.command(short_help="Say what a home holds and what waits.")
@home_option
@json_option
def status(home: Path | None, as_json: bool) -> None:
    """Say what a home holds, what waits in it, and what must be backed up."""
    from pipeline.status import status as look

    found = look(Settings.load(home))
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else found.as_text())


@click.command(short_help="List every setting and its default.")
def settings() -> None:
    """List every setting, its default and its meaning."""
    for variable in VARIABLES:
        click.echo(f"{variable.name}  [{variable.default or 'none'}]\n    {variable.meaning}")


COMMANDS = (init, ingest, check, build, report, run, demo, status, settings)
