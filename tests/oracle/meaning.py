"""What a result means: its value laid on the bands of the laboratory that measured it, and panels read together."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .fates import Fates
from .intervals import Interval, cover, of_band, of_result
from .landed import Row, as_day, exact
from .rule_rows import RuleRow, Rules, day

NOT = "not_evaluable"
SURE = ("positive", "equivocal", "negative")


@dataclass(frozen=True, slots=True)
class Meaning:
    """An interpretation with its reason or its rule."""

    interpretation: str
    reason: str | None = None
    rule_id: str | None = None
    is_carried: bool = False


def alone(row: Row, rules: Rules) -> Meaning:
    """What a result means by itself."""
    match row.get("result_kind"):
        case "word":
            return Meaning(row["word_meaning"], rule_id=f"words:{row.get('format_id') or ''}")
        case "no_result":
            return Meaning(NOT, f"no_result_{row['no_result_reason']}")
        case "titre" | "number":
            return _by_rules(row, rules["assay_cutoffs"])
    return Meaning(NOT, "no_value")


def _by_rules(row: Row, cutoffs: Sequence[RuleRow]) -> Meaning:
    left = list(cutoffs)
    steps = (
        ("no_rule", ("performing_lab", "assay", "antigen", "isotype")),
        ("no_rule_for_specimen", ("specimen",)),
        ("unit_differs_from_rule", ("unit",)),
    )
    for reason, names in steps:
        left = [r for r in left if all(r[name] == (row.get(name) or "") for name in names)]
        if not left:
            return Meaning(NOT, reason)
    taken = as_day(row.get("collected_on"))
    left = [r for r in left if taken and day(r["valid_from"], date.min) <= taken <= day(r["valid_to"], date.max)]
    return _by_bands(of_result(row), left) if left else Meaning(NOT, "no_rule_on_that_day")


def _by_bands(found: Interval, bands: Sequence[RuleRow]) -> Meaning:
    touched = sorted((r for r in bands if of_band(r).meets(found)), key=_from_below)
    if not touched:
        return Meaning(NOT, "between_bands")
    if len({r["interpretation"] for r in touched}) == 1 and cover(found, [of_band(r) for r in touched]):
        return Meaning(touched[0]["interpretation"], rule_id=" + ".join(r["rule_id"] for r in touched))
    return Meaning(NOT, "straddles_cut_off")


def _from_below(rule: RuleRow) -> Fraction:
    low = of_band(rule).low
    return Fraction(-1) if low is None else low


def of_all(rows: Sequence[Row], fates: Fates, rules: Rules) -> dict[int, Meaning]:
    """The meaning of every used result, panels read together."""
    used = [row for row in rows if fates[row["row_id"]].disposition == "used"]
    meanings = {row["row_id"]: alone(row, rules) for row in used}
    panels: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        # a titre that waits or could not be read is a titre all the same
        if row.get("panel") and fates[row["row_id"]].disposition in ("used", "held", "rejected"):
            panels[row["performing_lab"], row["accession"], row["patient_key"], row["panel"]].append(row)
    for members in panels.values():
        meanings |= _panel(members, meanings)
    return meanings


def _panel(members: Sequence[Row], meanings: Mapping[int, Meaning]) -> dict[int, Meaning]:
    screens = [r for r in members if r["panel_role"] == "screen" and r["row_id"] in meanings]
    titres = [r for r in members if r["panel_role"] == "titre" and r["row_id"] in meanings]
    said = {meanings[r["row_id"]].interpretation for r in screens}
    if len(said) > 1:
        return {r["row_id"]: Meaning(NOT, "panel_contradictory") for r in [*screens, *titres]}
    if "negative" in said:
        # a laboratory may write down that it did not run the titre: then there is none
        titres = [r for r in titres if r["result_kind"] != "no_result"]
    is_open = any(r["panel_role"] == "titre" and r["row_id"] not in meanings for r in members)
    found = {r["row_id"]: _of_screen(meanings[r["row_id"]], bool(titres), is_open) for r in screens}
    return found | {r["row_id"]: _of_titre(meanings[r["row_id"]], said) for r in titres}


def _of_screen(own: Meaning, has_titre: bool, is_open: bool) -> Meaning:
    if has_titre:
        return Meaning(NOT, "decided_by_titre", is_carried=True)
    if own.interpretation == NOT or (own.interpretation == "negative" and not is_open):
        return own
    return Meaning(NOT, "panel_incomplete")


def _of_titre(own: Meaning, screen: set[str]) -> Meaning:
    if not screen or screen == {NOT}:
        return Meaning(NOT, "panel_incomplete")
    return Meaning(NOT, "panel_contradictory") if screen == {"negative"} else own


def is_primary(row: Row) -> bool:
    """IgM against GM1 in serum."""
    return (row.get("antigen"), row.get("isotype"), row.get("specimen")) == ("GM1", "IgM", "serum")


def agrees(row: Row, meaning: Meaning) -> bool | None:
    """Whether ours is the laboratory's own reading; none where either is missing."""
    stated = row.get("lab_interpretation")
    return meaning.interpretation == stated if stated and meaning.interpretation in SURE else None


def is_off_series(row: Row, rules: Rules) -> bool | None:
    """Whether a titre is no step of the series its laboratory declares."""
    for series in rules["titre_series"]:
        same = (series["performing_lab"], series["assay"]) == (row.get("performing_lab"), row.get("assay"))
        if same and row.get("result_kind") == "titre":
            step, last = Fraction(series["first_titre"]), Fraction(series["last_titre"])
            steps = set()
            while step <= last:
                steps.add(step)
                step *= Fraction(series["factor"])
            return exact(row["value"]) not in steps
    return None
