/* Pairs of a distal and a proximal stimulation of the same nerve, side, muscle and exam.
   Grain: one row a pair that is listed as a segment, or that was stimulated next to each other.
   Why: block is judged between two sites of one motor recording; rows of sensory studies never enter a pair. A
   neighbouring pair that no list knows is shown as such. Distance and stated velocity belong to the way from the site
   before, so only neighbours have them; a site that was sent and could not be used still lies in between, and one whose
   place nobody knows may lie anywhere.
   Rules used: rule_stimulation_site, rule_nerve_segment. */
WITH sent AS (
  SELECT
    s.*, p.position, p.limb, p.region, p.is_often_submaximal,
    dense_rank() OVER (
      PARTITION BY s.sending_lab, s.patient_key, s.exam_id, s.exam_on, s.nerve, s.side, s.muscle ORDER BY p.position
    ) AS place,
    count(CASE WHEN p.position IS NULL THEN 1 END) OVER (
      PARTITION BY s.sending_lab, s.patient_key, s.exam_id, s.exam_on, s.nerve, s.side, s.muscle
    ) AS n_without_place
  FROM stg_ncs_site s
  LEFT JOIN rule_stimulation_site p ON p.site = s.site
  WHERE s.study_kind = 'motor'
),
site AS (
  SELECT s.*
  FROM sent s
  JOIN core_site_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used' AND s.position IS NOT NULL
),
pair AS (
  SELECT
    d.sending_lab, d.patient_key, d.exam_id, d.exam_on, d.nerve, d.side, d.muscle,
    d.row_id AS distal_row_id, p.row_id AS proximal_row_id, d.site AS distal_site, p.site AS proximal_site,
    d.region AS distal_region, p.region AS proximal_region, p.is_often_submaximal, p.limb,
    d.amplitude_mv AS distal_amplitude_mv, p.amplitude_mv AS proximal_amplitude_mv,
    d.amplitude_measure = 'negative_peak' AND p.amplitude_measure = 'negative_peak' AS is_negative_peak,
    d.amplitude_measure = p.amplitude_measure AS is_one_measure,
    d.area_mv_ms AS distal_area_mv_ms, p.area_mv_ms AS proximal_area_mv_ms,
    d.duration_ms AS distal_duration_ms,
    -- a response recorded as absent, in amplitude and in area, has no width that could have grown
    CASE WHEN p.amplitude_mv = 0 AND p.area_mv_ms = 0 THEN coalesce(p.duration_ms, 0) ELSE p.duration_ms END
      AS proximal_duration_ms,
    d.latency_ms AS distal_latency_ms, p.latency_ms AS proximal_latency_ms,
    d.amplitude_lower_limit_mv AS exam_lower_limit_mv,
    p.place = d.place + 1 AND d.n_without_place = 0 AS is_neighbour,
    CASE WHEN p.place = d.place + 1 AND d.n_without_place = 0 THEN p.distance_mm END AS distance_mm,
    CASE WHEN p.place = d.place + 1 AND d.n_without_place = 0 THEN p.velocity_m_per_s END AS stated_velocity_m_per_s
  FROM site d
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
