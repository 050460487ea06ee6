"""Explanations as lines for a terminal."""

from collections.abc import Iterator, Sequence

from pipeline.explain.cutoffs import Considered
from pipeline.explain.figure import FigureExplained
from pipeline.explain.published import Row
from pipeline.explain.result import Explanation

_SHOWN = 20


def result_text(found: Sequence[Explanation]) -> str:
    """Every explanation, one after the other."""
    return "\n\n".join("\n".join(_lines(one)) for one in found)


def _lines(one: Explanation) -> Iterator[str]:
    slot = f", record {one.slot}" if one.slot != 1 else ""
    yield f"{one.export}, {one.place}{slot}"
    yield f"  file         {one.sha256}, received {one.received_at}, arrival {one.arrival_id}"
    yield f"  format       {one.format_id or 'none recognised it'}; kind of record: {one.record}"
    yield f"  disposition  {one.disposition}{f' (see {one.original})' if one.original else ''}"
    for said in one.reasons:
        yield f"    {said.code}: {said.meaning} {said.what_to_do}".rstrip()
    for check in one.checks_broken:
        yield f"    broke {check['check_id']} ({check['severity']}): {check['expected']}"
    if one.result is not None:
        yield from _result_lines(one)


def _result_lines(one: Explanation) -> Iterator[str]:
    result = one.result or {}
    test = [result[name] for name in ("performing_lab", "assay", "isotype", "antigen", "specimen")]
    yield f"  test         {', '.join(str(part or 'not stated') for part in test)}; collected {result['collected_on']}"
    if result["result_text"] is not None:
        yield f"  result       {result['result_text']} ({result['unit'] or 'no unit'})"
    if one.interpretation is not None:
        decided = f" by {one.rule_id}" if one.rule_id else f": {one.reason_code}"
        yield f"  meaning      {one.interpretation}{decided}"
        yield f"  rule of now  {_by_current_rule(one)}"
    if one.counts is not None:
        yield f"  counts       {one.counts}"
    if result["lab_interpretation"] is not None:
        agrees = {True: ", as here", False: ", which differs from ours", None: ""}[result["agrees_with_lab"]]
        yield f"  laboratory   states {result['lab_interpretation']}{agrees}"
    for partner in one.panel_partners:
        meaning = partner["interpretation"] or partner["disposition"]
        yield (
            f"  panel        {partner['panel_role']} in {partner['sending_lab']}/{partner['file_name']}, "
            f"{partner['place']}: {meaning}"
        )
    if one.needed is not None:
        yield f"  needed       {one.needed}"
    if one.rules_considered:
        yield "  cut-offs considered"
    for rule in one.rules_considered:
        yield from _rule_lines(rule)


def _by_current_rule(one: Explanation) -> str:
    """What the rule in force at the as-of date of the build would say, beside the one that counts."""
    if (one.interpretation_by_current_rule, one.current_rule_id) == (one.interpretation, one.rule_id):
        return "the same"
    decided = f" by {one.current_rule_id}" if one.current_rule_id else ""
    return f"would say {one.interpretation_by_current_rule}{decided}; the rule of the day of collection counts"


def _rule_lines(rule: Considered) -> Iterator[str]:
    valid = f"{rule.valid_from or 'undated'} to {rule.valid_to or 'no end'}"
    yield f"    {rule.rule_id} ({rule.state}): {rule.interpretation} {rule.band}; {valid}"
    yield f"      {rule.why}; {rule.source}"


def _share(figure: Row) -> str:
    if not figure["n_tested"]:
        return "no share can be estimated: nobody was tested"
    share, low, high = (f"{100 * figure[name]:.1f}" for name in ("rate", "ci_low", "ci_high"))
    verdict = f"; against the published range: {figure['verdict']}" if figure["verdict"] else ""
    return f"{share} %, interval {low} to {high} ({figure['ci_method']}){verdict}"


def figure_text(found: FigureExplained) -> str:
    """The figure, what it counts, the first rows and the query that lists all of them."""
    figure = found.figure
    lines = [
        f"{figure['analysis']}, {figure['population']}, {figure['stratum']} {figure['stratum_value']}: "
        f"{figure['n_positive']} positive of {figure['n_tested']} tested "
        f"(equivocal: {figure['n_equivocal']}, counted as {found.equivocal_counts_as}; "
        f"not evaluable: {figure['n_unclassifiable'] if figure['n_unclassifiable'] is not None else 'not counted here'})",
        _share(figure),
        "",
        f"Patients labelled {figure['population']}, by where they left the flow",
        *(f"  {row['n_patients']:>6,}  {row['flow_class']}" for row in found.flow),
        "",
        "Counted here, by what their one result means",
        *(f"  {row['n_patients']:>6,}  {row['interpretation']}" for row in found.interpretations),
        "",
        "Their rows",
        *(f"  {r['sending_lab']}/{r['file_name']}, {r['place']}: {r['interpretation']} by {r['rule_id']}"
          for r in found.counted[:_SHOWN]),
    ]  # fmt: skip
    if len(found.counted) > _SHOWN:
        lines.append(f"  ... and {len(found.counted) - _SHOWN:,} more; --json and the query list all of them")
    return "\n".join([*lines, "", "The query that lists them, for any DuckDB client", found.query])
