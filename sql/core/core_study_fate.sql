/* What becomes of each study row that intake did not reject or exclude.
   Grain: one row a candidate study row.
   Why: a patient's label is that of the latest used study row. Versions of one study share sending laboratory, patient and
   study, and stand by study date, then report time; labels that disagree on one date wait for a person. */
WITH candidate AS (
  SELECT
    *,
    concat_ws('|', diagnosis, certainty, criteria_set, label_rests_on_anti_gm1) AS stated_label,
    concat_ws('|', diagnosis, '.', certainty, '.', criteria_set, '.', label_rests_on_anti_gm1, '.', sex, '.',
      CAST(birth_year AS VARCHAR), '.', CAST(onset_age AS VARCHAR), '.', umn_signs, '.', bulbar_signs, '.', sensory_signs,
      '.', CAST(first_ivig_on AS VARCHAR), '.', CAST(last_ivig_on AS VARCHAR)) AS stated
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
)
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
