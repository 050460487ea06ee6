"""The report: figures out of the published warehouse, as a page, as JSON and as tables. It counts nothing anew."""

from pipeline.report.write import ReportSummary, report

__all__ = ["ReportSummary", "report"]
