"""Feedback to the laboratories: their own files back with what became of each row, and a page in plain words."""

from pipeline.feedback.write import FeedbackSummary, write_feedback

__all__ = ["FeedbackSummary", "write_feedback"]
