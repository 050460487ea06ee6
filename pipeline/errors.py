"""Every error a user can meet, and who must act on it.

    Gm1Error                exit code   whose move
    ├── UsageError              2       whoever typed the command
    ├── SettingsError           3       the lab data engineer: a home, YAML file, key or path is missing or wrong
    ├── ExportRefused           4       the sending laboratory
    ├── PublicationStopped      5       the QA reviewer: a critical check failed or errored, nothing was published
    ├── RulebookUnsound         6       whoever edited the rules
    └── Busy                    7       nobody: wait for the other build

A message is one line: what was expected, where (file, row, column) and what to do. It names headers, codes and row
numbers, never a value out of an export. Anything that is not a Gm1Error is a fault of this program: exit code 1, with its
traceback.
"""


class Gm1Error(Exception):
    """An error that a user can mend; shown as one line, without a traceback."""

    exit_code = 1


class UsageError(Gm1Error):
    """The command line asks for something that does not exist or cannot be combined."""

    exit_code = 2


class SettingsError(Gm1Error):
    """A home, a setting, a YAML file or a key is missing, unreadable or contradicts itself."""

    exit_code = 3


class ExportRefused(Gm1Error):
    """An export holds rows that were rejected or held, and the caller asked to be strict about it."""

    exit_code = 4


class PublicationStopped(Gm1Error):
    """A critical check failed, a check errored or rows do not add up: what was published before stays as it was."""

    exit_code = 5


class RulebookUnsound(Gm1Error):
    """Rules contradict each other or lack what a reader needs to trust them."""

    exit_code = 6


class Busy(Gm1Error):
    """Another build holds the home."""

    exit_code = 7
