/* What makes the measurements of a pair doubtful.
   Grain: one row a pair and flag.
   Why: swapped sites, mixed units, stimulation that did not reach every fibre and crossing fibres all make or hide a
   block. They are shown beside the grade; no value is clipped or left out for them.
   Rules used: rule_nerve_integrity, rule_plausible. */
WITH integrity AS (
  SELECT * FROM rule_nerve_integrity WHERE state = 'active'
),
pair AS (
  SELECT
    *,
    distal_amplitude_mv > 0 AND proximal_amplitude_mv > 0 AS has_responses,
    proximal_latency_ms - distal_latency_ms AS conduction_ms,
    distal_region = 'wrist' AND proximal_region = 'elbow' AS is_forearm,
    -- amplitudes of two kinds of measure differ for that alone
    CASE WHEN is_one_measure THEN 100 * (proximal_amplitude_mv - distal_amplitude_mv) END AS amplitude_gained_times_100,
    100 * (proximal_area_mv_ms - distal_area_mv_ms) AS area_gained_times_100
  FROM core_site_pair
),
-- sites of the pair one by one: the units of a response show in the response alone
response AS (
  SELECT distal_row_id, proximal_row_id, distal_amplitude_mv AS amplitude_mv, distal_area_mv_ms AS area_mv_ms,
    distal_duration_ms AS duration_ms, CAST(distal_amplitude_mv AS DOUBLE) * CAST(distal_duration_ms AS DOUBLE) AS rectangle
  FROM pair
  UNION ALL
  SELECT distal_row_id, proximal_row_id, proximal_amplitude_mv, proximal_area_mv_ms, proximal_duration_ms,
    CAST(proximal_amplitude_mv AS DOUBLE) * CAST(proximal_duration_ms AS DOUBLE)
  FROM pair
),
compared AS (
  SELECT
    p.*, i.flag,
    p.amplitude_gained_times_100 > i.above * p.distal_amplitude_mv
      OR p.area_gained_times_100 > i.above * p.distal_area_mv_ms AS gains,
    -p.amplitude_gained_times_100 > i.above * p.distal_amplitude_mv
      OR -p.area_gained_times_100 > i.above * p.distal_area_mv_ms AS falls
  FROM pair p
  CROSS JOIN integrity i
  WHERE p.distal_amplitude_mv > 0
),
-- the median nerve of the same exam and side tells whether fibres cross
median_nerve AS (
  SELECT u.distal_row_id, u.proximal_row_id, count(coalesce(m.amplitude_gained_times_100, m.area_gained_times_100)) AS n_recorded, count(CASE WHEN m.gains THEN 1 END) AS n_gaining
  FROM pair u
  LEFT JOIN compared m
    ON m.sending_lab = u.sending_lab AND m.patient_key = u.patient_key
    AND m.exam_id IS NOT DISTINCT FROM u.exam_id AND m.exam_on IS NOT DISTINCT FROM u.exam_on
    AND m.side = u.side AND m.nerve = 'median' AND m.is_forearm AND m.flag = 'martin_gruber_possible'
  WHERE u.nerve = 'ulnar' AND u.is_forearm
  GROUP BY u.distal_row_id, u.proximal_row_id
),
flagged AS (
  SELECT distal_row_id, proximal_row_id, 'no_proximal_response' AS flag
  FROM pair
  WHERE distal_amplitude_mv > 0 AND proximal_amplitude_mv = 0
  UNION
  SELECT distal_row_id, proximal_row_id, 'sites_possibly_swapped'
  FROM pair
  WHERE has_responses AND conduction_ms <= 0
  UNION
  SELECT p.distal_row_id, p.proximal_row_id, i.flag
  FROM pair p
  JOIN integrity i ON i.flag = 'velocity_disagrees'
  WHERE p.has_responses AND p.conduction_ms > 0
    -- products of three measurements outgrow the exact decimals of either engine
    AND abs(CAST(p.distance_mm AS DOUBLE) - CAST(p.stated_velocity_m_per_s AS DOUBLE) * CAST(p.conduction_ms AS DOUBLE))
      > CAST(i.above AS DOUBLE) * CAST(p.conduction_ms AS DOUBLE)
  UNION
  SELECT p.distal_row_id, p.proximal_row_id, 'velocity_implausible'
  FROM pair p
  JOIN rule_plausible w ON w.rule_id = 'motor_velocity_m_per_s'
  WHERE p.has_responses AND p.conduction_ms > 0
    AND (CAST(p.distance_mm AS DOUBLE) / CAST(p.conduction_ms AS DOUBLE) < w.low
      OR CAST(p.distance_mm AS DOUBLE) / CAST(p.conduction_ms AS DOUBLE) > w.high)
  UNION
  SELECT p.distal_row_id, p.proximal_row_id, i.flag
  FROM pair p
  JOIN integrity i ON i.flag = 'distance_in_other_unit'
  WHERE p.segment_length = 'long' AND p.distance_mm < i.below
  UNION
  SELECT r.distal_row_id, r.proximal_row_id, i.flag
  FROM response r
  JOIN integrity i ON i.flag = 'area_in_other_unit'
  WHERE r.amplitude_mv > 0 AND r.duration_ms > 0
    AND (CAST(100 * r.area_mv_ms AS DOUBLE) > CAST(i.above AS DOUBLE) * r.rectangle
      OR CAST(100 * r.area_mv_ms AS DOUBLE) < CAST(i.below AS DOUBLE) * r.rectangle)
  UNION
  -- a response without any area: no duration is needed to see it
  SELECT r.distal_row_id, r.proximal_row_id, i.flag
  FROM response r
  JOIN integrity i ON i.flag = 'area_in_other_unit'
  WHERE r.amplitude_mv > 0 AND r.area_mv_ms = 0
  UNION
  SELECT distal_row_id, proximal_row_id, flag
  FROM compared
  WHERE flag = 'proximal_larger' AND gains
  UNION
  SELECT distal_row_id, proximal_row_id, 'distal_submaximal_possible'
  FROM compared
  WHERE flag = 'proximal_larger' AND gains AND (conduction_ms > 0 OR conduction_ms IS NULL)
  UNION
  SELECT distal_row_id, proximal_row_id, flag
  FROM compared
  WHERE flag = 'martin_gruber_possible' AND gains AND is_forearm AND nerve IN ('median', 'ulnar')
  UNION
  SELECT c.distal_row_id, c.proximal_row_id,
    CASE WHEN m.n_gaining > 0 THEN 'martin_gruber_possible' ELSE c.flag END
  FROM compared c
  JOIN median_nerve m ON m.distal_row_id = c.distal_row_id AND m.proximal_row_id = c.proximal_row_id
  WHERE c.flag = 'martin_gruber_not_excluded' AND c.falls AND (m.n_gaining > 0 OR m.n_recorded = 0)
  UNION
  SELECT distal_row_id, proximal_row_id, flag
  FROM compared
  WHERE flag = 'proximal_submaximal_possible' AND falls AND is_often_submaximal
)
SELECT distal_row_id, proximal_row_id, flag
FROM flagged
