"""The queries of the report. None returns a patient or a measured value; patients and results are only counted."""

from collections.abc import Mapping
from types import MappingProxyType

BUILD = "SELECT * FROM _build"

RATES = """
SELECT r.*
FROM mart_positive_rate r
LEFT JOIN rule_analysis a USING (analysis)
LEFT JOIN rule_population p USING (population)
ORDER BY a.position NULLS LAST, r.analysis, p.position NULLS LAST, r.population,
  CASE r.stratum WHEN 'all' THEN 0 WHEN 'performing_lab' THEN 1 WHEN 'assay' THEN 2 WHEN 'period' THEN 3
    WHEN 'criteria_set' THEN 4 WHEN 'label_rests_on_anti_gm1' THEN 5 ELSE 6 END,
  r.stratum, r.stratum_value
"""

LABELS = """
SELECT 'analysis' AS kind, analysis AS name, label FROM rule_analysis
UNION ALL
SELECT 'population', population, label FROM rule_population
ORDER BY ALL
"""

PUBLISHED = """
SELECT r.*, s.citation
FROM rule_published_range r
LEFT JOIN rule_source s USING (source_id)
ORDER BY r.range_id
"""

CROSSWALK = """
SELECT * FROM mart_crosswalk WHERE direction <> 'rows_gained_by_link'
ORDER BY list_position(['identifiers_of_records', 'persons_of_crosswalk', 'persons_in_detail'], direction),
  list_position(['matched', 'found', 'not_listed', 'not_found', 'ambiguous'], outcome) NULLS LAST, outcome
"""

JOIN_AUDIT = "SELECT * FROM mart_join_audit ORDER BY has_study DESC, has_result DESC, has_site DESC"

PATIENT_FLOW = "SELECT * FROM mart_patient_flow ORDER BY position"

EXPORTS = "SELECT * FROM mart_reconciliation ORDER BY sending_lab, file_name, received_at, sha256"

REASONS = """
SELECT disposition, coalesce(reasons, '') AS reasons, count(*) AS n_rows, count(DISTINCT arrival_id) AS n_exports
FROM mart_row_disposition
WHERE disposition NOT IN ('used', 'layout') AND slot = 1
GROUP BY ALL
ORDER BY ALL
"""

CHECKS = """
SELECT * FROM mart_check_result
ORDER BY
  CASE outcome WHEN 'error' THEN 0 WHEN 'failed' THEN 1 WHEN 'not_applicable' THEN 2 ELSE 3 END,
  CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
  table_name, check_id
"""

CHANGES = """
SELECT
  c.kind, c.sending_lab, e.file_name AS earlier_file, c.earlier_row_number, l.file_name AS later_file,
  c.later_row_number, c.interpretation_before, c.interpretation_after, c.is_class_change
FROM mart_change c
LEFT JOIN mart_reconciliation e ON e.arrival_id = c.earlier_arrival_id
LEFT JOIN mart_reconciliation l ON l.arrival_id = c.later_arrival_id
ORDER BY c.is_class_change DESC, c.kind DESC, c.sending_lab, e.file_name, c.earlier_arrival_id, c.earlier_row_number,
  c.later_arrival_id, c.later_row_number, c.test_code
"""

# A span of several bands names all of them, so one result can rest on more than one rule.
CUTOFFS = """
WITH applied AS (
  SELECT unnest(string_split(rule_id, ' + ')) AS rule_id, is_primary_analyte
  FROM mart_result
  WHERE disposition = 'used' AND rule_id IS NOT NULL
),
counted AS (
  SELECT rule_id, count(*) AS n_results, count(*) FILTER (is_primary_analyte) AS n_primary_results
  FROM applied
  GROUP BY rule_id
)
SELECT a.rule_id, c.* EXCLUDE (rule_id), s.citation, a.n_results, a.n_primary_results
FROM counted a
LEFT JOIN rule_cutoff c ON c.rule_id = a.rule_id
LEFT JOIN rule_source s ON s.source_id = c.source_id
ORDER BY c.performing_lab NULLS LAST, c.assay, c.antigen, c.isotype, c.specimen, c.valid_from NULLS FIRST,
  coalesce(c.at_or_above, c.above) NULLS FIRST, a.rule_id
"""

