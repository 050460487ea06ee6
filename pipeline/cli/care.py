"""The commands that mend: what waits and why, taking in again, a person's decision, rebuilding, looking up."""

import json
from pathlib import Path

import click

from pipeline.cli.options import home_option, json_option
from pipeline.settings import Settings

_by_option = click.option(
    "--by", "decided_by", required=True, metavar="NAME", help="Who decides; kept with the decision."
)
_why_option = click.option("--why", required=True, metavar="TEXT", help="The reason; kept. Never a patient's value.")


@click.command(short_help="List what waits, by whose move it is.")
@click.argument("export", required=False)
@click.option("--lab", help="Only what this laboratory sent.")
@home_option
@json_option
def quarantine(export: str | None, lab: str | None, home: Path | None, as_json: bool) -> None:
    """List everything that is held or rejected, by whose move it is; with EXPORT, its rows one by one.

    EXPORT is an arrival id, the beginning of one, or LABORATORY/FILE.
    """
    from pipeline.quarantine import quarantine as look
    from pipeline.quarantine import rows_of

    settings = Settings.load(home)
    found = rows_of(settings, export) if export is not None else look(settings, lab)
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else found.as_text())


@click.command(short_help="Decide a held row or file, by name.")
@click.argument("export")
@click.option("--row", "row_number", type=click.IntRange(1), help="Row of the export [the whole export].")
@click.option(
    "--slot", type=click.IntRange(1), default=1, show_default=True, help="Record of the row, where it holds several."
)
@click.option("--decision", required=True, type=click.Choice(["use", "reject"]), help="What becomes of it.")
@_by_option
@_why_option
@home_option
@json_option
def release(
    export: str, row_number: int | None, slot: int, decision: str, decided_by: str, why: str, home: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Decide that a held row (or, without --row, a held file) is used or rejected; recorded in HOME/reviews.

    The next `gm1 run` goes by it. A later decision about the same takes its place; both are kept.
    """
    from dataclasses import asdict

    from pipeline.quarantine import release as decide

    made = decide(Settings.load(home), export, decision, decided_by, why, row_number, slot)
    click.echo(json.dumps(asdict(made), indent=1) if as_json else made.as_text())


COMMANDS = (quarantine, release)
