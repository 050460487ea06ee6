/* Motor conduction block between two stimulation sites, by the area rule of a criteria set.
   Grain: one row a pair of sites and criteria set.
   Why: reductions come from unrounded values and are compared as written (at or above, at or below). Area that is missing
   is never replaced by amplitude: the segment is then not assessable. A negative reduction stays negative.
   Rules used: rule_block_criterion, rule_block_requirement, rule_nerve_limit, rule_nerve_segment. */
WITH pair AS (
  SELECT * FROM core_site_pair
),
requirement AS (
  SELECT * FROM rule_block_requirement WHERE state = 'active'
),
criterion AS (
  SELECT * FROM rule_block_criterion WHERE state = 'active'
),
nerve_limit AS (
  SELECT nerve, min(distal_amplitude_lower_limit_mv) AS lower_limit_mv
  FROM rule_nerve_limit
  WHERE state = 'active'
  GROUP BY nerve
),
named_nerve AS (
  SELECT DISTINCT criteria_set, nerve FROM criterion
),
measured AS (
  SELECT
    p.*, r.criteria_set, r.distal_amplitude_mv_above, r.distal_amplitude_pct_of_limit_above, l.lower_limit_mv,
    n.nerve IS NOT NULL AS is_named_nerve,
    -- exact decimals times 100 are compared with the percentage, so that a value at the bound stays at the bound
    100 * (p.distal_area_mv_ms - p.proximal_area_mv_ms) AS area_lost_times_100,
    100 * (p.proximal_duration_ms - p.distal_duration_ms) AS duration_gained_times_100
  FROM pair p
  CROSS JOIN requirement r
  LEFT JOIN nerve_limit l ON l.nerve = p.nerve
  LEFT JOIN named_nerve n ON n.criteria_set = r.criteria_set AND n.nerve = p.nerve
),
assessed AS (
  SELECT
    *,
    CASE
      WHEN NOT is_listed THEN 'segment_not_listed'
      WHEN NOT is_named_nerve THEN 'nerve_not_in_criteria'
      WHEN crosses_entrapment THEN 'entrapment_site'
      WHEN distal_amplitude_mv IS NULL THEN 'distal_amplitude_missing'
      WHEN lower_limit_mv IS NULL THEN 'lower_limit_missing'
      WHEN distal_amplitude_mv <= distal_amplitude_mv_above THEN 'distal_amplitude_too_low'
      WHEN 100 * distal_amplitude_mv <= distal_amplitude_pct_of_limit_above * lower_limit_mv THEN 'distal_amplitude_too_low'
      WHEN distal_area_mv_ms IS NULL OR proximal_area_mv_ms IS NULL THEN 'area_missing'
      WHEN distal_duration_ms IS NULL OR proximal_duration_ms IS NULL THEN 'duration_missing'
      WHEN distal_area_mv_ms <= 0 OR distal_duration_ms <= 0 THEN 'no_distal_response'
    END AS reason_code
  FROM measured
),
met AS (
  SELECT a.distal_row_id, a.proximal_row_id, a.criteria_set, c.grade, c.criterion_id
  FROM assessed a
  JOIN criterion c ON c.criteria_set = a.criteria_set AND c.nerve = a.nerve AND c.reduction_of = 'area'
  WHERE a.reason_code IS NULL
    AND a.area_lost_times_100 >= c.reduction_pct_at_or_above * a.distal_area_mv_ms
    AND (c.duration_increase_pct_at_or_below IS NULL
      OR a.duration_gained_times_100 <= c.duration_increase_pct_at_or_below * a.distal_duration_ms)
    AND (c.duration_increase_pct_above IS NULL
      OR a.duration_gained_times_100 > c.duration_increase_pct_above * a.distal_duration_ms)
    AND (a.is_long OR NOT c.long_segment_only)
),
graded AS (
  SELECT distal_row_id, proximal_row_id, criteria_set, grade, criterion_id
  FROM met
  -- definite before probable: the words sort that way
  QUALIFY row_number() OVER (PARTITION BY distal_row_id, proximal_row_id, criteria_set ORDER BY grade, criterion_id) = 1
)
SELECT
  a.patient_key, a.sending_lab, a.exam_id, a.exam_on, a.nerve, a.side, a.muscle,
  a.distal_site, a.proximal_site, a.is_long AS is_long_segment,
  CAST(a.area_lost_times_100 AS DOUBLE) / nullif(CAST(a.distal_area_mv_ms AS DOUBLE), 0) AS area_reduction_pct,
  CAST(100 * (a.distal_amplitude_mv - a.proximal_amplitude_mv) AS DOUBLE)
    / nullif(CAST(a.distal_amplitude_mv AS DOUBLE), 0) AS amplitude_reduction_pct,
  CAST(a.duration_gained_times_100 AS DOUBLE) / nullif(CAST(a.distal_duration_ms AS DOUBLE), 0) AS duration_increase_pct,
  CAST(a.distal_amplitude_mv AS DOUBLE) AS distal_amplitude_mv, CAST(a.lower_limit_mv AS DOUBLE) AS lower_limit_mv,
  CASE WHEN a.reason_code IS NOT NULL THEN 'not_assessable' ELSE coalesce(g.grade, 'none') END AS conduction_block,
  a.reason_code, a.criteria_set, g.criterion_id
FROM assessed a
LEFT JOIN graded g
  ON g.distal_row_id = a.distal_row_id AND g.proximal_row_id = a.proximal_row_id AND g.criteria_set = a.criteria_set
