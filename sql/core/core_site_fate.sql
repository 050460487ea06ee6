/* What becomes of each stimulation site row that intake did not reject or exclude.
   Grain: one row a candidate site row.
   Why: the same site sent again is a duplicate; the same site with other values waits for a person. */
WITH candidate AS (
  SELECT
    *,
    concat_ws('|', coalesce(CAST(latency_ms AS VARCHAR), '-'), coalesce(CAST(amplitude_mv AS VARCHAR), '-'),
      coalesce(CAST(area_mv_ms AS VARCHAR), '-'), coalesce(CAST(duration_ms AS VARCHAR), '-'),
      coalesce(CAST(distance_mm AS VARCHAR), '-')) AS stated
  FROM stg_ncs_site
  WHERE intake_disposition IS NULL OR intake_disposition = 'held'
),
compared AS (
  SELECT
    row_id, intake_disposition, intake_reason,
    min(row_id) OVER (PARTITION BY sending_lab, patient_key, exam_id, exam_on, nerve, side, muscle, site, stated)
      AS first_copy_id,
    min(stated) OVER site_of_exam <> max(stated) OVER site_of_exam AS is_conflicting
  FROM candidate
  WINDOW site_of_exam AS (PARTITION BY sending_lab, patient_key, exam_id, exam_on, nerve, side, muscle, site)
)
SELECT
  row_id,
  CASE
    WHEN row_id <> first_copy_id THEN 'duplicate'
    WHEN is_conflicting OR intake_disposition = 'held' THEN 'held'
    ELSE 'used'
  END AS disposition,
  CASE
    WHEN row_id <> first_copy_id THEN 'exact_copy'
    WHEN is_conflicting THEN 'conflicting_values'
    WHEN intake_disposition = 'held' THEN intake_reason
  END AS reason_code,
  CASE WHEN row_id <> first_copy_id THEN first_copy_id END AS related_row_id
FROM compared
