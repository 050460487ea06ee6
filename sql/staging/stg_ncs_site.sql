/* Sites of motor and sensory nerve conduction studies as landed.
   Grain: one row a landed site row (arrival, row number, slot).
   Why: drops the text twins of the measurements; their order of magnitude was checked at intake. A row that does not say
   which kind of study it is comes from a format of motor studies, and an amplitude is that of the negative peak, as the
   record asks for it, unless the row says otherwise. */
WITH landed AS (
  SELECT s.*, k.patient_key AS joined_patient_key
  FROM input_ncs_site s
  LEFT JOIN stg_patient_link k ON k.sent_patient_key = s.patient_key
)
SELECT
  row_id, arrival_id, row_number, slot, format_id, sending_lab, joined_patient_key AS patient_key, patient_key AS sent_patient_key,
  patient_id_is_well_formed,
  intake_disposition, intake_reason, exam_id, exam_on, coalesce(study_kind, 'motor') AS study_kind, nerve, side, muscle,
  site, latency_ms, amplitude_mv, area_mv_ms, duration_ms, distance_mm, velocity_m_per_s, amplitude_lower_limit_mv,
  snap_amplitude_uv, coalesce(amplitude_measure, 'negative_peak') AS amplitude_measure
FROM landed
