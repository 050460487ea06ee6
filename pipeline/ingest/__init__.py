"""Intake: from files in the inbox to landed records, every row accounted for."""

from pipeline.ingest.check_file import CheckReport, check_file
from pipeline.ingest.intake import ingest, waiting_labs
from pipeline.ingest.summary import IngestSummary

__all__ = ["CheckReport", "IngestSummary", "check_file", "ingest", "waiting_labs"]
