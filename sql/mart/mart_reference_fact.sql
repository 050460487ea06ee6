/* What the source documents state, beside what this cohort shows.
   Grain: one row a statement.
   Why: statements are context, never a check on a row; what cannot be observed says so.
   Rules used: rule_reference_fact, rule_source. */
WITH fact AS (
  SELECT f.*, s.citation
  FROM rule_reference_fact f
  LEFT JOIN rule_source s ON s.source_id = f.source_id
),
counted AS (
  SELECT * FROM core_fact_count
),
interval_of AS (
  SELECT * FROM figure_interval
)
SELECT
  f.fact_id, f.statement, f.citation AS source_document, f.source_locator AS source_line, f.quantity, f.unit,
  f.published_low, f.published_high,
  CASE WHEN c.n_tested > 0 THEN CAST(c.n_positive AS DOUBLE) / CAST(c.n_tested AS DOUBLE) END AS observed,
  coalesce(c.n_tested, 0) AS n, i.ci_low, i.ci_high,
  CASE WHEN c.n_tested > 0 THEN 'observed' ELSE 'not_observable' END AS outcome,
  f.literature AS note
FROM fact f
LEFT JOIN counted c ON c.fact_id = f.fact_id
LEFT JOIN interval_of i ON i.n_tested = c.n_tested AND i.n_positive = c.n_positive
ORDER BY f.fact_id