CUTOFF_STATES = "SELECT state, count(*) AS n_rules FROM rule_cutoff GROUP BY ALL ORDER BY ALL"

NOT_EVALUABLE = """
SELECT coalesce(performing_lab, 'not stated') AS performing_lab, reason_code, count(*) AS n_results
FROM mart_result
WHERE disposition = 'used' AND interpretation = 'not_evaluable' AND is_primary_analyte
  -- the screen of a panel whose titre decides is no result of its own
  AND reason_code IS DISTINCT FROM 'decided_by_titre'
GROUP BY ALL
ORDER BY ALL
"""

AGREEMENT = """
SELECT coalesce(performing_lab, 'not stated') AS performing_lab, count(*) FILTER (agrees_with_lab) AS n_agree,
  count(*) FILTER (NOT agrees_with_lab) AS n_differ, count(*) FILTER (agrees_with_lab IS NULL) AS n_not_comparable
FROM mart_result
WHERE disposition = 'used' AND interpretation IN ('positive', 'equivocal', 'negative')
GROUP BY ALL
ORDER BY ALL
"""

# Changes nothing: a result keeps the meaning of the day it was collected.
RULE_NOW = """
SELECT performing_lab, coalesce(assay, 'not stated') AS assay, interpretation, interpretation_by_current_rule,
  count(*) AS n_results, count(*) FILTER (is_primary_analyte) AS n_primary_results
FROM mart_result
WHERE disposition = 'used' AND interpretation IS DISTINCT FROM interpretation_by_current_rule
GROUP BY ALL
ORDER BY ALL
"""

REPEATS = """
SELECT performing_lab, assay, change, count(*) AS n_repeats
FROM mart_repeat
GROUP BY performing_lab, assay, change
ORDER BY performing_lab, assay,
  list_position(['same', 'within_one_dilution', 'may_be_one_dilution', 'changed', 'not_comparable'], change)
"""

TIMING = """
SELECT count(*) FILTER (is_before_first_ivig) AS n_before, count(*) FILTER (NOT is_before_first_ivig) AS n_after,
  count(*) FILTER (is_before_first_ivig IS NULL) AS n_unknown
FROM mart_patient
WHERE is_in_primary
"""

IVIG_TIMING = """
SELECT label, n_tested, n_positive, n_equivocal FROM mart_ivig_timing WHERE population = 'MMN' ORDER BY position
"""

ANALYTES = """
SELECT a.* FROM mart_analyte_rate a
JOIN rule_analyte r ON r.antigen = a.antigen
WHERE a.population = 'MMN'
ORDER BY r.position, a.isotype, a.specimen
"""

BLOCK_SEGMENTS = """
SELECT criteria_set, conduction_block, coalesce(reason_code, '') AS reason_code, count(*) AS n_segments,
  count(DISTINCT patient_key) AS n_patients
FROM mart_conduction_block
WHERE criteria_set IN (SELECT criteria_set FROM rule_block_requirement WHERE is_default)
GROUP BY criteria_set, conduction_block, mart_conduction_block.reason_code
ORDER BY criteria_set,
  list_position(['definite', 'probable', 'none', 'not_assessable'], conduction_block), reason_code
"""

BLOCK_PATIENTS = """
SELECT p.population, count(*) AS n_labelled, count(*) FILTER (m.n_segments_assessed > 0) AS n_assessed,
  count(*) FILTER (m.n_definite_block > 0) AS n_definite,
  count(*) FILTER (m.n_definite_block = 0 AND m.n_probable_block > 0) AS n_probable_only,
  count(*) FILTER (m.block_conclusion = 'none') AS n_none,
  count(*) FILTER (m.block_conclusion = 'incomplete') AS n_incomplete
FROM mart_patient m
JOIN rule_population p USING (population)
GROUP BY p.position, p.population
ORDER BY p.position
"""

