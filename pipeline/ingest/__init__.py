"""Intake: from files in the inbox to landed records, every row accounted for."""

from pipeline.ingest.check_file import CheckReport, check_file
from pipeline.ingest.intake import ingest
from pipeline.ingest.summary import IngestSummary
from pipeline.ingest.watch import waiting_labs

__all__ = ["CheckReport", "IngestSummary", "check_file", "ingest", "waiting_labs"]
