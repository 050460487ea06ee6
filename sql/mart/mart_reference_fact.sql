/* What the source documents state, beside what this cohort shows.
   Grain: one row a statement.
   Why: statements are context, never a check on a row; what cannot be observed says so and why.
   Rules used: rule_reference_fact, rule_source, rule_catchment; intervals and words of reasons come from outside SQL. */
WITH fact AS (
  SELECT f.*, s.citation
  FROM rule_reference_fact f
  LEFT JOIN rule_source s ON s.source_id = f.source_id
),
counted AS (
  SELECT c.*, i.ci_low, i.ci_high
  FROM core_fact_count c
  LEFT JOIN figure_interval i ON i.n_tested = c.n_tested AND i.n_positive = c.n_positive
),
prevalence AS (
  SELECT p.*, i.rate, i.ci_low, i.ci_high
  FROM core_prevalence p
  JOIN figure_prevalence i ON i.n_patients = p.n_patients AND i.inhabitants = p.inhabitants
    AND i.per_inhabitants = p.per_inhabitants
),
-- other labels stand beside the statement about an association; they were referred for the test and are no controls
other_label AS (
  SELECT list_sort(list(concat(r.population, ' ', CAST(r.n_positive AS VARCHAR), ' of ', CAST(r.n_tested AS VARCHAR)))) AS rates
  FROM core_rate_count r
  JOIN rule_population p ON p.population = r.population
  JOIN rule_analysis a ON a.analysis = r.analysis AND a.is_primary
  WHERE p.diagnosis <> 'MMN' AND r.stratum = 'all' AND r.n_tested > 0
),
joined AS (
  SELECT
    f.*, c.n_tested, c.n_positive, c.median_observed, p.n_patients, p.inhabitants, p.catchment_id, p.counted_on,
    CASE
      WHEN p.fact_id IS NOT NULL THEN p.rate
      WHEN c.n_tested > 0 THEN CAST(c.n_positive AS DOUBLE) / CAST(c.n_tested AS DOUBLE)
    END AS observed,
    coalesce(p.ci_low, c.ci_low) AS ci_low, coalesce(p.ci_high, c.ci_high) AS ci_high, o.rates
  FROM fact f
  LEFT JOIN counted c ON c.fact_id = f.fact_id
  LEFT JOIN prevalence p ON p.fact_id = f.fact_id
  CROSS JOIN other_label o
)
SELECT
  j.fact_id, j.statement, j.citation AS source_document, j.source_locator AS source_line, j.quantity, j.unit,
  j.published_low, j.published_high, j.observed, coalesce(j.n_patients, j.n_tested, 0) AS n, j.ci_low, j.ci_high,
  CASE WHEN j.observed IS NOT NULL THEN 'observed' ELSE 'not_observable' END AS outcome,
  nullif(j.literature, '') AS note,
  j.position, j.source_id, coalesce(j.n_patients, j.n_positive) AS n_counted, j.median_observed, j.inhabitants,
  CASE
    WHEN j.inhabitants IS NOT NULL THEN concat(CAST(j.n_patients AS VARCHAR), ' labelled patients against ',
      CAST(j.inhabitants AS VARCHAR), ' inhabitants of ', j.catchment_id, ', counted on ', CAST(j.counted_on AS VARCHAR),
      '. Where patients live is in no export: some may live elsewhere, and residents treated elsewhere are missing.')
    WHEN j.reason_code = 'no_comparison_group' AND array_length(j.rates) > 0
      THEN concat('Positive among patients with other labels: ', array_to_string(j.rates, '; '), '.')
  END AS beside,
  CASE WHEN j.observed IS NULL THEN j.reason_code END AS reason_code,
  CASE WHEN j.observed IS NULL THEN m.meaning END AS reason
FROM joined j
LEFT JOIN figure_message m ON m.reason_code = j.reason_code
ORDER BY j.position NULLS LAST, j.fact_id
