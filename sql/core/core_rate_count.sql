/* The counts behind every rate.
   Grain: one row an analysis, population and stratum value.
   Why: who counts and as what is decided here, once; intervals are added to these counts and to nothing else.
   Rules used: rule_analysis, rule_population. */
WITH patient AS (
  SELECT
    *,
    -- a shifted day is of no calendar year
    CASE WHEN dates_are_shifted THEN 'dates shifted' ELSE CAST(extract(year FROM collected_on) AS VARCHAR) END AS period
  FROM mart_patient
  WHERE population IS NOT NULL
),
voter AS (
  SELECT * FROM patient WHERE interpretation IS NOT NULL
),
unclassifiable AS (
  SELECT population, count(*) AS n_unclassifiable FROM patient WHERE serology_state = 'unclassifiable' GROUP BY population
),
whole AS (
  SELECT
    a.analysis, a.position AS analysis_position, p.population, p.position AS population_position,
    'all' AS stratum, 'all' AS stratum_value,
    count(CASE WHEN v.interpretation <> 'equivocal' OR a.equivocal_counts_as <> 'excluded' THEN v.patient_key END)
      AS n_tested,
    count(CASE WHEN v.interpretation = 'positive'
      OR (v.interpretation = 'equivocal' AND a.equivocal_counts_as = 'positive') THEN 1 END) AS n_positive,
    count(CASE WHEN v.interpretation = 'equivocal' AND a.equivocal_counts_as <> 'excluded' THEN 1 END) AS n_equivocal
  FROM rule_analysis a
  CROSS JOIN rule_population p
  LEFT JOIN voter v
    ON v.population = p.population AND (NOT a.before_first_ivig_only OR coalesce(v.is_before_first_ivig, false))
  -- the variants are for the population of the primary analysis; the other labels stand beside it
  WHERE a.is_primary OR p.population = 'MMN'
  GROUP BY a.analysis, a.position, p.population, p.position
),
divided AS (
  SELECT population, 'performing_lab' AS stratum, performing_lab AS stratum_value, interpretation FROM voter
  UNION ALL
  -- two laboratories' assays of one name are two assays, each with cut-offs of its own
  SELECT population, 'assay' AS stratum, concat(performing_lab, ': ', coalesce(assay_of_test, 'not stated')) AS stratum_value,
    interpretation
  FROM voter
  UNION ALL
  SELECT population, 'period' AS stratum, period AS stratum_value, interpretation FROM voter
  UNION ALL
  SELECT population, 'criteria_set' AS stratum, criteria_set AS stratum_value, interpretation FROM voter
  UNION ALL
  -- a label that nobody says anything about may rest on the antibody like one that is unknown
  SELECT population, 'label_rests_on_anti_gm1' AS stratum, coalesce(label_rests_on_anti_gm1, 'unknown') AS stratum_value,
    interpretation
  FROM voter
),
part AS (
  SELECT
    a.analysis, a.position AS analysis_position, p.population, p.position AS population_position, d.stratum,
    coalesce(d.stratum_value, 'not stated') AS stratum_value,
    count(*) AS n_tested,
    count(CASE WHEN d.interpretation = 'positive' THEN 1 END) AS n_positive,
    count(CASE WHEN d.interpretation = 'equivocal' THEN 1 END) AS n_equivocal
  FROM divided d
  JOIN rule_population p ON p.population = d.population
  CROSS JOIN rule_analysis a
  WHERE a.is_primary AND d.population = 'MMN'
  GROUP BY a.analysis, a.position, p.population, p.position, d.stratum, d.stratum_value
)
SELECT w.*, coalesce(u.n_unclassifiable, 0) AS n_unclassifiable
FROM whole w
LEFT JOIN unclassifiable u ON u.population = w.population
UNION ALL
SELECT part.*, CAST(NULL AS BIGINT) AS n_unclassifiable
FROM part
