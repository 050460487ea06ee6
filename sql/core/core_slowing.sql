/* Whether a nerve conducts too slowly between two motor sites, away from sites of entrapment.
   Grain: one row a listed pair of motor sites.
   Why: velocity is recomputed from distance and latencies, never taken as stated. Where the recording itself is doubtful in
   what velocity is made of, or a site gave no response, nothing is said. Both sides are compared as exact products, so
   that a velocity at the bound is at the bound.
   Rules used: rule_nerve_slowing, rule_nerve_segment; flags of core_pair_flag. */
WITH pair AS (
  SELECT *, proximal_latency_ms - distal_latency_ms AS conduction_ms
  FROM core_site_pair
  WHERE is_listed
),
doubt AS (
  SELECT DISTINCT distal_row_id, proximal_row_id
  FROM core_pair_flag
  WHERE flag IN ('velocity_disagrees', 'velocity_implausible', 'distance_in_other_unit', 'sites_possibly_swapped')
),
limited AS (
  SELECT
    p.distal_row_id, p.proximal_row_id, l.velocity_lower_limit_m_per_s, l.velocity_pct_of_limit_below, l.limit_id,
    CASE WHEN l.sending_lab = p.sending_lab THEN 'laboratory' ELSE 'fallback' END AS limit_from
  FROM pair p
  JOIN rule_nerve_slowing l
    ON l.nerve = p.nerve AND (l.sending_lab = p.sending_lab OR l.sending_lab = '') AND l.state = 'active'
  QUALIFY row_number() OVER (
    PARTITION BY p.distal_row_id, p.proximal_row_id
    ORDER BY CASE WHEN l.sending_lab = p.sending_lab THEN 0 ELSE 1 END, l.limit_id
  ) = 1
),
compared AS (
  SELECT
    p.*, l.velocity_lower_limit_m_per_s, l.limit_id, l.limit_from,
    CASE
      WHEN p.crosses_entrapment THEN 'entrapment_site'
      WHEN l.limit_id IS NULL THEN 'velocity_limit_missing'
      WHEN p.distal_amplitude_mv <= 0 OR p.proximal_amplitude_mv <= 0 THEN 'no_response'
      WHEN p.distance_mm IS NULL OR p.conduction_ms IS NULL THEN 'velocity_missing'
      WHEN d.distal_row_id IS NOT NULL OR p.conduction_ms <= 0 THEN 'velocity_doubtful'
    END AS reason_code,
    100 * p.distance_mm < l.velocity_pct_of_limit_below * l.velocity_lower_limit_m_per_s * p.conduction_ms AS is_below
  FROM pair p
  LEFT JOIN limited l ON l.distal_row_id = p.distal_row_id AND l.proximal_row_id = p.proximal_row_id
  LEFT JOIN doubt d ON d.distal_row_id = p.distal_row_id AND d.proximal_row_id = p.proximal_row_id
)
SELECT
  patient_key, sending_lab, exam_id, exam_on, nerve, side, muscle, distal_site, proximal_site, distal_row_id,
  proximal_row_id, CAST(velocity_lower_limit_m_per_s AS DOUBLE) AS velocity_lower_limit_m_per_s, limit_id, limit_from,
  CASE WHEN conduction_ms > 0 THEN CAST(distance_mm AS DOUBLE) / CAST(conduction_ms AS DOUBLE) END AS velocity_m_per_s,
  reason_code, CASE WHEN reason_code IS NULL THEN is_below END AS is_slowed
FROM compared
