"""Which rule tables there are, and what each column of theirs must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TEXT, NUMBER, DATE, YES_NO, WHOLE = "VARCHAR", "DOUBLE", "DATE", "BOOLEAN", "INTEGER"
# Percentages and limits that are compared with exact measurements, so that a value at the bound stays at the bound.
EXACT = "DECIMAL(9,3)"
BOUNDS = ("at_or_above", "above", "at_or_below", "below")
CUTOFF_KEY = ("performing_lab", "assay", "antigen", "isotype", "specimen", "unit")


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One CSV file of rules: its key, its columns with their DuckDB types, and which of them may be empty."""

    file: str
    name: str
    key: str
    columns: Mapping[str, str]
    may_be_empty: frozenset[str]
    optional: frozenset[str] = frozenset()


def _table(file: str, name: str, key: str, empty: str = "", optional: str = "", **columns: str) -> RuleTable:
    may_be_empty = frozenset((*empty.split(), *optional.split(), "note"))
    return RuleTable(file, name, key, MappingProxyType(columns), may_be_empty, frozenset(optional.split()))


_CITED = {"source_id": TEXT, "source_locator": TEXT, "note": TEXT}

TABLES = (
    _table("sources.csv", "rule_source", "source_id", source_id=TEXT, citation=TEXT, kind=TEXT),
    _table(
        "assay_cutoffs.csv", "rule_cutoff", "rule_id", optional="state",
        empty="unit at_or_above above at_or_below below valid_from valid_to approved_by approved_on",
        rule_id=TEXT, performing_lab=TEXT, assay=TEXT, antigen=TEXT, isotype=TEXT, specimen=TEXT, unit=TEXT,
        interpretation=TEXT, at_or_above=NUMBER, above=NUMBER, at_or_below=NUMBER, below=NUMBER,
        valid_from=DATE, valid_to=DATE, source_id=TEXT, source_locator=TEXT, approved_by=TEXT, approved_on=DATE,
        note=TEXT, state=TEXT,
    ),
    _table("published_words.csv", "rule_published_word", "word_id", empty="interpretation",
           word_id=TEXT, performing_lab=TEXT, assay=TEXT, antigen=TEXT, isotype=TEXT, word=TEXT, interpretation=TEXT,
           state=TEXT, **_CITED),
    _table("sent_out_tests.csv", "rule_sent_out_test", "local_code", empty="source_locator",
           local_code=TEXT, performing_lab=TEXT, test=TEXT, state=TEXT, **_CITED),
    _table("titre_series.csv", "rule_titre_series", "series_id", series_id=TEXT, performing_lab=TEXT, assay=TEXT,
           first_titre=NUMBER, factor=NUMBER, last_titre=NUMBER, state=TEXT, **_CITED),
    _table("ivig_windows.csv", "rule_ivig_window", "ivig_timing", empty="days_from days_to", ivig_timing=TEXT,
           position=WHOLE, days_from=WHOLE, days_to=WHOLE, state=TEXT, label=TEXT, **_CITED),
    _table("plausibility.csv", "rule_plausible", "rule_id", empty="low high unit",
           rule_id=TEXT, quantity=TEXT, unit=TEXT, low=NUMBER, high=NUMBER, **_CITED),
    _table("published_ranges.csv", "rule_published_range", "range_id", range_id=TEXT, population=TEXT, low=NUMBER,
           high=NUMBER, ci_method=TEXT, confidence=NUMBER, minimum_n=WHOLE, **_CITED),
    _table("published_cohorts.csv", "rule_published_cohort", "cohort_id",
           empty="country year n_patients n_tested n_positive stated_rate_pct stated_low_pct stated_high_pct cutoff_words",
           cohort_id=TEXT, study=TEXT, country=TEXT, year=WHOLE, population=TEXT, n_patients=WHOLE, n_tested=WHOLE,
           n_positive=WHOLE, count_basis=TEXT, stated_rate_pct=EXACT, stated_low_pct=EXACT, stated_high_pct=EXACT,
           analyte=TEXT, isotype=TEXT, assay=TEXT, cutoff_words=TEXT, state=TEXT, **_CITED),
    _table("analytes.csv", "rule_analyte", "antigen", antigen=TEXT, position=WHOLE, source_id=TEXT, label=TEXT, note=TEXT),
    _table("populations.csv", "rule_population", "population", population=TEXT, position=WHOLE, diagnosis=TEXT,
           certainty=TEXT, rests_on_anti_gm1=TEXT, label=TEXT),
    _table("analyses.csv", "rule_analysis", "analysis", analysis=TEXT, position=WHOLE, equivocal_counts_as=TEXT,
           before_first_ivig_only=YES_NO, is_primary=YES_NO, label=TEXT),
    _table("patient_flow.csv", "rule_patient_flow", "flow_class", position=WHOLE, kind=TEXT, flow_class=TEXT, label=TEXT),
    _table("result_statuses.csv", "rule_result_status", "status", status=TEXT, position=WHOLE, decides=YES_NO, label=TEXT),
    _table("conduction_block_criteria.csv", "rule_block_criterion", "criterion_id",
           empty="area_reduction_pct_at_or_above area_reduction_pct_above amplitude_reduction_pct_at_or_above "
                 "amplitude_reduction_pct_above duration_increase_pct_at_or_below duration_increase_pct_above",
           criterion_id=TEXT, criteria_set=TEXT, grade=TEXT, nerve=TEXT, segment_length=TEXT, segment_part=TEXT,
           area_reduction_pct_at_or_above=EXACT, area_reduction_pct_above=EXACT,
           amplitude_reduction_pct_at_or_above=EXACT, amplitude_reduction_pct_above=EXACT,
           duration_increase_pct_at_or_below=EXACT, duration_increase_pct_above=EXACT, state=TEXT, **_CITED),
    _table("conduction_block_requirements.csv", "rule_block_requirement", "criteria_set",
           empty="distal_amplitude_mv_above distal_amplitude_pct_of_limit_above",
           criteria_set=TEXT, position=WHOLE, is_default=YES_NO, distal_amplitude_mv_above=EXACT,
           distal_amplitude_pct_of_limit_above=EXACT, state=TEXT, **_CITED),
    _table("nerve_study_requirements.csv", "rule_study_requirement", "requirement_id",
           requirement_id=TEXT, criteria_set=TEXT, nerves_per_arm_at_or_above=WHOLE, arms_at_or_above=WHOLE,
           up_to_site=TEXT, state=TEXT, **_CITED),
    _table("nerve_limits.csv", "rule_nerve_limit", "limit_id", optional="sending_lab",
           limit_id=TEXT, sending_lab=TEXT, nerve=TEXT, muscle=TEXT, distal_amplitude_lower_limit_mv=EXACT, state=TEXT,
           **_CITED),
    _table("sensory_limits.csv", "rule_sensory_limit", "limit_id", optional="sending_lab",
           limit_id=TEXT, sending_lab=TEXT, nerve=TEXT, snap_amplitude_uv_above=EXACT, velocity_m_per_s_above=EXACT,
           state=TEXT, **_CITED),
    _table("nerve_integrity.csv", "rule_nerve_integrity", "flag", empty="below above",
           flag=TEXT, quantity=TEXT, unit=TEXT, below=EXACT, above=EXACT, state=TEXT, **_CITED),
    _table("stimulation_sites.csv", "rule_stimulation_site", "site", site=TEXT, limb=TEXT, position=WHOLE, region=TEXT,
           is_often_submaximal=YES_NO, source_id=TEXT),
    _table("nerve_segments.csv", "rule_nerve_segment", "", nerve=TEXT, distal_site=TEXT, proximal_site=TEXT,
           segment_length=TEXT, segment_part=TEXT, crosses_entrapment=YES_NO, **_CITED),
    _table("nerve_slowing.csv", "rule_nerve_slowing", "limit_id", optional="sending_lab",
           limit_id=TEXT, sending_lab=TEXT, nerve=TEXT, velocity_lower_limit_m_per_s=EXACT,
           velocity_pct_of_limit_below=EXACT, state=TEXT, source_id=TEXT, source_locator=TEXT, limit_source_id=TEXT,
           limit_source_locator=TEXT, note=TEXT),
    _table("diagnostic_statements.csv", "rule_diagnostic_statement", "statement_id", statement_id=TEXT, position=WHOLE,
           recorded_in=TEXT, met_when=TEXT, label=TEXT, statement=TEXT, **_CITED),
    _table("diagnostic_categories.csv", "rule_diagnostic_category", "category_id", category_id=TEXT, criteria_set=TEXT,
           category=TEXT, position=WHOLE, counts_block=TEXT, nerves_at_or_above=WHOLE, state=TEXT, **_CITED),
    _table("diagnosis_findings.csv", "rule_diagnosis_finding", "finding_id", finding_id=TEXT, position=WHOLE, label=TEXT,
           **_CITED),
    _table("catchments.csv", "rule_catchment", "catchment_id", catchment_id=TEXT, inhabitants=WHOLE, counted_on=DATE,
           state=TEXT, **_CITED),
    _table("reference_facts.csv", "rule_reference_fact", "fact_id",
           empty="published_low published_high window_low window_high literature",
           optional="position observed_by per_inhabitants reason_code",
           fact_id=TEXT, quantity=TEXT, unit=TEXT, published_low=NUMBER, published_high=NUMBER, window_low=NUMBER,
           window_high=NUMBER, statement=TEXT, source_id=TEXT, source_locator=TEXT, literature=TEXT, position=WHOLE,
           observed_by=TEXT, per_inhabitants=NUMBER, reason_code=TEXT),
)  # fmt: skip
