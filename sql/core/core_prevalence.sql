/* Labelled patients against the inhabitants of the catchment.
   Grain: one row a statement about prevalence, where a catchment is configured and somebody is labelled.
   Why: prevalence counts everybody with the label, definite or probable, tested or not, and whether or not the label rests
   on anti-GM1; where nobody has it, there may be no study rows at all, which is no prevalence of nought. Who lives in the
   catchment is in no export, so it is every labelled patient.
   Rules used: rule_catchment, rule_reference_fact. */
WITH patient AS (
  SELECT patient_key FROM mart_patient WHERE population IN ('MMN', 'MMN resting on anti-GM1')
),
counted AS (
  SELECT count(*) AS n_patients FROM patient
)
SELECT f.fact_id, c.catchment_id, c.counted_on, p.n_patients, c.inhabitants, f.per_inhabitants
FROM rule_reference_fact f
CROSS JOIN rule_catchment c
CROSS JOIN counted p
WHERE f.observed_by = 'prevalence' AND c.state = 'active' AND p.n_patients > 0
