/* Where the stated diagnosis and the data disagree.
   Grain: one row a patient, finding and, where a statement is the reason, statement.
   Why: a disagreement is for a person to look at. It overwrites nothing and removes nobody from a cohort; patients without
   block are part of every published series.
   Rules used: rule_diagnosis_finding, rule_diagnostic_statement. */
WITH patient AS (
  SELECT * FROM mart_patient WHERE population IS NOT NULL
),
stated AS (
  SELECT * FROM patient WHERE diagnosis = 'MMN' AND certainty IN ('definite', 'probable')
),
found AS (
  SELECT 'definite_without_block' AS finding_id, patient_key, CAST(NULL AS VARCHAR) AS statement_id
  FROM stated
  WHERE certainty = 'definite' AND block_conclusion = 'none'
  UNION ALL
  SELECT 'contradicted_by_statement', p.patient_key, s.statement_id
  FROM stated p
  JOIN core_diagnostic_statement s ON s.patient_key = p.patient_key AND s.outcome = 'not_met'
  UNION ALL
  SELECT 'sensory_conduction_abnormal', patient_key, CAST(NULL AS VARCHAR)
  FROM patient
  WHERE sensory_signs = 'no' AND sensory_conduction = 'abnormal'
)
SELECT
  f.patient_key, p.population, p.diagnosis, p.certainty, p.criteria_set, r.position, f.finding_id, r.label,
  f.statement_id, s.evidence, p.data_support, p.electrodiagnostic_support
FROM found f
JOIN patient p ON p.patient_key = f.patient_key
JOIN rule_diagnosis_finding r ON r.finding_id = f.finding_id
LEFT JOIN core_diagnostic_statement s ON s.patient_key = f.patient_key AND s.statement_id = f.statement_id
