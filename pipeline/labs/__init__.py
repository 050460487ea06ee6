"""Laboratories' export formats: one YAML file each, loaded, proven sound and recognised."""

from pipeline.labs.identify import Identified, identify
from pipeline.labs.load import lab_files, labs_sha256, load_format, load_labs
from pipeline.labs.model import Column, FileShape, LabFormat

__all__ = [
    "Column",
    "FileShape",
    "Identified",
    "LabFormat",
    "identify",
    "lab_files",
    "labs_sha256",
    "load_format",
    "load_labs",
]
