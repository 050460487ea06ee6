/* Tested patients by when their one result was collected against treatment with immunoglobulin (IVIG).
   Grain: one row a population and timing; every timing of the rules is there, also with nobody in it.
   Why: a negative result on treatment is not a patient without antibodies, and IgG results soon after an infusion mislead.
   The counts say how much of a rate rests on samples from before treatment, on treatment, and of unknown timing.
   Rules used: rule_ivig_window, rule_population. */
WITH voter AS (
  SELECT population, ivig_timing, interpretation, patient_key
  FROM mart_patient
  WHERE population IS NOT NULL AND interpretation IS NOT NULL
),
timing AS (
  SELECT p.population, p.position AS population_position, w.ivig_timing, w.position, w.label
  FROM rule_population p
  CROSS JOIN rule_ivig_window w
  WHERE w.state = 'active'
)
SELECT
  t.population, t.position, t.ivig_timing, t.label,
  count(v.patient_key) AS n_tested,
  count(CASE WHEN v.interpretation = 'positive' THEN 1 END) AS n_positive,
  count(CASE WHEN v.interpretation = 'equivocal' THEN 1 END) AS n_equivocal
FROM timing t
LEFT JOIN voter v ON v.population = t.population AND v.ivig_timing = t.ivig_timing
GROUP BY t.population, t.population_position, t.position, t.ivig_timing, t.label
ORDER BY t.population_position, t.position
