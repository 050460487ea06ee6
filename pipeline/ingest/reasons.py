"""Every reason intake gives for setting a row or a file aside: why, and what whoever reads it should do."""

from collections.abc import Mapping
from types import MappingProxyType

_WHOLE_FILES = {
    "file_empty": ("The file has no bytes.", "Send the export again."),
    "format_unknown": (
        "No active YAML of this laboratory fits the file's name.",
        "Declare the format in a YAML file, or correct the file name.",
    ),
    "two_formats": (
        "More than one YAML recognises this file.",
        "Make the file patterns or headers of the named YAMLs differ.",
    ),
    "header_differs": (
        "The header row is not the declared one.",
        "Map or ignore the named columns in the YAML, or have the export corrected.",
    ),
    "undecodable_bytes": (
        "The bytes are not in the declared encoding.",
        "Correct `encoding:` in the YAML, or have the export sent in the declared one.",
    ),
    "nul_bytes": (
        "The file holds NUL bytes: it is damaged or in another encoding.",
        "Send the export again; check `encoding:` in the YAML.",
    ),
    "unterminated_quote": (
        "A quote is opened and never closed.",
        "Have the export corrected: what follows the quote cannot be told apart.",
    ),
    "footer_missing": (
        "The declared closing line is not there: the file may be cut short.",
        "Send the export again; if the line was dropped for good, change `footer:` in the YAML.",
    ),
    "footer_total_differs": (
        "The closing line states another number of rows than the file holds.",
        "Send the export again, complete.",
    ),
    "unreadable_file": ("The file could not be read as the declared format.", "Look at the file; send it again."),
}
_ROWS = {
    "too_few_columns": (
        "The row has fewer cells than the header.",
        "Correct the row: perhaps a delimiter is missing or a line break too many.",
    ),
    "too_many_columns": (
        "The row has more cells than the header.",
        "Correct the row: perhaps a cell with the delimiter in it is not quoted.",
    ),
    "damaged_quotes": (
        "Quotes stand where CSV has none, so that cells cannot be told apart.",
        "Have the export corrected: quotes inside a quoted cell are doubled.",
    ),
    "line_too_long": ("The row is longer than two million bytes.", "Correct the row: perhaps a quote is missing."),
    "unreadable_line": ("The row could not be cut into cells.", "Correct the row."),
    "performing_lab_undeclared": (
        "The laboratory that measured this is not declared.",
        "Declare it under performing_labs, with its cut-offs in the rules.",
    ),
    "unit_undeclared": (
        "The unit is not the one declared for this test or laboratory.",
        "Ask the laboratory whether its method changed; declare the unit and its cut-offs.",
    ),
}
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType({**_WHOLE_FILES, **_ROWS})


def explained(code: str) -> tuple[str, str]:
    """Why and what to do; a code without an entry explains itself."""
    return REASONS.get(code, (code.replace("_", " ").capitalize() + ".", ""))
