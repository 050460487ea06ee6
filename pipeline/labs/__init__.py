"""Laboratories' export formats: one YAML file each, loaded, proven sound and recognised."""

from pipeline.labs.headers import looks_like_identifier
from pipeline.labs.identify import FoundTable, Identified, Sheet, identify
from pipeline.labs.load import complaints_about, is_draft, lab_files, labs_sha256, load_format, load_labs
from pipeline.labs.model import Column, FileShape, LabFormat

__all__ = [
    "Column",
    "FileShape",
    "FoundTable",
    "Identified",
    "LabFormat",
    "Sheet",
    "complaints_about",
    "identify",
    "is_draft",
    "lab_files",
    "labs_sha256",
    "load_format",
    "load_labs",
    "looks_like_identifier",
]
