/* The label of each patient who has a study row.
   Grain: one row a patient.
   Why: the latest used study row decides; rows whose labels disagree on one day are held and decide nothing, and the
   patient is marked. The first IVIG is the earliest one any used row records; unknown where the rows' days cannot be compared. */
WITH study AS (
  SELECT s.*, f.disposition
  FROM stg_ncs_study s
  LEFT JOIN core_study_fate f ON f.row_id = s.row_id
  WHERE s.patient_key IS NOT NULL
),
latest_used AS (
  SELECT *
  FROM study
  WHERE disposition = 'used'
  QUALIFY row_number() OVER (
    PARTITION BY patient_key ORDER BY study_on DESC NULLS LAST, reported_at DESC NULLS LAST, row_id DESC
  ) = 1
),
of_patient AS (
  SELECT
    patient_key,
    count(CASE WHEN disposition = 'used' THEN 1 END) AS n_used,
    count(CASE WHEN disposition = 'held' THEN 1 END) AS n_held,
    min(CASE WHEN disposition = 'used' THEN first_ivig_on END) AS first_ivig_on,
    max(CASE WHEN disposition = 'used' THEN last_ivig_on END) AS last_ivig_on,
    -- days of different frames have no earliest and no latest
    min(CASE WHEN disposition = 'used' AND (first_ivig_on IS NOT NULL OR last_ivig_on IS NOT NULL) THEN date_frame END)
      AS ivig_date_frame,
    max(CASE WHEN disposition = 'used' AND (first_ivig_on IS NOT NULL OR last_ivig_on IS NOT NULL) THEN date_frame END)
      AS other_ivig_date_frame,
    count(DISTINCT CASE WHEN disposition = 'used' THEN date_frame END) > 1 AS has_mixed_date_shift
  FROM study
  WHERE disposition IS DISTINCT FROM 'duplicate' AND patient_id_is_well_formed IS DISTINCT FROM false
  GROUP BY patient_key
)
SELECT
  p.patient_key,
  CASE
    WHEN p.n_used = 0 AND p.n_held > 0 THEN 'study_row_held'
    WHEN p.n_used = 0 THEN 'study_row_rejected'
    ELSE 'labelled'
  END AS label_state,
  p.n_held > 0 AS has_held_study_row,
  l.row_id AS label_row_id, l.population, l.diagnosis, l.certainty, l.criteria_set, l.label_rests_on_anti_gm1,
  l.sex, l.birth_year, l.onset_age, l.umn_signs, l.bulbar_signs, l.sensory_signs,
  l.ever_ivig,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.first_ivig_on END AS first_ivig_on,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.last_ivig_on END AS last_ivig_on,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.ivig_date_frame END AS ivig_date_frame,
  p.has_mixed_date_shift, l.purely_motor
FROM of_patient p
LEFT JOIN latest_used l ON l.patient_key = p.patient_key
