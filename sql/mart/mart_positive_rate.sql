/* How many patients are antibody-positive, with an interval, and what that says against the published range.
   Grain: one row an analysis, population and stratum value.
   Why: the headline is analysis primary, population MMN, stratum all. Only the primary analysis and its variants for MMN
   carry the published range and a verdict; strata and other labels are shown without.
   Rules used: rule_published_range; intervals and verdicts are computed outside SQL into figure_interval. */
WITH counted AS (
  SELECT * FROM core_rate_count
),
interval_of AS (
  SELECT * FROM figure_interval
),
published AS (
  SELECT * FROM rule_published_range
)
SELECT
  c.analysis, c.population, c.stratum, c.stratum_value, 'IgM' AS isotype,
  c.n_tested, c.n_positive, c.n_equivocal, c.n_unclassifiable,
  CASE WHEN c.n_tested > 0 THEN CAST(c.n_positive AS DOUBLE) / CAST(c.n_tested AS DOUBLE) END AS rate,
  i.ci_low, i.ci_high, i.ci_method,
  p.low AS published_low, p.high AS published_high,
  CASE WHEN p.range_id IS NOT NULL THEN i.verdict END AS verdict,
  CASE WHEN p.range_id IS NOT NULL THEN i.verdict_reason END AS verdict_reason
FROM counted c
JOIN interval_of i ON i.n_tested = c.n_tested AND i.n_positive = c.n_positive
LEFT JOIN published p ON p.population = c.population AND c.stratum = 'all'
ORDER BY c.analysis_position, c.population_position, c.stratum, c.stratum_value
