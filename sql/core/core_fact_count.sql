/* What the cohort shows about each checkable statement of the source documents.
   Grain: one row a statement that somebody of the cohort says something about.
   Why: the same patients as the cohort of the primary analysis, tested or not, so that statements about the disease are
   not statements about who was tested. A missing value is not counted. A statement names what it is observed by, and where
   it gives a span of years or days the span is counted with both its ends.
   Rules used: rule_reference_fact, rule_diagnostic_statement. */
WITH cohort AS (
  SELECT * FROM mart_patient WHERE population = 'MMN'
),
statement AS (
  SELECT s.* FROM core_diagnostic_statement s JOIN cohort c ON c.patient_key = s.patient_key
),
measured AS (
  SELECT 'antibody_positive' AS observed_by, CASE WHEN is_in_primary AND interpretation = 'positive' THEN 1
    WHEN is_in_primary THEN 0 END AS value
  FROM cohort
  UNION ALL
  SELECT 'onset_age', onset_age FROM cohort
  UNION ALL
  SELECT 'men', CASE sex WHEN 'M' THEN 1 WHEN 'F' THEN 0 END FROM cohort
  UNION ALL
  SELECT 'conduction_block', CASE WHEN n_segments_assessed > 0 AND n_definite_block + n_probable_block > 0 THEN 1
    WHEN n_segments_assessed > 0 THEN 0 END
  FROM cohort
  UNION ALL
  SELECT 'block_or_slowing',
    CASE WHEN n_segments_assessed + n_segments_velocity_judged = 0 THEN NULL
      WHEN n_definite_block + n_probable_block + n_segments_slowed > 0 THEN 1 ELSE 0 END
  FROM cohort
  UNION ALL
  SELECT 'sensory_conduction', CASE sensory_conduction WHEN 'normal' THEN 1 WHEN 'abnormal' THEN 0 END FROM cohort
  UNION ALL
  SELECT 'ivig_effect_days', ivig_effect_days FROM cohort
  UNION ALL
  SELECT 'ivig_interval_days', ivig_interval_days FROM cohort
  UNION ALL
  SELECT statement_id, CASE outcome WHEN 'met' THEN 1 WHEN 'not_met' THEN 0 END FROM statement
),
said AS (
  SELECT
    f.fact_id, m.value, f.window_low IS NOT NULL OR f.window_high IS NOT NULL AS is_windowed,
    CASE
      WHEN f.window_low IS NULL AND f.window_high IS NULL THEN m.value = 1
      ELSE (f.window_low IS NULL OR m.value >= f.window_low) AND (f.window_high IS NULL OR m.value <= f.window_high)
    END AS is_so
  FROM rule_reference_fact f
  JOIN measured m ON m.observed_by = f.observed_by
  WHERE m.value IS NOT NULL
)
SELECT
  fact_id, count(*) AS n_tested, count(CASE WHEN is_so THEN 1 END) AS n_positive,
  CAST(median(CASE WHEN is_windowed THEN value END) AS DOUBLE) AS median_observed
FROM said
GROUP BY fact_id
