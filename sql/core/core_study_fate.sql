/* What becomes of each study row that intake did not reject or exclude.
   Grain: one row a candidate study row.
   Why: a patient's label is that of the latest used study row. Versions of one study share sending laboratory, patient and
   study, and stand by study date, then report time; labels that disagree on one date wait for a person, whose decision is here. */
WITH candidate AS (
  SELECT
    *,
    concat_ws('|', diagnosis, certainty, criteria_set, label_rests_on_anti_gm1) AS stated_label,
    concat_ws('|', diagnosis, '.', certainty, '.', criteria_set, '.', label_rests_on_anti_gm1, '.', sex, '.',
      CAST(birth_year AS VARCHAR), '.', CAST(onset_age AS VARCHAR), '.', umn_signs, '.', bulbar_signs, '.', sensory_signs,
      '.', CAST(first_ivig_on AS VARCHAR), '.', CAST(last_ivig_on AS VARCHAR), '.', ever_ivig,
      '.', purely_motor, '.', CAST(previous_ivig_on AS VARCHAR), '.', CAST(ivig_effect_ended_on AS VARCHAR)) AS stated
  FROM stg_ncs_study
  WHERE intake_disposition IS NULL OR intake_disposition = 'held'
),
copied AS (
  SELECT
    *,
    min(row_id) OVER (PARTITION BY sending_lab, patient_key, study_id, study_on, reported_at, stated) AS first_copy_id
  FROM candidate
),
standing AS (
  SELECT
    *,
    dense_rank() OVER (
      PARTITION BY sending_lab, patient_key, study_id ORDER BY study_on NULLS FIRST, reported_at NULLS FIRST
    ) AS standing
  FROM copied
  WHERE row_id = first_copy_id
),
latest AS (
  SELECT
    *,
    max(standing) OVER (PARTITION BY sending_lab, patient_key, study_id) AS last_standing,
    max(row_id) OVER (PARTITION BY sending_lab, patient_key, study_id, standing)
      <> min(row_id) OVER (PARTITION BY sending_lab, patient_key, study_id, standing) AS is_contested,
    first_value(row_id) OVER (
      PARTITION BY sending_lab, patient_key, study_id ORDER BY standing DESC, row_id
    ) AS successor_row_id
  FROM standing
),
-- studies without an identifier and on different days are different studies, not versions of one
version AS (
  SELECT *, study_id IS NOT NULL AND standing < last_standing AS is_superseded FROM latest
),
labelled AS (
  SELECT
    *,
    min(CASE WHEN NOT is_superseded THEN stated_label END) OVER (PARTITION BY patient_key, study_on)
      <> max(CASE WHEN NOT is_superseded THEN stated_label END) OVER (PARTITION BY patient_key, study_on)
      AS is_label_contested
  FROM version
),
fate AS (
  SELECT
    row_id,
    CASE
      WHEN is_superseded THEN 'superseded'
      WHEN is_label_contested OR (is_contested AND study_id IS NOT NULL) THEN 'held'
      WHEN intake_disposition = 'held' THEN 'held'
      ELSE 'used'
    END AS disposition,
    CASE
      WHEN is_superseded THEN 'later_version'
      WHEN is_label_contested THEN 'labels_disagree'
      WHEN is_contested AND study_id IS NOT NULL THEN 'conflicting_values'
      WHEN intake_disposition = 'held' THEN intake_reason
    END AS reason_code,
    CASE WHEN is_superseded THEN successor_row_id END AS related_row_id
  FROM labelled
  UNION ALL
  SELECT row_id, 'duplicate' AS disposition, 'exact_copy' AS reason_code, first_copy_id AS related_row_id
  FROM copied
  WHERE row_id <> first_copy_id
),
-- a decision answers the hold it was made about, and no other, and only of the very row it was made about
answered AS (
  SELECT
    f.*, s.sending_lab, s.patient_key, s.study_id, s.study_on, s.reported_at, c.stated_label,
    CASE WHEN f.disposition = 'held' THEN d.decision END AS decision
  FROM fate f
  JOIN stg_ncs_study s ON s.row_id = f.row_id
  JOIN candidate c ON c.row_id = f.row_id
  LEFT JOIN core_decision d ON d.row_id = f.row_id AND d.reason_code = f.reason_code AND d.still_fits
),
-- decisions may not give a patient two labels on one day, nor a study two versions
rival AS (
  SELECT DISTINCT a.row_id
  FROM answered a
  JOIN answered o ON o.patient_key = a.patient_key AND o.row_id <> a.row_id
  WHERE a.decision = 'use' AND (o.decision = 'use' OR o.disposition = 'used')
    AND o.study_on IS NOT DISTINCT FROM a.study_on
    AND (o.stated_label <> a.stated_label
      OR (o.sending_lab = a.sending_lab AND o.study_id = a.study_id AND o.reported_at IS NOT DISTINCT FROM a.reported_at))
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
