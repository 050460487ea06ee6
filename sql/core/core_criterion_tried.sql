/* Each active criterion of conduction block held against each pair it speaks of.
   Grain: one row a pair and criterion.
   Why: a criterion is met, not met, or cannot be judged because a quantity it asks for is missing. Every bound it states
   must hold; the column a bound stands in says whether the bound itself belongs to it. Values are exact decimals and are
   multiplied, never divided, so that a value at the bound stays at the bound.
   Rules used: rule_block_criterion, rule_block_requirement. */
WITH criterion AS (
  SELECT
    c.*,
    c.area_reduction_pct_at_or_above IS NOT NULL OR c.area_reduction_pct_above IS NOT NULL AS asks_area,
    c.amplitude_reduction_pct_at_or_above IS NOT NULL OR c.amplitude_reduction_pct_above IS NOT NULL AS asks_amplitude,
    c.duration_increase_pct_at_or_below IS NOT NULL OR c.duration_increase_pct_above IS NOT NULL AS asks_duration
  FROM rule_block_criterion c
  JOIN rule_block_requirement r ON r.criteria_set = c.criteria_set AND r.state = 'active'
  WHERE c.state = 'active'
),
measured AS (
  SELECT
    *,
    100 * (distal_area_mv_ms - proximal_area_mv_ms) AS area_lost_times_100,
    100 * (distal_amplitude_mv - proximal_amplitude_mv) AS amplitude_lost_times_100,
    100 * (proximal_duration_ms - distal_duration_ms) AS duration_gained_times_100
  FROM core_site_pair
  WHERE is_listed
),
tried AS (
  SELECT
    m.distal_row_id, m.proximal_row_id, c.criteria_set, c.criterion_id, c.grade,
    CASE
      WHEN c.asks_area AND (m.distal_area_mv_ms IS NULL OR m.proximal_area_mv_ms IS NULL) THEN 'area_missing'
      WHEN c.asks_amplitude AND (m.distal_amplitude_mv IS NULL OR m.proximal_amplitude_mv IS NULL)
        THEN 'amplitude_missing'
      WHEN c.asks_duration AND (m.distal_duration_ms IS NULL OR m.proximal_duration_ms IS NULL) THEN 'duration_missing'
      WHEN c.asks_area AND m.distal_area_mv_ms <= 0 OR c.asks_duration AND m.distal_duration_ms <= 0
        THEN 'no_distal_response'
    END AS missing,
    coalesce(m.area_lost_times_100 >= c.area_reduction_pct_at_or_above * m.distal_area_mv_ms, true)
      AND coalesce(m.area_lost_times_100 > c.area_reduction_pct_above * m.distal_area_mv_ms, true)
      AND coalesce(m.amplitude_lost_times_100 >= c.amplitude_reduction_pct_at_or_above * m.distal_amplitude_mv, true)
      AND coalesce(m.amplitude_lost_times_100 > c.amplitude_reduction_pct_above * m.distal_amplitude_mv, true)
      AND coalesce(m.duration_gained_times_100 <= c.duration_increase_pct_at_or_below * m.distal_duration_ms, true)
      AND coalesce(m.duration_gained_times_100 > c.duration_increase_pct_above * m.distal_duration_ms, true)
      AS holds
  FROM measured m
  JOIN criterion c
    ON c.nerve = m.nerve
    AND (c.segment_length = 'any' OR c.segment_length = m.segment_length)
    AND (c.segment_part = 'any' OR c.segment_part = m.segment_part)
)
SELECT
  distal_row_id, proximal_row_id, criteria_set, criterion_id, grade, missing,
  -- a bound that meets a missing quantity holds above; what is missing then says that nothing was judged
  missing IS NULL AND holds AS is_met
FROM tried
