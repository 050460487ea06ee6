/* Motor conduction block between two stimulation sites, by each active set of criteria.
   Grain: one row a pair of sites and criteria set.
   Why: reductions come from unrounded values. A quantity that a criterion asks for and that is missing is never replaced
   by another: unless another criterion of the set is met, the segment is not assessable. A negative reduction stays
   negative, and what makes a pair doubtful stands beside its grade.
   Rules used: rule_block_criterion, rule_block_requirement, rule_nerve_limit, rule_nerve_segment, rule_sensory_limit. */
WITH requirement AS (
  SELECT * FROM rule_block_requirement WHERE state = 'active'
),
named_nerve AS (
  SELECT DISTINCT criteria_set, nerve FROM rule_block_criterion WHERE state = 'active'
),
tried AS (
  SELECT
    distal_row_id, proximal_row_id, criteria_set,
    -- definite before probable, and what is missing: the words sort that way
    min(CASE WHEN is_met THEN grade END) AS grade,
    min(missing) AS missing
  FROM core_criterion_tried
  GROUP BY distal_row_id, proximal_row_id, criteria_set
),
criterion_met AS (
  SELECT distal_row_id, proximal_row_id, criteria_set, grade, min(criterion_id) AS criterion_id
  FROM core_criterion_tried
  WHERE is_met
  GROUP BY distal_row_id, proximal_row_id, criteria_set, grade
),
doubt AS (
  SELECT distal_row_id, proximal_row_id, array_to_string(list_sort(list(flag)), '; ') AS flags
  FROM core_pair_flag
  GROUP BY distal_row_id, proximal_row_id
),
assessed AS (
  SELECT
    p.*, r.criteria_set, l.lower_limit_mv, l.lower_limit_from, t.grade,
    CASE
      WHEN NOT p.is_listed THEN 'segment_not_listed'
      WHEN n.nerve IS NULL THEN 'nerve_not_in_criteria'
      WHEN p.crosses_entrapment THEN 'entrapment_site'
      WHEN t.criteria_set IS NULL THEN 'segment_not_in_criteria'
      -- criteria and limits speak of the negative peak; from peak to peak a response is larger, and of two kinds none fits
      WHEN NOT p.is_negative_peak THEN 'amplitude_peak_to_peak'
      WHEN p.distal_amplitude_mv IS NULL THEN 'distal_amplitude_missing'
      WHEN p.distal_amplitude_mv <= 0 THEN 'no_distal_response'
      WHEN r.distal_amplitude_pct_of_limit_above IS NOT NULL AND l.lower_limit_mv IS NULL THEN 'lower_limit_missing'
      WHEN p.distal_amplitude_mv <= r.distal_amplitude_mv_above
        OR 100 * p.distal_amplitude_mv <= r.distal_amplitude_pct_of_limit_above * l.lower_limit_mv
        THEN 'distal_amplitude_too_low'
      WHEN t.grade IS NULL THEN t.missing
    END AS reason_code
  FROM core_site_pair p
  CROSS JOIN requirement r
  LEFT JOIN named_nerve n ON n.criteria_set = r.criteria_set AND n.nerve = p.nerve
  LEFT JOIN core_lower_limit l ON l.distal_row_id = p.distal_row_id AND l.proximal_row_id = p.proximal_row_id
  LEFT JOIN tried t
    ON t.distal_row_id = p.distal_row_id AND t.proximal_row_id = p.proximal_row_id AND t.criteria_set = r.criteria_set
)
SELECT
  a.patient_key, a.sending_lab, a.exam_id, a.exam_on, a.nerve, a.side, a.muscle,
  a.distal_site, a.proximal_site, a.segment_length, a.segment_part, a.segment_length = 'long' AS is_long_segment,
  CAST(100 * (a.distal_area_mv_ms - a.proximal_area_mv_ms) AS DOUBLE)
    / nullif(CAST(a.distal_area_mv_ms AS DOUBLE), 0) AS area_reduction_pct,
  CASE WHEN a.is_one_measure THEN CAST(100 * (a.distal_amplitude_mv - a.proximal_amplitude_mv) AS DOUBLE)
    / nullif(CAST(a.distal_amplitude_mv AS DOUBLE), 0) END AS amplitude_reduction_pct,
  CAST(100 * (a.proximal_duration_ms - a.distal_duration_ms) AS DOUBLE)
    / nullif(CAST(a.distal_duration_ms AS DOUBLE), 0) AS duration_increase_pct,
  CAST(a.distal_amplitude_mv AS DOUBLE) AS distal_amplitude_mv, CAST(a.lower_limit_mv AS DOUBLE) AS lower_limit_mv,
  a.lower_limit_from,
  CASE WHEN a.proximal_latency_ms > a.distal_latency_ms
    THEN CAST(a.distance_mm AS DOUBLE) / CAST(a.proximal_latency_ms - a.distal_latency_ms AS DOUBLE) END
    AS velocity_m_per_s,
  CAST(a.stated_velocity_m_per_s AS DOUBLE) AS stated_velocity_m_per_s,
  CASE WHEN a.reason_code IS NOT NULL THEN 'not_assessable' ELSE coalesce(a.grade, 'none') END AS conduction_block,
  a.reason_code, a.criteria_set, CASE WHEN a.reason_code IS NULL THEN c.criterion_id END AS criterion_id,
  CASE WHEN a.reason_code IS NULL AND a.grade IS NOT NULL THEN s.sensory_sparing END AS sensory_sparing, f.flags
FROM assessed a
LEFT JOIN criterion_met c
  ON c.distal_row_id = a.distal_row_id AND c.proximal_row_id = a.proximal_row_id AND c.criteria_set = a.criteria_set
  AND c.grade = a.grade
LEFT JOIN core_sensory_sparing s ON s.distal_row_id = a.distal_row_id AND s.proximal_row_id = a.proximal_row_id
LEFT JOIN doubt f ON f.distal_row_id = a.distal_row_id AND f.proximal_row_id = a.proximal_row_id
