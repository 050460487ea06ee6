/* Study summaries as landed, each with the population its label puts its patient in.
   Grain: one row a landed study row (arrival, row number, slot).
   Why: the label of a patient is read from rule_population once, for cohort, rates and flow alike. A label of MMN whose
   certainty is not stated counts as possible; a label not known to rest on anti-GM1 stays in the cohort. */
WITH landed AS (
  SELECT * FROM input_ncs_study
)
SELECT
  row_id, arrival_id, row_number, slot, format_id, sending_lab, patient_key, patient_id_is_well_formed,
  intake_disposition, intake_reason, study_id, study_on, reported_at, diagnosis, certainty, criteria_set,
  label_rests_on_anti_gm1, sex, birth_year, onset_age, umn_signs, bulbar_signs, sensory_signs,
  ever_ivig, first_ivig_on, last_ivig_on,
  CASE
    WHEN diagnosis <> 'MMN' THEN diagnosis
    WHEN diagnosis = 'MMN' AND (certainty IS NULL OR certainty = 'possible') THEN 'MMN possible'
    WHEN diagnosis = 'MMN' AND label_rests_on_anti_gm1 = 'yes' THEN 'MMN resting on anti-GM1'
    WHEN diagnosis = 'MMN' THEN 'MMN'
  END AS population
FROM landed
