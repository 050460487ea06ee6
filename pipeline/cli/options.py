"""Options and ways of answering that the commands share."""

import json
from pathlib import Path
from typing import Any

import click

from pipeline.errors import UsageError

home_option = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), help="Home folder [GM1_HOME, else ./gm1-home]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON on standard output.")
as_of_option = click.option(
    "--as-of", metavar="INSTANT", help="Only exports that had arrived by then (UTC, as 2026-03-31T23:59:59Z)."
)


def instant(as_of: str | None) -> str | None:
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


def say(outcome: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(outcome, indent=1))
        return
    for name, value in outcome.items():
        if isinstance(value, list):
            for item in value:
                click.echo(f"{name.replace('_', ' ')}: {item}")
        else:
            click.echo(f"{name.replace('_', ' ')}: {value}")
