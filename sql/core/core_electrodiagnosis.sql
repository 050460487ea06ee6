/* What nerve conduction supports by itself, whatever diagnosis was stated.
   Grain: one row a patient with a used site.
   Why: criteria ask for block in a number of nerves with normal sensory conduction there. Nothing else enters: no sign, no
   treatment and never the antibody. A nerve counts when sensory fibres are spared where it is blocked and no block of it
   says otherwise. No block is said only after an adequate study.
   Rules used: rule_diagnostic_category, rule_block_requirement, rule_sensory_limit. */
WITH block AS (
  SELECT b.patient_key, b.nerve, b.side, b.conduction_block, b.sensory_sparing
  FROM mart_conduction_block b
  JOIN rule_block_requirement r ON r.criteria_set = b.criteria_set AND r.is_default
  WHERE b.conduction_block IN ('definite', 'probable')
),
nerve AS (
  SELECT
    patient_key, nerve, side,
    count(CASE WHEN sensory_sparing = 'not_spared' THEN 1 END) AS n_not_spared,
    count(CASE WHEN sensory_sparing = 'spared' AND conduction_block = 'definite' THEN 1 END) AS n_definite_spared,
    count(CASE WHEN sensory_sparing = 'spared' THEN 1 END) AS n_spared
  FROM block
  GROUP BY patient_key, nerve, side
),
counted AS (
  SELECT
    patient_key,
    count(CASE WHEN n_definite_spared > 0 THEN 1 END) AS n_definite_nerves,
    count(CASE WHEN n_spared > 0 THEN 1 END) AS n_block_nerves
  FROM nerve
  WHERE n_not_spared = 0
  GROUP BY patient_key
),
reached AS (
  SELECT c.patient_key, g.category
  FROM counted c
  JOIN rule_diagnostic_category g ON g.state = 'active'
  JOIN rule_block_requirement r ON r.criteria_set = g.criteria_set AND r.is_default
  WHERE CASE WHEN g.counts_block = 'definite' THEN c.n_definite_nerves ELSE c.n_block_nerves END >= g.nerves_at_or_above
  QUALIFY row_number() OVER (PARTITION BY c.patient_key ORDER BY g.position, g.category_id) = 1
),
sensory AS (
  SELECT
    p.patient_key,
    count(CASE WHEN s.sensory_sparing = 'not_spared' THEN 1 END) AS n_abnormal,
    count(CASE WHEN s.sensory_sparing = 'spared' THEN 1 END) AS n_normal
  FROM core_sensory_sparing s
  JOIN core_site_pair p ON p.distal_row_id = s.distal_row_id AND p.proximal_row_id = s.proximal_row_id
  -- fibres slowed where the nerve is often trapped say nothing of a neuropathy
  WHERE NOT coalesce(p.crosses_entrapment, false)
  GROUP BY p.patient_key
)
SELECT
  n.patient_key,
  CASE
    WHEN r.category IS NOT NULL THEN r.category
    WHEN n.block_conclusion IN ('definite', 'probable') THEN 'block_below_category'
    WHEN n.block_conclusion = 'none' THEN 'none_in_adequate_study'
    ELSE n.block_conclusion
  END AS electrodiagnostic_support,
  coalesce(c.n_block_nerves, 0) AS n_block_nerves_sensory_spared,
  CASE WHEN s.n_abnormal > 0 THEN 'abnormal' WHEN s.n_normal > 0 THEN 'normal' ELSE 'not_recorded' END
    AS sensory_conduction
FROM core_nerve_patient n
LEFT JOIN counted c ON c.patient_key = n.patient_key
LEFT JOIN reached r ON r.patient_key = n.patient_key
LEFT JOIN sensory s ON s.patient_key = n.patient_key
