/* Which kinds of used record each patient has, so that what did not meet is counted from every side.
   Grain: one row a combination of study row, antibody result and nerve conduction site.
   Why: a label without a result, a result without a label and sites without a study are three different losses, and a join
   that silently missed would show as a shift between them. The rows add up to the patients of mart_patient. */
WITH study AS (
  SELECT DISTINCT s.patient_key
  FROM stg_ncs_study s
  JOIN core_study_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used'
),
result AS (
  SELECT DISTINCT t.patient_key
  FROM stg_titre t
  JOIN core_result_fate f ON f.row_id = t.row_id
  WHERE f.disposition = 'used'
),
site AS (
  SELECT DISTINCT s.patient_key
  FROM stg_ncs_site s
  JOIN core_site_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used'
),
patient AS (
  SELECT
    p.patient_key, p.is_in_primary,
    s.patient_key IS NOT NULL AS has_study,
    r.patient_key IS NOT NULL AS has_result,
    n.patient_key IS NOT NULL AS has_site
  FROM mart_patient p
  LEFT JOIN study s ON s.patient_key = p.patient_key
  LEFT JOIN result r ON r.patient_key = p.patient_key
  LEFT JOIN site n ON n.patient_key = p.patient_key
),
yes_no AS (
  SELECT true AS said
  UNION ALL
  SELECT false AS said
),
combination AS (
  SELECT s.said AS has_study, r.said AS has_result, n.said AS has_site
  FROM yes_no s
  CROSS JOIN yes_no r
  CROSS JOIN yes_no n
)
SELECT
  c.has_study, c.has_result, c.has_site,
  CASE
    WHEN c.has_study AND c.has_result AND c.has_site THEN 'study, results and nerve sites'
    WHEN c.has_study AND c.has_result THEN 'study and results, no nerve sites'
    WHEN c.has_study AND c.has_site THEN 'study and nerve sites, no results'
    WHEN c.has_study THEN 'study only'
    WHEN c.has_result AND c.has_site THEN 'results and nerve sites, no study'
    WHEN c.has_result THEN 'results only'
    WHEN c.has_site THEN 'nerve sites only'
    ELSE 'nothing in use'
  END AS label,
  count(p.patient_key) AS n_patients,
  count(CASE WHEN p.is_in_primary THEN 1 END) AS n_in_primary
FROM combination c
LEFT JOIN patient p ON p.has_study = c.has_study AND p.has_result = c.has_result AND p.has_site = c.has_site
GROUP BY c.has_study, c.has_result, c.has_site
ORDER BY c.has_study DESC, c.has_result DESC, c.has_site DESC
