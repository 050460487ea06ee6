"""The commands about laboratories' formats: draft one, judge one, list all."""

import json
from pathlib import Path

import click

from pipeline.cli.options import json_option
from pipeline.errors import ExportRefused, SettingsError
from pipeline.settings import Settings

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def labs() -> None:
    """Draft, check and list the declarations of laboratories' export formats."""


@labs.command(short_help="Draft a declaration from an example export.")
@click.argument("file", type=_FILE)
@click.option("--lab", help="Laboratory that sends such files [the name of the folder the file lies in].")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the YAML there [standard output].")
def new(file: Path, lab: str | None, out: Path | None) -> None:
    """Draft a lab YAML from the example export FILE.

    Every guess has a comment that says why; what could not be guessed is a TODO, and the file is of no use until a person
    has replaced it. The draft holds no value of a patient, only words of coded columns.
    """
    from pipeline.drafting import draft_into

    click.echo(draft_into(file, lab or file.absolute().parent.name, out), nl=False)


@labs.command(short_help="Say what is wrong or unwise in a declaration.")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--example", type=_FILE, help="An export to try with the first FILE, as if it were active.")
@json_option
def check(files: tuple[Path, ...], example: Path | None, as_json: bool) -> None:
    """Say what is wrong in lab YAML FILES, with key and line, and what is legal but unwise.

    Exit 3 when one of them cannot be used, 4 when the example would be refused.
    """
    from pipeline.drafting import judge

    found = judge(Settings.load(), files, example)
    click.echo(json.dumps(found.as_dict(), indent=1) if as_json else found.as_text())
    if found.n_complaints:
        raise SettingsError(f"{found.n_complaints} things keep these files from being used; see above")
    if found.is_example_refused and example is not None:
        raise ExportRefused(f"{example.name}: rows would be rejected or held; see the reasons above")


@labs.command("list", short_help="List all declared formats.")
@json_option
def list_(as_json: bool) -> None:
    """List all declared formats: laboratory, records, state, files, cut-offs and where each is declared."""
    from pipeline.drafting import as_table, formats_of

    found = formats_of(Settings.load())
    click.echo(json.dumps([one.as_dict() for one in found], indent=1) if as_json else as_table(found))


COMMANDS = (labs,)
