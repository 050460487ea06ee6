/* Rates that published cohorts report, each by its own test, as context beside the published range.
   Grain: one row a cohort and test of a paper.
   Why: the range names no test; these rates do. Active cohorts have counts that their source states; a draft is shown as
   what it is and enters no other figure. No cohort is added to another.
   Rules used: rule_published_cohort, rule_source; intervals are computed outside SQL into figure_interval. */
WITH cohort AS (
  SELECT * FROM rule_published_cohort
),
source AS (
  SELECT * FROM rule_source
),
interval_of AS (
  SELECT * FROM figure_interval
)
SELECT
  c.cohort_id, c.study, c.country, c.year, c.population, c.analyte, c.isotype, c.assay, c.cutoff_words, c.state,
  c.n_patients, c.n_tested, c.n_positive, c.count_basis,
  CASE WHEN c.n_positive IS NOT NULL THEN CAST(c.n_positive AS DOUBLE) / CAST(c.n_tested AS DOUBLE) END AS rate,
  i.ci_low, i.ci_high, i.ci_method,
  c.stated_rate_pct, c.stated_low_pct, c.stated_high_pct,
  s.citation, c.source_locator, c.note
FROM cohort c
LEFT JOIN source s ON s.source_id = c.source_id
LEFT JOIN interval_of i ON i.n_tested = c.n_tested AND i.n_positive = c.n_positive
ORDER BY c.cohort_id
