"""What would change, as lines for a terminal."""

from pipeline.whatif.compare import Row, WhatIf


def as_text(found: WhatIf) -> str:
    """Rules, then figures, then counts, then the results themselves: all of them, because a list cut short hides what it
    was asked for."""
    lines = [f"Under the rules of {found.rules_dir}, beside those in force; nothing was published.", ""]
    lines.append(f"Cut-off rows that differ: {len(found.rules)}")
    lines += [f"  {one['rule_id']}: {one['change']}, {_pair(one, 'state')}" for one in found.rules]
    lines.append(f"Figures that would change: {len(found.figures)}")
    lines += [line for one in found.figures for line in _figure(one)]
    lines.append(f"Statements of the documents that would read otherwise: {len(found.facts)}")
    lines += [_fact(one) for one in found.facts]
    n_patients = sum(one["n_patients"] for one in found.patients)
    lines.append(f"Patients that would count as something else: {n_patients}")
    lines += [f"  {one['n_patients']:>6,}  {one['population'] or 'no label'}: {_plain(one['before'])} -> {_plain(one['after'])}"
              for one in found.patients]  # fmt: skip
    lines.append(f"Results that would change: {len(found.results)}")
    lines += [f"  {one['n_results']:>6,}  {one['before']} -> {one['after']} ({one['n_igm_gm1_serum']:,} IgM anti-GM1 in serum)"
              for one in found.interpretations]  # fmt: skip
    lines += [_result(one) for one in found.results]
    n_now = sum(one["n_results"] for one in found.by_current_rule)
    lines.append(f"Results that the rule in force at the as-of date would read otherwise than it does now: {n_now}")
    lines += [f"  {one['n_results']:>6,}  {one['performing_lab']}, {one['assay']}: {one['before']} -> {one['after']}"
              for one in found.by_current_rule]  # fmt: skip
    others = ", ".join(f"{one['table']} ({one['rows_that_differ']:,} rows)" for one in found.other_tables)
    return "\n".join([*lines, f"Further tables that would differ: {others or 'none'}"])


def _pair(row: Row, name: str) -> str:
    before, after = (row[f"{name}_{when}"] for when in ("before", "after"))
    return f"{_plain(before)} -> {_plain(after)}" if before != after else _plain(before)


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def _figure(one: Row) -> list[str]:
    where = f"{one['analysis']}, {one['population']}, {one['stratum']} {one['stratum_value']}"
    counts = ", ".join(f"{name.removeprefix('n_')} {_pair(one, name)}" for name in ("n_positive", "n_equivocal", "n_tested",
                                                                                "n_unclassifiable"))  # fmt: skip
    verdict = f"; verdict {_pair(one, 'verdict')}" if one["verdict_before"] or one["verdict_after"] else ""
    return [f"  {where}: {counts}; rate {_pair(one, 'rate')}{verdict}"]


def _fact(one: Row) -> str:
    return f"  {one['fact_id']}, {one['quantity']}: {_pair(one, 'outcome')}; n {_pair(one, 'n')}; value {_pair(one, 'observed')}"


def _result(one: Row) -> str:
    before = one["rule_before"] or one["reason_before"]
    after = one["rule_after"] or one["reason_after"]
    return (
        f"  {one['sending_lab']}/{one['file_name']}, {one['place']}: {one['interpretation_before']} ({before}) -> "
        f"{one['interpretation_after']} ({after})"
    )
