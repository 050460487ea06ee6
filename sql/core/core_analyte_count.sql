/* Patients by what their earliest evaluable result of each analyte means.
   Grain: one row a population, antigen, isotype and specimen that somebody was tested for.
   Why: complexes of GM1 find more patients than GM1 alone, and IgG or combined results are of another disease or of two
   isotypes at once: each is a stratum of its own and none is added to another. Antigens are exact codes of the rules, so
   asialo-GM1 is in none of them.
   Rules used: rule_analyte, rule_population. */
WITH result AS (
  SELECT r.row_id, r.patient_key, r.antigen, r.isotype, r.specimen, r.interpretation, r.collected_on, r.accession
  FROM mart_result r
  JOIN stg_titre t ON t.row_id = r.row_id
  JOIN rule_analyte a ON a.antigen = r.antigen
  WHERE r.disposition = 'used' AND NOT r.is_carried_by_partner AND t.patient_id_is_well_formed IS DISTINCT FROM false
),
-- one patient, one vote in each stratum
first_evaluable AS (
  SELECT *
  FROM result
  WHERE interpretation IN ('positive', 'equivocal', 'negative')
  QUALIFY row_number() OVER (
    PARTITION BY patient_key, antigen, isotype, specimen ORDER BY collected_on NULLS LAST, accession NULLS LAST, row_id
  ) = 1
),
tested AS (
  SELECT DISTINCT patient_key, antigen, isotype, specimen FROM result
),
counted AS (
  SELECT
    p.population, t.antigen, t.isotype, t.specimen,
    count(f.row_id) AS n_tested,
    count(CASE WHEN f.interpretation = 'positive' THEN 1 END) AS n_positive,
    count(CASE WHEN f.interpretation = 'equivocal' THEN 1 END) AS n_equivocal,
    count(CASE WHEN f.row_id IS NULL THEN 1 END) AS n_unclassifiable
  FROM tested t
  JOIN mart_patient p ON p.patient_key = t.patient_key
  LEFT JOIN first_evaluable f
    ON f.patient_key = t.patient_key AND f.antigen = t.antigen AND f.isotype = t.isotype AND f.specimen = t.specimen
  WHERE p.population IS NOT NULL
  GROUP BY p.population, t.antigen, t.isotype, t.specimen
)
SELECT
  c.*, p.position AS population_position, a.position AS antigen_position, a.label
FROM counted c
JOIN rule_population p ON p.population = c.population
JOIN rule_analyte a ON a.antigen = c.antigen
