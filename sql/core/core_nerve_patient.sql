/* Nerve conduction of one patient over all exams, by the criteria set that figures use.
   Grain: one row a patient with a used site.
   Why: exams add up to what is known of a patient: a block found once is found, and no block needs one adequate exam.
   Rules used: rule_block_requirement. */
WITH study AS (
  SELECT s.*
  FROM mart_nerve_study s
  JOIN rule_block_requirement r ON r.criteria_set = s.criteria_set AND r.is_default
),
nerve AS (
  SELECT DISTINCT s.patient_key, s.nerve, s.side
  FROM stg_ncs_site s
  JOIN core_site_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used' AND s.study_kind = 'motor'
),
extent AS (
  SELECT patient_key, count(*) AS n_nerves_tested FROM nerve GROUP BY patient_key
),
found AS (
  SELECT
    patient_key, criteria_set, sum(n_segments_tested) AS n_segments_tested, sum(n_segments_assessed) AS n_segments_assessed,
    sum(n_definite_block) AS n_definite_block, sum(n_probable_block) AS n_probable_block,
    count(CASE WHEN conclusion = 'none' THEN 1 END) AS n_none,
    count(CASE WHEN sensory_sparing = 'not_spared' THEN 1 END) AS n_not_spared,
    count(CASE WHEN sensory_sparing = 'not_recorded' THEN 1 END) AS n_not_recorded
  FROM study
  GROUP BY patient_key, criteria_set
)
SELECT
  f.patient_key, coalesce(e.n_nerves_tested, 0) AS n_nerves_tested,
  CAST(f.n_segments_tested AS BIGINT) AS n_segments_tested, CAST(f.n_segments_assessed AS BIGINT) AS n_segments_assessed,
  CAST(f.n_definite_block AS BIGINT) AS n_definite_block, CAST(f.n_probable_block AS BIGINT) AS n_probable_block,
  CASE
    WHEN f.n_definite_block > 0 THEN 'definite'
    WHEN f.n_probable_block > 0 THEN 'probable'
    WHEN f.n_none > 0 THEN 'none'
    WHEN f.n_segments_assessed > 0 THEN 'incomplete'
    ELSE 'not_assessable'
  END AS block_conclusion,
  CASE
    WHEN f.n_definite_block + f.n_probable_block = 0 THEN NULL
    WHEN f.n_not_spared > 0 THEN 'not_spared'
    WHEN f.n_not_recorded > 0 THEN 'not_recorded'
    ELSE 'spared'
  END AS sensory_sparing
FROM found f
LEFT JOIN extent e ON e.patient_key = f.patient_key
