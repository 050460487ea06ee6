/* Study summaries as landed, each with the population its label puts its patient in.
   Grain: one row a landed study row (arrival, row number, slot).
   Why: the label of a patient is read from rule_population once, for cohort, rates and flow alike. A label of MMN whose
   certainty is not stated counts as possible; a label not known to rest on anti-GM1 stays in the cohort. */
WITH landed AS (
  SELECT
    s.*, k.patient_key AS joined_patient_key,
    -- days compare only within one frame: the calendar, or the shift of one identifier in one format
    CASE WHEN s.dates_are_shifted THEN concat_ws('/', 'shifted', s.format_id, s.patient_key) ELSE 'calendar' END
      AS date_frame
  FROM input_ncs_study s
  LEFT JOIN stg_patient_link k ON k.sent_patient_key = s.patient_key
)
SELECT
  row_id, arrival_id, row_number, slot, format_id, sending_lab, joined_patient_key AS patient_key, patient_key AS sent_patient_key,
  patient_id_is_well_formed, coalesce(dates_are_shifted, false) AS dates_are_shifted, date_frame,
  intake_disposition, intake_reason, study_id, study_on, reported_at, diagnosis, certainty, criteria_set,
  label_rests_on_anti_gm1, sex, birth_year, onset_age, umn_signs, bulbar_signs, sensory_signs,
  ever_ivig, first_ivig_on, last_ivig_on, purely_motor, previous_ivig_on, ivig_effect_ended_on,
  CASE
    WHEN diagnosis <> 'MMN' THEN diagnosis
    WHEN diagnosis = 'MMN' AND (certainty IS NULL OR certainty = 'possible') THEN 'MMN possible'
    WHEN diagnosis = 'MMN' AND label_rests_on_anti_gm1 = 'yes' THEN 'MMN resting on anti-GM1'
    WHEN diagnosis = 'MMN' THEN 'MMN'
  END AS population
FROM landed
