"""What would make a result evaluable, in words that name the test and never the patient."""

from pipeline.explain.cutoffs import Considered
from pipeline.explain.published import Row
from pipeline.messages import message

_FILE = "assay_cutoffs.csv of the site's rules (GM1_RULES_DIR)"


def needed(result: Row, considered: tuple[Considered, ...]) -> str | None:
    """What is missing for a result that is not evaluable; None for every other one."""
    if result["interpretation"] != "not_evaluable":
        return None
    reason = result["reason_code"]
    said = _of_rules(reason, result)
    drafts = sorted({one.rule_id for one in considered if one.state == "draft"})
    if said is not None and drafts:
        said += (
            f" Drafts of this laboratory's published cut-offs are there ({', '.join(drafts)}): a site activates them with "
            "days of validity and an approver, after reading their source."
        )
    return said or message(reason).remedy


def _of_rules(reason: str, result: Row) -> str | None:
    """What a rule would have to say; None where no rule would help."""
    test = f"{result['performing_lab']}, {result['assay']}, {result['isotype']} against {result['antigen']}"
    specimen, unit, day = result["specimen"], result["unit"] or "no unit", result["collected_on"]
    return {
        "no_rule": f"Cut-offs for {test}, in {specimen} and {unit}, valid on {day}, cited and approved, in {_FILE}.",
        "no_rule_for_specimen": f"Cut-offs for {test} that are for {specimen}; those of another specimen never stand in.",
        "unit_differs_from_rule": f"Cut-offs for {test} in {specimen} that are in {unit}; units are never converted.",
        "collection_date_shifted": f"The true day of collection, or one cut-off without dates for {test}, in {_FILE}.",
        "no_rule_on_that_day": f"Cut-offs for {test} in {specimen} that were valid on {day}, in {_FILE}.",
        "between_bands": f"A band of {test} that holds this value on {day}: the laboratory states none, so it must be asked.",
        "straddles_cut_off": "A result that was titrated to its end, because this one leaves both sides possible.",
    }.get(reason)
