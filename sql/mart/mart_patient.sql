/* One patient: label, chosen result, place in the flow, nerve conduction.
   Grain: one row a patient seen in any export (controls and test samples are nobody).
   Why: the headline is one query on this table: is_in_primary says who counts, interpretation what they count as. */
WITH label AS (
  SELECT * FROM core_label
),
serology AS (
  SELECT * FROM core_serology
),
timing AS (
  SELECT * FROM core_ivig_timing
),
block AS (
  SELECT * FROM core_nerve_patient
),
statement AS (
  SELECT
    patient_key,
    count(CASE WHEN outcome = 'met' THEN 1 END) AS n_statements_met,
    count(CASE WHEN outcome = 'not_met' THEN 1 END) AS n_statements_not_met,
    count(CASE WHEN outcome = 'not_recorded' THEN 1 END) AS n_statements_not_recorded
  FROM core_diagnostic_statement
  GROUP BY patient_key
),
slowing AS (
  SELECT patient_key, count(is_slowed) AS n_segments_velocity_judged, count(CASE WHEN is_slowed THEN 1 END) AS n_segments_slowed
  FROM core_slowing
  GROUP BY patient_key
),
patient AS (
  SELECT patient_key FROM core_patient
),
placed AS (
  SELECT
    p.patient_key, l.label_state, coalesce(l.has_held_study_row, false) AS has_held_study_row,
    l.population, l.diagnosis, l.certainty, l.criteria_set, l.label_rests_on_anti_gm1, l.sex, l.birth_year, l.onset_age,
    l.umn_signs, l.bulbar_signs, l.sensory_signs, l.purely_motor, l.ever_ivig, l.first_ivig_on, l.last_ivig_on,
    CASE
      WHEN l.patient_key IS NULL THEN 'no_study_row'
      WHEN l.label_state <> 'labelled' THEN l.label_state
      WHEN l.population = 'MMN possible' THEN 'mmn_possible'
      WHEN l.population = 'MMN resting on anti-GM1' THEN 'label_rests_on_anti_gm1'
      WHEN l.population <> 'MMN' THEN 'other_diagnosis'
      WHEN s.patient_key IS NULL THEN 'not_tested'
      ELSE s.serology_state
    END AS flow_class,
    CASE WHEN l.label_state = 'labelled' AND s.patient_key IS NULL THEN 'not_tested'
      WHEN l.label_state = 'labelled' THEN s.serology_state END AS serology_state,
    s.date_frame, coalesce(s.dates_are_shifted, false) AS dates_are_shifted, l.ivig_date_frame,
    coalesce(s.has_mixed_date_shift, false) OR coalesce(l.has_mixed_date_shift, false) AS has_mixed_date_shift,
    s.chosen_row_id, s.interpretation, s.collected_on, s.accession, s.performing_lab, s.assay, s.assay_of_test, s.rule_id,
    s.n_results, s.n_igm_gm1_serum_final, s.n_igm_gm1_serum_evaluable
  FROM patient p
  LEFT JOIN label l ON l.patient_key = p.patient_key
  LEFT JOIN serology s ON s.patient_key = p.patient_key
)
SELECT
  p.patient_key,
  CASE WHEN p.label_state = 'labelled' THEN p.population END AS population,
  p.diagnosis, p.certainty, p.criteria_set, p.label_rests_on_anti_gm1, p.sex, p.birth_year, p.onset_age,
  p.umn_signs, p.bulbar_signs, p.sensory_signs, p.ever_ivig, p.first_ivig_on, p.last_ivig_on,
  p.has_held_study_row, p.flow_class, p.flow_class = 'tested' AS is_in_primary, p.serology_state,
  p.chosen_row_id, p.interpretation, p.dates_are_shifted, p.has_mixed_date_shift, p.collected_on, p.accession,
  p.performing_lab, p.assay, p.assay_of_test, p.rule_id,
  -- unknown stays unknown: without a recorded first IVIG nobody was sampled before it, nor where another record has an
  -- earlier infusion than the one called the first
  CASE
    WHEN p.interpretation IS NULL OR p.date_frame <> p.ivig_date_frame THEN NULL
    WHEN p.collected_on >= p.first_ivig_on THEN false
    WHEN p.collected_on < p.first_ivig_on AND t.ivig_timing = 'before_first' THEN true
  END AS is_before_first_ivig,
  t.ivig_timing, t.days_since_ivig,
  coalesce(p.n_results, 0) AS n_results,
  coalesce(p.n_igm_gm1_serum_final, 0) AS n_igm_gm1_serum_final,
  coalesce(p.n_igm_gm1_serum_evaluable, 0) AS n_igm_gm1_serum_evaluable,
  coalesce(b.n_segments_assessed, 0) AS n_segments_assessed,
  coalesce(b.n_definite_block, 0) AS n_definite_block,
  coalesce(b.n_probable_block, 0) AS n_probable_block,
  coalesce(b.n_nerves_tested, 0) AS n_nerves_tested, coalesce(b.n_segments_tested, 0) AS n_segments_tested,
  b.block_conclusion, b.sensory_sparing,
  -- what the data support stands beside the stated diagnosis and moves nobody in or out of a population
  coalesce(d.n_statements_met, 0) AS n_statements_met, coalesce(d.n_statements_not_met, 0) AS n_statements_not_met,
  coalesce(d.n_statements_not_recorded, 0) AS n_statements_not_recorded,
  CASE
    WHEN d.n_statements_not_met > 0 THEN 'contradicted'
    WHEN d.n_statements_not_recorded = 0 THEN 'supported'
    ELSE 'incomplete'
  END AS data_support,
  coalesce(w.n_segments_velocity_judged, 0) AS n_segments_velocity_judged,
  coalesce(w.n_segments_slowed, 0) AS n_segments_slowed,
  coalesce(e.electrodiagnostic_support, 'not_studied') AS electrodiagnostic_support,
  coalesce(e.n_block_nerves_sensory_spared, 0) AS n_block_nerves_sensory_spared,
  coalesce(e.sensory_conduction, 'not_recorded') AS sensory_conduction,
  p.purely_motor, c.ivig_interval_days, c.ivig_effect_days
FROM placed p
LEFT JOIN statement d ON d.patient_key = p.patient_key
LEFT JOIN block b ON b.patient_key = p.patient_key
LEFT JOIN timing t ON t.row_id = p.chosen_row_id
LEFT JOIN slowing w ON w.patient_key = p.patient_key
LEFT JOIN core_electrodiagnosis e ON e.patient_key = p.patient_key
LEFT JOIN core_ivig_course c ON c.patient_key = p.patient_key
