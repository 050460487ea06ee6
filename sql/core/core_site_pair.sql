/* Pairs of a distal and a proximal stimulation of the same nerve, side, muscle and exam.
   Grain: one row a pair that is listed as a segment, or that was stimulated next to each other.
   Why: block is judged between two sites of one motor recording; rows of sensory studies never enter a pair. A
   neighbouring pair that no list knows is shown as such. Distance and stated velocity belong to the way from the site
   before, so only neighbours have them.
   Rules used: rule_stimulation_site, rule_nerve_segment. */
WITH site AS (
  SELECT s.*, p.position, p.limb, p.region, p.is_often_submaximal
  FROM stg_ncs_site s
  JOIN core_site_fate f ON f.row_id = s.row_id
  JOIN rule_stimulation_site p ON p.site = s.site
  WHERE f.disposition = 'used' AND s.study_kind = 'motor'
),
neighbour AS (
  SELECT
    *,
    lead(row_id) OVER (
      PARTITION BY sending_lab, patient_key, exam_id, exam_on, nerve, side, muscle, limb ORDER BY position, row_id
    ) AS next_row_id
  FROM site
),
pair AS (
  SELECT
    d.sending_lab, d.patient_key, d.exam_id, d.exam_on, d.nerve, d.side, d.muscle,
    d.row_id AS distal_row_id, p.row_id AS proximal_row_id, d.site AS distal_site, p.site AS proximal_site,
    d.region AS distal_region, p.region AS proximal_region, p.is_often_submaximal, p.limb,
    d.amplitude_mv AS distal_amplitude_mv, p.amplitude_mv AS proximal_amplitude_mv,
    d.amplitude_measure = 'negative_peak' AND p.amplitude_measure = 'negative_peak' AS is_negative_peak,
    d.area_mv_ms AS distal_area_mv_ms, p.area_mv_ms AS proximal_area_mv_ms,
    d.duration_ms AS distal_duration_ms, p.duration_ms AS proximal_duration_ms,
    d.latency_ms AS distal_latency_ms, p.latency_ms AS proximal_latency_ms,
    d.amplitude_lower_limit_mv AS exam_lower_limit_mv,
    d.next_row_id = p.row_id AS is_neighbour,
    CASE WHEN d.next_row_id = p.row_id THEN p.distance_mm END AS distance_mm,
    CASE WHEN d.next_row_id = p.row_id THEN p.velocity_m_per_s END AS stated_velocity_m_per_s
  FROM neighbour d
  JOIN site p
    ON p.sending_lab = d.sending_lab AND p.patient_key = d.patient_key
    AND p.exam_id IS NOT DISTINCT FROM d.exam_id AND p.exam_on IS NOT DISTINCT FROM d.exam_on
    AND p.nerve = d.nerve AND p.side = d.side AND p.muscle IS NOT DISTINCT FROM d.muscle
    AND p.limb = d.limb AND p.position > d.position
)
SELECT pair.*, g.segment_length, g.segment_part, g.crosses_entrapment, g.nerve IS NOT NULL AS is_listed
FROM pair
LEFT JOIN rule_nerve_segment g
  ON g.nerve = pair.nerve AND g.distal_site = pair.distal_site AND g.proximal_site = pair.proximal_site
WHERE g.nerve IS NOT NULL OR pair.is_neighbour
