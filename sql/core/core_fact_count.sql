/* What the cohort shows about each checkable statement of the source documents.
   Grain: one row a statement that can be observed.
   Why: the same patients as the cohort of the primary analysis, tested or not, so that statements about the disease are
   not statements about who was tested. A missing value is not counted.
   Rules used: rule_reference_fact. */
WITH cohort AS (
  SELECT * FROM mart_patient WHERE population = 'MMN'
),
fact AS (
  SELECT * FROM rule_reference_fact
),
said AS (
  SELECT f.fact_id, CASE WHEN c.is_in_primary THEN c.interpretation = 'positive' END AS is_so
  FROM fact f CROSS JOIN cohort c WHERE f.fact_id = 'R1'
  UNION ALL
  SELECT f.fact_id, c.onset_age >= f.window_low AND c.onset_age <= f.window_high AS is_so
  FROM fact f CROSS JOIN cohort c WHERE f.window_low IS NOT NULL
  UNION ALL
  SELECT f.fact_id, c.sex = 'M' AS is_so
  FROM fact f CROSS JOIN cohort c WHERE f.fact_id = 'R5'
  UNION ALL
  SELECT f.fact_id, CASE WHEN c.sensory_signs <> 'unknown' THEN c.sensory_signs = 'no' END AS is_so
  FROM fact f CROSS JOIN cohort c WHERE f.fact_id = 'R12'
  UNION ALL
  SELECT f.fact_id,
    CASE WHEN c.n_segments_assessed > 0 THEN c.n_definite_block + c.n_probable_block > 0 END AS is_so
  FROM fact f CROSS JOIN cohort c WHERE f.fact_id = 'R11'
)
SELECT fact_id, count(is_so) AS n_tested, count(CASE WHEN is_so THEN 1 END) AS n_positive
FROM said
GROUP BY fact_id
