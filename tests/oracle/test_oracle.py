"""The pipeline against an oracle that shares no code with it: on the demo and on twenty invented cohorts."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.demo import prepare
from pipeline.run import run
from pipeline.settings import Settings

from . import built, marts
from .answers import Answers
from .cohorts import cohort
from .rule_rows import read

SEEDS = range(1, 21)
# What compares may know both sides; what answers may not.
COMPARING = {"built.py", "marts.py", "test_oracle.py"}
ANSWERING = sorted(file for file in Path(__file__).parent.glob("*.py") if file.name not in COMPARING)

# Every word that the requirements know, by the column it stands in; a cohort that never leads there proves nothing of it.
WORDS = {
    "results.disposition": "used held superseded withdrawn duplicate rejected excluded",
    "results.interpretation": "positive equivocal negative not_evaluable",
    "results.reason_code": """
        no_rule no_rule_for_specimen unit_differs_from_rule no_rule_on_that_day between_bands straddles_cut_off
        no_result_insufficient no_result_not_done panel_incomplete panel_contradictory decided_by_titre
        preliminary confirms_nothing_known conflicting_values correction_unclear correction_rejected sent_after_withdrawal
        accession_under_two_patients
        unit_undeclared performing_lab_undeclared corrected preliminary_replaced withdrawn_by_laboratory
        withdraws_nothing_known exact_copy same_result_again control test_patient other_analyte titre_result_readable""",
    "results.ivig_timing": """
        never_treated before_first on_treatment_within_42 43_to_90 later on_treatment_days_unknown unknown""",
    "results.is_off_series": "True False None",
    "results.agrees_with_lab": "True False None",
    "dispositions.disposition": "used held superseded duplicate rejected",
    "dispositions.reason": "exact_copy later_version labels_disagree conflicting_values",
    "segments.conduction_block": "definite probable none not_assessable",
    "segments.reason_code": """
        segment_not_listed nerve_not_in_criteria entrapment_site segment_not_in_criteria amplitude_peak_to_peak
        no_distal_response distal_amplitude_too_low area_missing duration_missing""",
    "segments.lower_limit_from": "exam laboratory fallback None",
    "segments.sensory_sparing": "spared not_spared not_recorded None",
    "segments.flag": """
        velocity_disagrees velocity_implausible distance_in_other_unit area_in_other_unit sites_possibly_swapped
        no_proximal_response proximal_larger distal_submaximal_possible martin_gruber_possible
        martin_gruber_not_excluded proximal_submaximal_possible""",
    "studies.conclusion": "definite probable none incomplete not_assessable",
    "studies.reason_code": "too_few_segments_for_no_block no_segment_tested no_segment_assessable",
    "patients.population": "MMN CIDP GBS ALS other None",
    "patients.flow_class": """
        no_study_row study_row_rejected study_row_held other_diagnosis mmn_possible label_rests_on_anti_gm1 not_tested
        other_analyte_only other_isotype_only other_specimen_only rejected withdrawn held unclassifiable tested""",
    "patients.is_before_first_ivig": "True False None",
    "patients.data_support": "supported contradicted incomplete",
    "patients.block_conclusion": "definite probable none incomplete not_assessable None",
    "statements.outcome": "met not_met not_recorded",
    "rates.verdict": "within below above inconclusive too_few not_estimable None",
}
BRANCHES = sorted(f"{column}={word}" for column, words in WORDS.items() for word in words.split())


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[Answers, Answers]]:
    """Oracle and pipeline on each cohort."""
    return {seed: built.both(tmp_path_factory.mktemp(f"cohort{seed}"), cohort(seed)) for seed in SEEDS}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Answers, Answers]]:
    """Oracle and pipeline on the demo after its second month."""
    settings = Settings.load(tmp_path_factory.mktemp("demo") / "home", {})
    for month in (1, 2):
        prepare(settings, month)
        warehouse = run(settings).build.warehouse_file
    with duckdb.connect(str(warehouse), read_only=True) as con:
        yield built.of_home(con, settings.home / "landed", read([built.SHIPPED_RULES]))


@pytest.mark.parametrize("seed", SEEDS)
def test_oracle_and_pipeline_agree_on_a_cohort(seed: int, cohorts: dict[int, tuple[Answers, Answers]]) -> None:
    found = marts.differences(*cohorts[seed])
    assert not found, "\n".join(["", *found])


def test_oracle_and_pipeline_agree_on_the_demo(demo: tuple[Answers, Answers]) -> None:
    found = marts.differences(*demo)
    assert not found, "\n".join(["", *found])


def test_the_demo_is_not_compared_in_vain(demo: tuple[Answers, Answers]) -> None:
    expected, _ = demo
    assert min(len(expected.results), len(expected.segments), len(expected.patients)) > 300
    assert expected.rates["primary", "MMN", "all", "all"]["n_tested"] > 50


@pytest.mark.parametrize("branch", BRANCHES)
def test_the_cohorts_come_to_every_word(branch: str, cohorts: dict[int, tuple[Answers, Answers]]) -> None:
    counted: Counter[str] = Counter()
    for expected, _ in cohorts.values():
        counted += marts.branches(expected)
    assert counted[branch] > 0


def test_the_cohorts_slow_a_nerve(cohorts: dict[int, tuple[Answers, Answers]]) -> None:
    assert any(
        patient["n_segments_slowed"] for expected, _ in cohorts.values() for patient in expected.patients.values()
    )


def test_a_seed_gives_the_same_cohort_and_another_seed_another() -> None:
    assert cohort(3) == cohort(3)
    assert cohort(3) != cohort(4)


def test_a_difference_is_seen(cohorts: dict[int, tuple[Answers, Answers]]) -> None:
    ours, theirs = cohorts[1]
    key = next(key for key, row in ours.results.items() if row["interpretation"] == "negative")
    told = {**theirs.results, key: {**theirs.results[key], "interpretation": "positive"}}
    changed = Answers(
        told, theirs.dispositions, theirs.segments, theirs.studies, theirs.patients, theirs.statements, theirs.rates
    )
    assert marts.differences(ours, changed) == [
        f"1 x results.interpretation: oracle negative, pipeline positive at {key}"
    ]
    lost = {k: row for k, row in theirs.results.items() if k != key}
    changed = Answers(
        lost, theirs.dispositions, theirs.segments, theirs.studies, theirs.patients, theirs.statements, theirs.rates
    )
    assert marts.differences(ours, changed) == [f"1 x results: only the oracle has at {key}"]


@pytest.mark.parametrize("file", ANSWERING, ids=lambda file: str(file.name))
def test_the_oracle_knows_nothing_of_the_pipeline(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    siblings = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1}
    assert not siblings & {name.removesuffix(".py") for name in COMPARING}
