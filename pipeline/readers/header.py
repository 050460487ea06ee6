"""The header row of a delimited file, read apart from everything below it."""

import csv
import io
from pathlib import Path

from pipeline.labs.model import FileShape
from pipeline.readers.encoding import Undecodable, actual_encoding, decoded

_HEADER_BYTES = 1 << 18


def read_header(path: Path, shape: FileShape) -> list[str] | None:
    """The cells of the declared header row; None when there is none in the first 256 KiB, or it is undecodable."""
    with path.open("rb") as file:
        encoding, skip = actual_encoding(file.read(4), shape.encoding)
    text = ""
    try:
        for chunk in decoded(path, encoding, skip):
            text += chunk
            if len(text) >= _HEADER_BYTES:
                break
    except Undecodable:
        return None
    lines = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""),
        delimiter=shape.delimiter,
        quotechar=shape.quote or None,
        quoting=csv.QUOTE_MINIMAL if shape.quote else csv.QUOTE_NONE,
    )
    try:
        return next((cells for number, cells in enumerate(lines, 1) if number == shape.header_row), None)
    except csv.Error:
        return None
