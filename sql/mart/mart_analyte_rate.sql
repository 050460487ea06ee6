/* Antibody-positive rates of every analyte of interest, each a stratum of its own.
   Grain: one row a population, antigen, isotype and specimen that somebody was tested for.
   Why: shown beside the primary analysis and never part of it; no verdict, because the published range is of no one test.
   Rules used: rule_analyte; intervals are computed outside SQL into figure_interval. */
WITH counted AS (
  SELECT * FROM core_analyte_count
),
interval_of AS (
  SELECT * FROM figure_interval
)
SELECT
  c.population, c.antigen, c.label, c.isotype, c.specimen, c.n_tested, c.n_positive, c.n_equivocal, c.n_unclassifiable,
  CASE WHEN c.n_tested > 0 THEN CAST(c.n_positive AS DOUBLE) / CAST(c.n_tested AS DOUBLE) END AS rate,
  i.ci_low, i.ci_high, i.ci_method
FROM counted c
JOIN interval_of i ON i.n_tested = c.n_tested AND i.n_positive = c.n_positive
ORDER BY c.population_position, c.antigen_position, c.isotype, c.specimen
