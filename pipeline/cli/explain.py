"""The commands that answer why: a result, a figure, and what another rulebook would change."""

import json
from pathlib import Path

import click

from pipeline.cli.options import home_option, json_option
from pipeline.errors import UsageError
from pipeline.settings import Settings


@click.command(short_help="Say why a result or a figure is what it is.")
@click.argument("what", required=False)
@click.argument("row_number", required=False, type=click.IntRange(1), metavar="[ROW]")
@click.argument("slot", required=False, type=click.IntRange(1))
@click.option("--accession", help="Every result with this accession number, instead of WHAT.")
@home_option
@json_option
def explain(
    what: str | None, row_number: int | None, slot: int | None, accession: str | None, home: Path | None, as_json: bool
) -> None:
    """Say why a result or a figure is what it is: file, line, checks, disposition, cut-offs, and what is missing.

    WHAT is an export (arrival id, the beginning of one, or LABORATORY/FILE) with the number of a ROW and, where a row
    holds several results, the SLOT of one; or `headline`; or any row of mart_positive_rate as
    ANALYSIS/POPULATION/STRATUM/VALUE. A rejected row's cells are not shown.
    """
    from pipeline.explain import explain_accession, explain_figure, explain_row
    from pipeline.explain.text import figure_text, result_text

    settings = Settings.load(home)
    if (what is None) == (accession is None):
        raise UsageError("explain: name an export with a row, a figure, or an --accession")
    if what is not None and row_number is None:
        figure = explain_figure(settings, what)
        click.echo(json.dumps(figure.as_dict(), indent=1, default=str) if as_json else figure_text(figure))
        return
    found = (
        explain_row(settings, what, row_number, slot)
        if what is not None and row_number is not None
        else explain_accession(settings, accession or "")
    )
    as_data = [one.as_dict() for one in found]
    click.echo(json.dumps(as_data, indent=1, default=str) if as_json else result_text(found))


@click.command(short_help="Say what other rules would change.")
@click.option(
    "--rules",
    "rules_dir",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of rule files that are added to those in force; a row with the same id replaces one.",
)
@home_option
@json_option
def whatif(rules_dir: Path, home: Path | None, as_json: bool) -> None:  # fmt: skip
    """Say which results and which figures would change under other rules, and list them; nothing is published.

    The published warehouse is built again beside itself from the same data, with the rule files of the folder added. To try
    what happens without a rule, repeat its row there with the state draft.
    """
    from pipeline.whatif import what_if
    from pipeline.whatif.text import as_text

    found = what_if(Settings.load(home), rules_dir.absolute())
    click.echo(json.dumps(found.as_dict(), indent=1, default=str) if as_json else as_text(found))


COMMANDS = (explain, whatif)
