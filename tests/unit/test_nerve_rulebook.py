"""Rules of nerve conduction are sound or refused, with the rule and the remedy in one line."""

import csv
from pathlib import Path

import pytest

from pipeline import resources, rulebook
from pipeline.errors import RulebookUnsound

CITED = {"state": "active", "source_id": "PROJECT", "source_locator": "test"}
CRITERION = {"criterion_id": "X", "criteria_set": "UTRECHT", "grade": "definite", "nerve": "median", "segment_length": "any",
             "segment_part": "any", "area_reduction_pct_above": "40", **CITED}  # fmt: skip
SET = {"criteria_set": "OWN", "position": "9", "is_default": "no", **CITED}
SEGMENT = {"nerve": "median", "distal_site": "wrist", "proximal_site": "elbow", "segment_length": "short",
           "segment_part": "distal", "crosses_entrapment": "no", "source_id": "PROJECT", "source_locator": "test"}  # fmt: skip
LIMIT = {"limit_id": "x", "nerve": "median", "muscle": "APB", "distal_amplitude_lower_limit_mv": "4", **CITED}
FLAG = {"flag": "proximal_larger", "quantity": "x", "unit": "%", "above": "10", **CITED}


def with_rows(folder: Path, file: str, *rows: dict[str, str]) -> rulebook.Rulebook:
    """The shipped rules and a site's own rows of one file."""
    with (resources.RULES_DIR / file).open(newline="", encoding="utf-8") as shipped:
        head = next(csv.reader(shipped))
    with (folder / file).open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, head, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return rulebook.load([resources.RULES_DIR, folder])


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        ("conduction_block_criteria.csv", {**CRITERION, "grade": "certain"}, "grade must be one of"),
        ("conduction_block_criteria.csv", {**CRITERION, "nerve": "sural"}, "nerve must be one of"),
        ("conduction_block_criteria.csv", {**CRITERION, "segment_length": "lng"}, "segment_length must be one of"),
        ("conduction_block_criteria.csv", {**CRITERION, "state": "on"}, "state must be one of"),
        ("conduction_block_criteria.csv", {**CRITERION, "area_reduction_pct_above": ""}, "every segment would meet it"),
        ("conduction_block_criteria.csv", {**CRITERION, "area_reduction_pct_at_or_above": "40"}, "are both filled"),
        ("conduction_block_criteria.csv", {**CRITERION, "criteria_set": "OWN"}, "criteria set OWN has no row"),
        ("conduction_block_requirements.csv", SET, "criteria set OWN is active and has no criterion"),
        ("conduction_block_requirements.csv", {**SET, "criteria_set": "UTRECHT", "is_default": "yes"}, "exactly one active"),
        ("nerve_segments.csv", SEGMENT, "median wrist-elbow stands there twice"),
        ("nerve_segments.csv", {**SEGMENT, "proximal_site": "palm"}, "a site is not in stimulation_sites.csv"),
        ("nerve_segments.csv", {**SEGMENT, "distal_site": "elbow", "proximal_site": "wrist"}, "wrist lies not farther"),
        ("nerve_segments.csv", {**SEGMENT, "proximal_site": "popliteal"}, "popliteal lies not farther"),
        ("conduction_block_criteria.csv", {**CRITERION, "nerve": "tibial"}, "no segment in nerve_segments.csv"),
        ("conduction_block_criteria.csv", {**CRITERION, "area_reduction_pct_above": "-50"}, "must lie between 0 and 100"),
        ("conduction_block_criteria.csv", {**CRITERION, "area_reduction_pct_above": "150"}, "must lie between 0 and 100"),
        ("conduction_block_criteria.csv", {**CRITERION, "duration_increase_pct_at_or_below": "20",
                                           "duration_increase_pct_above": "40"}, "no duration meets both"),
        ("nerve_integrity.csv", {**FLAG, "flag": "proximal_lager"}, "flag must be one of"),
        ("nerve_integrity.csv", {**FLAG, "above": "", "below": "10"}, "states no bound in above"),
        ("nerve_study_requirements.csv", {"requirement_id": "x", "criteria_set": "UTRECHT", "nerves_per_arm_at_or_above": "2",
                                          "arms_at_or_above": "2", "up_to_site": "axila", **CITED}, "up_to_site must be one of"),
        ("nerve_limits.csv", {**LIMIT, "state": "maybe"}, "nerve limit x: state must be one of"),
        ("nerve_limits.csv", {**LIMIT, "nerve": "medain"}, "nerve limit x: nerve must be one of"),
        ("sensory_limits.csv", {"limit_id": "x", "nerve": "medain", "snap_amplitude_uv_above": "15",
                                "velocity_m_per_s_above": "50", **CITED}, "sensory limit x: nerve must be one of"),
    ],
)  # fmt: skip
def test_unsound_rules_are_refused_in_one_line(file: str, row: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(RulebookUnsound) as error:
        with_rows(tmp_path, file, row)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_site_adds_a_set_of_its_own_and_may_make_it_the_default(tmp_path: Path) -> None:
    """Both rows replace or join ours by their keys; the shipped default gives way."""
    with (resources.RULES_DIR / "conduction_block_requirements.csv").open(newline="", encoding="utf-8") as file:
        shipped = {row["criteria_set"]: row for row in csv.DictReader(file)}
    with_own = [{**shipped["EFNS_PNS_2010"], "is_default": "no"}, {**SET, "is_default": "yes"}]
    with_rows_of_both = tmp_path / "site"
    with_rows_of_both.mkdir()
    # the criterion first, because a set without one is refused
    criterion = {**CRITERION, "criteria_set": "OWN"}
    with pytest.raises(RulebookUnsound):
        with_rows(with_rows_of_both, "conduction_block_criteria.csv", criterion)
    book = with_rows(with_rows_of_both, "conduction_block_requirements.csv", *with_own)
    sets = book.tables["rule_block_requirement"].set_index("criteria_set")
    assert list(sets.index[sets["is_default"] == True]) == ["OWN"]  # noqa: E712
