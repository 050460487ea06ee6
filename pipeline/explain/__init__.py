"""From a result to its file, line and rule, and from a figure to the results it counts."""

from pipeline.explain.figure import FigureExplained, explain_figure
from pipeline.explain.result import Explanation, explain_accession, explain_row

__all__ = ["Explanation", "FigureExplained", "explain_accession", "explain_figure", "explain_row"]
