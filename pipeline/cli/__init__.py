"""The command `gm1`: a command's body is one call."""

import logging
import sys
from collections.abc import Callable
from typing import NoReturn

import click

import pipeline
from pipeline.checks import silence_exit
from pipeline.cli import care, explain, flow, labs
from pipeline.errors import Gm1Error, UsageError

EPILOG = "Exit codes: 0 done, 1 a fault of this program, 2 usage, 3 settings, 4 an export was refused, 5 a critical check " \
         "stopped publication, 6 the rulebook is unsound, 7 another build holds the home."  # fmt: skip


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(pipeline.__version__, prog_name="gm1")
def cli() -> None:
    """Anti-GM1 antibody and nerve conduction exports in; a checked warehouse and an honest positive rate out.

    Exports lie in HOME/inbox/<laboratory>/. `gm1 run` takes them in, checks them, combines them and writes a report;
    `gm1 demo` does the same with invented exports. For research and quality assurance, not for diagnosis.
    """


for command in (*flow.COMMANDS, *care.COMMANDS, *explain.COMMANDS, *labs.COMMANDS):
    cli.add_command(command)


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
