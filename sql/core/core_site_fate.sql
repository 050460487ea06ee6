/* What becomes of each stimulation site row that intake did not reject or exclude.
   Grain: one row a candidate site row.
   Why: the same site sent again is a duplicate; the same site with other values waits for a person, whose
   decision is here. */
WITH candidate AS (
  SELECT
    *,
    concat_ws('|', coalesce(CAST(latency_ms AS VARCHAR), '-'), coalesce(CAST(amplitude_mv AS VARCHAR), '-'),
      coalesce(CAST(area_mv_ms AS VARCHAR), '-'), coalesce(CAST(duration_ms AS VARCHAR), '-'),
      coalesce(CAST(distance_mm AS VARCHAR), '-'), coalesce(CAST(velocity_m_per_s AS VARCHAR), '-'),
      coalesce(CAST(amplitude_lower_limit_mv AS VARCHAR), '-'), coalesce(CAST(snap_amplitude_uv AS VARCHAR), '-'),
      amplitude_measure)
      AS stated
  FROM stg_ncs_site
  WHERE intake_disposition IS NULL OR intake_disposition = 'held'
),
compared AS (
  SELECT
    row_id, intake_disposition, intake_reason,
    min(row_id) OVER (
      PARTITION BY sending_lab, patient_key, exam_id, exam_on, study_kind, nerve, side, muscle, site, stated
    ) AS first_copy_id,
    min(stated) OVER site_of_exam <> max(stated) OVER site_of_exam AS is_conflicting
  FROM candidate
  WINDOW site_of_exam AS (
    PARTITION BY sending_lab, patient_key, exam_id, exam_on, study_kind, nerve, side, muscle, site
  )
),
fate AS (
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
),
-- a decision answers the hold it was made about, and no other, and only of the very row it was made about
answered AS (
  SELECT
    f.*, s.sending_lab, s.patient_key, s.exam_id, s.exam_on, s.study_kind, s.nerve, s.side, s.muscle, s.site,
    CASE WHEN f.disposition = 'held' THEN d.decision END AS decision
  FROM fate f
  JOIN stg_ncs_site s ON s.row_id = f.row_id
  LEFT JOIN core_decision d ON d.row_id = f.row_id AND d.reason_code = f.reason_code AND d.still_fits
),
-- decisions may not give one site of an examination two measurements
rival AS (
  SELECT DISTINCT a.row_id
  FROM answered a
  JOIN answered o
    ON o.sending_lab = a.sending_lab
    AND o.patient_key IS NOT DISTINCT FROM a.patient_key
    AND o.exam_id IS NOT DISTINCT FROM a.exam_id
    AND o.exam_on IS NOT DISTINCT FROM a.exam_on
    AND o.study_kind = a.study_kind
    AND o.nerve IS NOT DISTINCT FROM a.nerve
    AND o.side IS NOT DISTINCT FROM a.side
    AND o.muscle IS NOT DISTINCT FROM a.muscle
    AND o.site IS NOT DISTINCT FROM a.site
  WHERE o.row_id <> a.row_id AND a.decision = 'use' AND (o.decision = 'use' OR o.disposition = 'used')
)
SELECT
  a.row_id,
  CASE
    WHEN a.decision = 'reject' THEN 'rejected'
    WHEN a.decision = 'use' AND v.row_id IS NULL THEN 'used'
    ELSE a.disposition
  END AS disposition,
  CASE
    WHEN a.decision = 'reject' THEN 'rejected_on_review'
    WHEN a.decision = 'use' AND v.row_id IS NULL THEN 'released'
    ELSE a.reason_code
  END AS reason_code,
  a.related_row_id
FROM answered a
LEFT JOIN rival v ON v.row_id = a.row_id
