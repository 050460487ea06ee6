"""The command `gm1`: a command's body is one call."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

import pipeline
from pipeline.checks import silence_exit
from pipeline.errors import Gm1Error, UsageError
from pipeline.home import Home
from pipeline.settings import VARIABLES, Settings

EPILOG = "Exit codes: 0 done, 1 a fault of this program, 2 usage, 3 settings, 4 an export was refused, 5 a critical check " \
         "stopped publication, 6 the rulebook is unsound, 7 another build holds the home."  # fmt: skip

home_option = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), help="Home folder [GM1_HOME, else ./gm1-home]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON on standard output.")
as_of_option = click.option(
    "--as-of", metavar="INSTANT", help="Only exports that had arrived by then (UTC, as 2026-03-31T23:59:59Z)."
)


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(pipeline.__version__, prog_name="gm1")
def cli() -> None:
    """Anti-GM1 antibody and nerve conduction exports in; a checked warehouse and an honest positive rate out.

    Exports lie in HOME/inbox/<laboratory>/. `gm1 run` takes them in, checks them, combines them and writes a report;
    `gm1 demo` does the same with invented exports. For research and quality assurance, not for diagnosis.
    """


@cli.command()
@home_option
def init(home: Path | None) -> None:
    """Make a home: its folders and its pseudonym key.

    Back the key up (HOME/keys/pseudonym.key): without it no later export can be joined to those already landed.
    """
    settings = Settings.load(home)
    made = Home.create(settings.home, key_file=settings.pseudonym_key_file)
    click.echo(f"{made.root}: ready; put exports into {made.inbox}/<laboratory>/ and back up {made.keys}")


@cli.command(short_help="Take in what waits in the inbox.")
@home_option
@json_option
def ingest(home: Path | None, as_json: bool) -> None:
    """Take in what waits in the inbox: archive, read, check, land or hold."""
    from pipeline.ingest import ingest as take_in

    summary = take_in(Settings.load(home))
    _say(summary.as_dict(), as_json)


@cli.command(short_help="Try a file without landing anything.")
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


@cli.command(short_help="Build, check and publish the warehouse.")
@home_option
@as_of_option
@json_option
def build(home: Path | None, as_of: str | None, as_json: bool) -> None:
    """Build the warehouse from everything landed, check it, and publish it by rename."""
    from pipeline.warehouse import build as build_warehouse

    _say(build_warehouse(Settings.load(home), _instant(as_of)).as_dict(), as_json)


@cli.command(short_help="Write the report of what is published.")
@home_option
@json_option
def report(home: Path | None, as_json: bool) -> None:
    """Write the report of the published warehouse: HTML page, report.json, CSV tables and figures."""
    from pipeline.report import report as write_report

    _say(write_report(Settings.load(home)).as_dict(), as_json)


@cli.command()
@home_option
@as_of_option
@click.option("--strict", is_flag=True, help="Exit 4 when a row of a new export was rejected or held.")
@json_option
def run(home: Path | None, as_of: str | None, strict: bool, as_json: bool) -> None:
    """Take in, build and report in one process."""
    from pipeline.run import closing_summary
    from pipeline.run import run as run_all

    settings = Settings.load(home)
    summary = run_all(settings, _instant(as_of), strict)
    for line in (*summary.ingest.warnings, *summary.ingest.errors):
        click.echo(f"gm1: {line}", err=True)
    click.echo(json.dumps(summary.as_dict(), indent=1) if as_json else closing_summary(settings))


@cli.command()
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


@cli.command(short_help="Say what a home holds and what waits.")
@home_option
@json_option
def status(home: Path | None, as_json: bool) -> None:
    """Say what a home holds, what waits in it, and what must be backed up."""
    from pipeline.status import status as look

    found = look(Settings.load(home))
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else found.as_text())


@cli.command(short_help="List every setting and its default.")
def settings() -> None:
    """List every setting, its default and its meaning."""
    for variable in VARIABLES:
        click.echo(f"{variable.name}  [{variable.default or 'none'}]\n    {variable.meaning}")


def _instant(as_of: str | None) -> str | None:
    """An instant as the receipts write it; UsageError for anything else."""
    from datetime import UTC, datetime

    if as_of is None:
        return None
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise UsageError("--as-of: expected an instant such as 2026-03-31T23:59:59Z") from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _say(outcome: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(outcome, indent=1))
        return
    for name, value in outcome.items():
        if isinstance(value, list):
            for item in value:
                click.echo(f"{name.replace('_', ' ')}: {item}")
        else:
            click.echo(f"{name.replace('_', ' ')}: {value}")


def _progress() -> None:
    """Progress goes to a terminal and stays out of a pipe."""
    log = logging.getLogger("gm1")
    log.setLevel(logging.INFO if sys.stderr.isatty() else logging.WARNING)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.propagate = False


def guarded(body: Callable[[], object]) -> NoReturn:
    """Ends the process with the exit code of what `body` raises; an error of ours is one line on standard error."""
    try:
        body()
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "gm1"
        click.echo(f"gm1: {' '.join(error.format_message().split())} (see {where} --help)", err=True)
        sys.exit(UsageError.exit_code)
    except click.Abort:
        click.echo("gm1: interrupted", err=True)
        sys.exit(130)
    except Gm1Error as error:
        click.echo(f"gm1: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(0)


def main() -> NoReturn:
    """The console entry point."""
    silence_exit()
    _progress()
    guarded(lambda: cli(standalone_mode=False))


if __name__ == "__main__":
    main()
