/* Sites of motor and sensory nerve conduction studies as landed.
   Grain: one row a landed site row (arrival, row number, slot).
   Why: drops the text twins of the measurements; their order of magnitude was checked at intake. A row that does not say
   which kind of study it is comes from a format of motor studies. */
WITH landed AS (
  SELECT * FROM input_ncs_site
)
SELECT
  row_id, arrival_id, row_number, slot, format_id, sending_lab, patient_key, patient_id_is_well_formed,
  intake_disposition, intake_reason, exam_id, exam_on, coalesce(study_kind, 'motor') AS study_kind, nerve, side, muscle,
  site, latency_ms, amplitude_mv, area_mv_ms, duration_ms, distance_mm, velocity_m_per_s, amplitude_lower_limit_mv,
  snap_amplitude_uv
FROM landed
