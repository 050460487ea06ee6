/* How long a patient goes between two infusions of immunoglobulin (IVIG), and how long one lasts.
   Grain: one row a patient with a used study row.
   Why: both are differences of two dates of one study row, the latest that has them; dates of different rows may belong to
   different infusions. Dates out of order are a finding of the checks and give no number. */
WITH study AS (
  SELECT s.*
  FROM stg_ncs_study s
  JOIN core_study_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used' AND s.patient_key IS NOT NULL
),
between_infusions AS (
  SELECT patient_key, date_diff('day', previous_ivig_on, last_ivig_on) AS days
  FROM study
  WHERE previous_ivig_on IS NOT NULL AND last_ivig_on IS NOT NULL
  QUALIFY dense_rank() OVER (
    PARTITION BY patient_key ORDER BY study_on DESC NULLS LAST, reported_at DESC NULLS LAST
  ) = 1
),
lasting AS (
  SELECT patient_key, date_diff('day', last_ivig_on, ivig_effect_ended_on) AS days
  FROM study
  WHERE ivig_effect_ended_on IS NOT NULL AND last_ivig_on IS NOT NULL
  QUALIFY dense_rank() OVER (
    PARTITION BY patient_key ORDER BY study_on DESC NULLS LAST, reported_at DESC NULLS LAST
  ) = 1
),
-- rows of one day and time of report that disagree give no number, whatever their order
interval_of AS (
  SELECT patient_key, CASE WHEN min(days) = max(days) THEN min(days) END AS days FROM between_infusions GROUP BY patient_key
),
effect_of AS (
  SELECT patient_key, CASE WHEN min(days) = max(days) THEN min(days) END AS days FROM lasting GROUP BY patient_key
),
patient AS (
  SELECT DISTINCT patient_key FROM study
)
SELECT
  p.patient_key,
  CASE WHEN b.days > 0 THEN b.days END AS ivig_interval_days,
  CASE WHEN e.days >= 0 THEN e.days END AS ivig_effect_days
FROM patient p
LEFT JOIN interval_of b ON b.patient_key = p.patient_key
LEFT JOIN effect_of e ON e.patient_key = p.patient_key
