"""Declarations of export formats drafted from an example, judged and listed, for a person to finish."""

from pipeline.drafting.draft import Draft, draft, draft_into
from pipeline.drafting.listing import Listed, as_table, formats_of
from pipeline.drafting.verdict import Verdict, Verdicts, judge

__all__ = ["Draft", "Listed", "Verdict", "Verdicts", "as_table", "draft", "draft_into", "formats_of", "judge"]
