"""No report of leaked functions on a user's terminal.

When Great Expectations and duckdb-sqlalchemy are loaded together, DuckDB's extension module is not released before the
interpreter ends and prints some sixty lines about it to standard error. Nothing is wrong with the data and nothing can
be done from Python, except not to show it.
"""

import atexit
import os
import sys


def silence_exit() -> None:
    """From the end of the program on, standard error goes nowhere; for a program's entry point, never for a library.

    Tracebacks and log lines are written before: an uncaught exception is reported ahead of every exit function.
    """
    atexit.register(_close_standard_error)


def _close_standard_error() -> None:
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
