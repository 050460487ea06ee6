"""The comparisons of two builds, attached as `before` and `after`. No patient and no measured value is returned."""

RULES = """
SELECT coalesce(b.rule_id, a.rule_id) AS rule_id, b.state AS state_before, a.state AS state_after,
  CASE WHEN b.rule_id IS NULL THEN 'added' ELSE 'replaced' END AS change
FROM before.rule_cutoff b
FULL JOIN after.rule_cutoff a ON a.rule_id = b.rule_id
WHERE b IS DISTINCT FROM a
ORDER BY 1"""

_CHANGED = """
FROM before.mart_result b
JOIN after.mart_result a ON a.row_id = b.row_id
WHERE (b.disposition, b.interpretation, b.reason_code, b.rule_id)
  IS DISTINCT FROM (a.disposition, a.interpretation, a.reason_code, a.rule_id)"""

INTERPRETATIONS = f"""
SELECT b.interpretation AS before, a.interpretation AS after, count(*) AS n_results,
  count(CASE WHEN b.is_primary_analyte THEN 1 END) AS n_igm_gm1_serum
{_CHANGED}
GROUP BY b.interpretation, a.interpretation
ORDER BY ALL"""

RESULTS = f"""
SELECT d.sending_lab, d.file_name, d.place, b.arrival_id, b.row_number, b.slot, b.performing_lab, b.assay, b.isotype,
  b.antigen, b.interpretation AS interpretation_before, a.interpretation AS interpretation_after,
  b.reason_code AS reason_before, a.reason_code AS reason_after, b.rule_id AS rule_before, a.rule_id AS rule_after
{
    _CHANGED.replace(
        "WHERE",
        '''JOIN before.mart_row_disposition d
  ON d.arrival_id = b.arrival_id AND d.row_number = b.row_number AND d.slot = b.slot AND d.record = 'titre'
WHERE''',
    )
}
ORDER BY b.row_id"""

# a rule with a date to come changes no result, and is what tomorrow's samples are read by
BY_CURRENT_RULE = """
SELECT b.performing_lab, b.assay, b.interpretation_by_current_rule AS before, a.interpretation_by_current_rule AS after,
  count(*) AS n_results
FROM before.mart_result b
JOIN after.mart_result a ON a.row_id = b.row_id
WHERE b.interpretation_by_current_rule IS DISTINCT FROM a.interpretation_by_current_rule
GROUP BY ALL
ORDER BY ALL"""

FIGURES = """
SELECT * FROM (
SELECT coalesce(b.analysis, a.analysis) AS analysis, coalesce(b.population, a.population) AS population,
  coalesce(b.stratum, a.stratum) AS stratum, coalesce(b.stratum_value, a.stratum_value) AS stratum_value,
  b.n_tested AS n_tested_before, a.n_tested AS n_tested_after, b.n_positive AS n_positive_before,
  a.n_positive AS n_positive_after, b.n_equivocal AS n_equivocal_before, a.n_equivocal AS n_equivocal_after,
  b.n_unclassifiable AS n_unclassifiable_before, a.n_unclassifiable AS n_unclassifiable_after,
  b.rate AS rate_before, a.rate AS rate_after, b.ci_low AS ci_low_before, a.ci_low AS ci_low_after,
  b.ci_high AS ci_high_before, a.ci_high AS ci_high_after, b.verdict AS verdict_before, a.verdict AS verdict_after
FROM before.mart_positive_rate b
FULL JOIN after.mart_positive_rate a
  ON a.analysis = b.analysis AND a.population = b.population AND a.stratum = b.stratum
  AND a.stratum_value = b.stratum_value
WHERE b IS DISTINCT FROM a)
ORDER BY analysis <> 'primary', population <> 'MMN', stratum <> 'all', analysis, population, stratum, stratum_value"""

PATIENTS = """
SELECT b.population, coalesce(b.interpretation, b.serology_state) AS before,
  coalesce(a.interpretation, a.serology_state) AS after, count(*) AS n_patients
FROM before.mart_patient b
JOIN after.mart_patient a ON a.patient_key = b.patient_key
WHERE coalesce(b.interpretation, b.serology_state) IS DISTINCT FROM coalesce(a.interpretation, a.serology_state)
GROUP BY ALL
ORDER BY ALL"""

FACTS = """
SELECT b.fact_id, b.quantity, b.outcome AS outcome_before, a.outcome AS outcome_after, b.n AS n_before, a.n AS n_after,
  b.observed AS observed_before, a.observed AS observed_after
FROM before.mart_reference_fact b
JOIN after.mart_reference_fact a ON a.fact_id = b.fact_id
WHERE (b.outcome, b.n, b.observed, b.ci_low, b.ci_high) IS DISTINCT FROM (a.outcome, a.n, a.observed, a.ci_low, a.ci_high)
ORDER BY b.fact_id"""

TABLES = """
SELECT table_name FROM duckdb_tables()
WHERE database_name = 'after' AND (table_name LIKE 'mart_%' OR table_name LIKE 'rule_%')
  -- said row by row above
  AND table_name NOT IN ('mart_result', 'mart_positive_rate', 'rule_cutoff', 'rule_cutoff_span')
ORDER BY table_name"""

# what is in one of the two builds only
DIFFERENCE = """
SELECT greatest((SELECT count(*) FROM (FROM before.{table} EXCEPT ALL FROM after.{table})),
  (SELECT count(*) FROM (FROM after.{table} EXCEPT ALL FROM before.{table})))"""
