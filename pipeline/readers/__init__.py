"""Readers: the bytes of an export become a DuckDB relation of text cells, with the row number each came from.

A reader says of every file what it found (`Prepared`), then loads files of one format and header order into one table:
the caller gives the SELECT that parses the cells, the reader gives the relation it selects from. What the cells mean is
decided elsewhere, once for all readers.
"""

from pipeline.readers.delimited import UNREADABLE, Loaded, load, prepare
from pipeline.readers.header import read_header
from pipeline.readers.prepared import Prepared
from pipeline.readers.rejects import Reject
from pipeline.readers.source import SheetInfo, Source, try_count
from pipeline.readers.text_table import Unreadable, Wanted

__all__ = [
    "UNREADABLE",
    "Loaded",
    "Prepared",
    "Reject",
    "SheetInfo",
    "Source",
    "Unreadable",
    "Wanted",
    "load",
    "prepare",
    "read_header",
    "try_count",
]
