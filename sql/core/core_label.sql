/* The label of each patient who has a study row.
   Grain: one row a patient.
   Why: the latest used study row decides; rows whose labels disagree on one day are held and decide nothing, and the
   patient is marked. What several rows of the latest day say differently is unknown. The first IVIG is the earliest one
   any used row records; unknown where the rows' days cannot be compared. */
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
-- several used rows may be the latest, of one day and time of report: what they say together holds, what they disagree
-- about is unknown, and their order in a file decides nothing
together AS (
  SELECT
    s.patient_key, count(*) AS n_latest_rows,
    CASE WHEN min(s.sex) = max(s.sex) THEN min(s.sex) END AS sex,
    CASE WHEN min(s.birth_year) = max(s.birth_year) THEN min(s.birth_year) END AS birth_year,
    CASE WHEN min(s.onset_age) = max(s.onset_age) THEN min(s.onset_age) END AS onset_age,
    CASE
      WHEN count(DISTINCT nullif(s.umn_signs, 'unknown')) > 1 THEN 'unknown'
      ELSE coalesce(min(nullif(s.umn_signs, 'unknown')), min(s.umn_signs))
    END AS umn_signs,
    CASE
      WHEN count(DISTINCT nullif(s.bulbar_signs, 'unknown')) > 1 THEN 'unknown'
      ELSE coalesce(min(nullif(s.bulbar_signs, 'unknown')), min(s.bulbar_signs))
    END AS bulbar_signs,
    CASE
      WHEN count(DISTINCT nullif(s.sensory_signs, 'unknown')) > 1 THEN 'unknown'
      ELSE coalesce(min(nullif(s.sensory_signs, 'unknown')), min(s.sensory_signs))
    END AS sensory_signs,
    CASE
      WHEN count(DISTINCT nullif(s.purely_motor, 'unknown')) > 1 THEN 'unknown'
      ELSE coalesce(min(nullif(s.purely_motor, 'unknown')), min(s.purely_motor))
    END AS purely_motor,
    CASE
      WHEN count(DISTINCT nullif(s.ever_ivig, 'unknown')) > 1 THEN 'unknown'
      ELSE coalesce(min(nullif(s.ever_ivig, 'unknown')), min(s.ever_ivig))
    END AS ever_ivig,
    count(DISTINCT nullif(s.umn_signs, 'unknown')) > 1 AS umn_signs_disagree,
    count(DISTINCT nullif(s.bulbar_signs, 'unknown')) > 1 AS bulbar_signs_disagree,
    count(DISTINCT nullif(s.sensory_signs, 'unknown')) > 1 AS sensory_signs_disagree,
    count(DISTINCT nullif(s.purely_motor, 'unknown')) > 1 AS purely_motor_disagree
  FROM study s
  JOIN latest_used l ON l.patient_key = s.patient_key AND s.study_on IS NOT DISTINCT FROM l.study_on
    AND s.reported_at IS NOT DISTINCT FROM l.reported_at
  WHERE s.disposition = 'used'
  GROUP BY s.patient_key
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
  g.n_latest_rows, g.sex, g.birth_year, g.onset_age, g.umn_signs, g.bulbar_signs, g.sensory_signs,
  g.umn_signs_disagree, g.bulbar_signs_disagree, g.sensory_signs_disagree, g.purely_motor_disagree,
  g.ever_ivig,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.first_ivig_on END AS first_ivig_on,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.last_ivig_on END AS last_ivig_on,
  CASE WHEN p.ivig_date_frame = p.other_ivig_date_frame THEN p.ivig_date_frame END AS ivig_date_frame,
  p.has_mixed_date_shift, g.purely_motor
FROM of_patient p
LEFT JOIN latest_used l ON l.patient_key = p.patient_key
LEFT JOIN together g ON g.patient_key = p.patient_key
