"""The commands that mend: what waits and why, taking in again, a person's decision, rebuilding, looking up."""

import json
from pathlib import Path

import click

from pipeline.cli.options import home_option, json_option
from pipeline.errors import UsageError
from pipeline.settings import Settings

_by_option = click.option("--by", "decided_by", required=True, metavar="NAME", help="Who says so; kept.")
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


@click.command(short_help="Take archived exports in again.")
@click.option("--lab", help="Only what this laboratory sent.")
@click.option(
    "--export", "exports", multiple=True, help="Only this export (id, beginning of it, or LABORATORY/FILE); repeatable."
)
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Show what would change, and land nothing.")
@home_option
@json_option
def replay(lab: str | None, exports: tuple[str, ...], is_dry_run: bool, home: Path | None, as_json: bool) -> None:
    """Take landed exports in again from the archive, under today's YAML files and checks, and show what changes.

    The earlier generation is kept; `gm1 build --as-of` still finds it.
    """
    from pipeline.replay import replay as take_in_again

    done = take_in_again(Settings.load(home), lab, exports, is_dry_run)
    click.echo(json.dumps(done.as_dict(), indent=1) if as_json else done.as_text())


@click.command(short_help="Make everything anew from the archive and compare.")
@home_option
@json_option
def rebuild(home: Path | None, as_json: bool) -> None:
    """Verify the archive, take in every export again, build and report, and say table by table whether it is the same.

    Needs archive, receipts, reviews, crosswalk, key and home.json; everything else may be lost. Exit 5 when a table differs.
    """
    from pipeline.replay import check_same
    from pipeline.replay import rebuild as make_anew

    done = make_anew(Settings.load(home))
    click.echo(json.dumps(done.as_dict(), indent=1) if as_json else done.as_text())
    check_same(done)


@click.command(short_help="Say which identifiers are one person.")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--show", "is_show", is_flag=True, help="Show the crosswalk in force, and change nothing.")
@home_option
@json_option
def crosswalk(file: Path | None, is_show: bool, home: Path | None, as_json: bool) -> None:
    """Take in FILE, a CSV with the columns person, namespace and patient_id, as the crosswalk the next `gm1 run` goes by.

    FILE says everything: it takes the place of the crosswalk before, which is kept for builds that look back. Persons and
    identifiers are kept as keyed pseudonyms only. FILE with any mistake is refused whole, by line and column.
    """
    from pipeline.crosswalk import show, take

    if (file is None) != is_show:
        raise UsageError("crosswalk: give FILE to take one in, or --show")
    done = take(Settings.load(home), file) if file is not None else show(Settings.load(home))
    click.echo(json.dumps(done.as_dict(), indent=1) if as_json else done.as_text())


@click.command(short_help="Say whom a pseudonym stands for.")
@click.argument("pseudonym")
@_by_option
@_why_option
@home_option
def lookup(pseudonym: str, decided_by: str, why: str, home: Path | None) -> None:
    """Print the identifier behind a patient key, and its namespace; needs the key of the home.

    The key of a person whom a crosswalk joined gives all identifiers of theirs that were seen.

    Who asked, when and why is kept in HOME/reviews; the identifier is printed and written nowhere.
    """
    from pipeline.ingest.lookup import lookup as find

    for one in find(Settings.load(home), pseudonym, decided_by, why):
        click.echo(f"{one.identifier}\t{one.namespace}")


COMMANDS = (quarantine, release, replay, rebuild, crosswalk, lookup)