REFERENCE_FACTS = "SELECT * FROM mart_reference_fact ORDER BY position NULLS LAST, length(fact_id), fact_id"

STATEMENTS = """
SELECT r.position, r.statement_id, r.label, count(*) FILTER (s.outcome = 'met') AS n_met,
  count(*) FILTER (s.outcome = 'not_met') AS n_not_met, count(*) FILTER (s.outcome = 'not_recorded') AS n_not_recorded
FROM rule_diagnostic_statement r
LEFT JOIN mart_diagnostic_statement s ON s.statement_id = r.statement_id AND s.population = 'MMN'
GROUP BY r.position, r.statement_id, r.label
ORDER BY r.position, r.statement_id
"""

DATA_SUPPORT = """
SELECT data_support, count(*) AS n_patients FROM mart_patient WHERE population = 'MMN' GROUP BY ALL ORDER BY ALL
"""

ELECTRODIAGNOSIS = """
SELECT electrodiagnostic_support, count(*) FILTER (certainty = 'definite') AS n_definite,
  count(*) FILTER (certainty = 'probable') AS n_probable
FROM mart_patient
WHERE population = 'MMN'
GROUP BY electrodiagnostic_support
ORDER BY electrodiagnostic_support
"""

DIAGNOSIS_FINDINGS = """
SELECT r.position, r.finding_id, r.label, count(DISTINCT f.patient_key) FILTER (f.population = 'MMN') AS n_cohort,
  count(DISTINCT f.patient_key) AS n_patients
FROM rule_diagnosis_finding r
LEFT JOIN mart_diagnosis_finding f ON f.finding_id = r.finding_id
GROUP BY r.position, r.finding_id, r.label
ORDER BY r.position, r.finding_id
"""

# the labels of the cohort by whether they rest on the antibody, and the ones that do and stand outside it
INCORPORATION = """
SELECT population, coalesce(label_rests_on_anti_gm1, 'unknown') AS rests, count(*) AS n_patients,
  count(*) FILTER (is_in_primary) AS n_tested
FROM mart_patient
WHERE population IN ('MMN', 'MMN resting on anti-GM1')
GROUP BY ALL
ORDER BY ALL
"""

PUBLISHED_COHORTS = """
SELECT * FROM mart_published_cohort
ORDER BY state, population <> 'MMN', analyte <> 'GM1', analyte, year NULLS LAST, study, cohort_id
"""

# One query for each field of Findings.
QUERIES: Mapping[str, str] = MappingProxyType({
    "build": BUILD,
    "rates": RATES,
    "labels": LABELS,
    "published": PUBLISHED,
    "patient_flow": PATIENT_FLOW,
    "crosswalk": CROSSWALK,
    "join_audit": JOIN_AUDIT,
    "exports": EXPORTS,
    "reasons": REASONS,
    "checks": CHECKS,
    "changes": CHANGES,
    "cutoffs": CUTOFFS,
    "cutoff_states": CUTOFF_STATES,
    "not_evaluable": NOT_EVALUABLE,
    "agreement": AGREEMENT,
    "rule_now": RULE_NOW,
    "repeats": REPEATS,
    "timing": TIMING,
    "ivig_timing": IVIG_TIMING,
    "analytes": ANALYTES,
    "block_segments": BLOCK_SEGMENTS,
    "block_patients": BLOCK_PATIENTS,
    "reference_facts": REFERENCE_FACTS,
    "statements": STATEMENTS,
    "data_support": DATA_SUPPORT,
    "electrodiagnosis": ELECTRODIAGNOSIS,
    "diagnosis_findings": DIAGNOSIS_FINDINGS,
    "incorporation": INCORPORATION,
    "published_cohorts": PUBLISHED_COHORTS,
})  # fmt: skip
