/* The five diagnostic statements for each patient: met, not met, or not recorded.
   Grain: one row a patient seen in any export and statement.
   Why: each statement is read from one place and from no other: signs from the latest used study row (where several of one
   day disagree, from none), block and slowing from nerve conduction over all exams. What was not recorded is not taken to
   be absent.
   Rules used: rule_diagnostic_statement, rule_block_requirement, rule_nerve_slowing. */
WITH patient AS (
  SELECT patient_key FROM core_patient
),
sign AS (
  SELECT patient_key, 'purely_motor' AS recorded_in, purely_motor AS recorded, purely_motor_disagree AS disagree FROM core_label
  UNION ALL
  SELECT patient_key, 'umn_signs', umn_signs, umn_signs_disagree FROM core_label
  UNION ALL
  SELECT patient_key, 'bulbar_signs', bulbar_signs, bulbar_signs_disagree FROM core_label
  UNION ALL
  SELECT patient_key, 'sensory_signs', sensory_signs, sensory_signs_disagree FROM core_label
),
slowing AS (
  SELECT
    patient_key, count(CASE WHEN is_slowed THEN 1 END) AS n_slowed, count(is_slowed) AS n_judged,
    list_sort(list(DISTINCT concat(nerve, ' ', side, ' ', distal_site, '-', proximal_site)) FILTER (WHERE is_slowed)) AS slowed
  FROM core_slowing
  GROUP BY patient_key
),
block AS (
  SELECT
    b.patient_key,
    list_sort(list(DISTINCT concat(b.nerve, ' ', b.side, ' ', b.distal_site, '-', b.proximal_site, ' ', b.conduction_block)))
      AS blocks
  FROM mart_conduction_block b
  JOIN rule_block_requirement r ON r.criteria_set = b.criteria_set AND r.is_default
  WHERE b.conduction_block IN ('definite', 'probable')
  GROUP BY b.patient_key
),
conduction AS (
  SELECT
    p.patient_key, 'nerve_conduction' AS recorded_in,
    CASE
      WHEN n.block_conclusion IN ('definite', 'probable') OR w.n_slowed > 0 THEN 'found'
      WHEN n.block_conclusion = 'none' THEN 'not_found'
    END AS recorded,
    CASE
      WHEN n.block_conclusion IN ('definite', 'probable') OR w.n_slowed > 0 THEN concat_ws('; ',
        CASE WHEN b.blocks IS NOT NULL THEN concat('block: ', array_to_string(b.blocks, ', ')) END,
        CASE WHEN w.n_slowed > 0 THEN concat('slowed: ', array_to_string(w.slowed, ', ')) END)
      WHEN n.block_conclusion = 'none' THEN concat('adequate study, ', CAST(n.n_segments_assessed AS VARCHAR),
        ' segments without block, ', CAST(coalesce(w.n_judged, 0) AS VARCHAR), ' velocities without slowing')
      WHEN n.block_conclusion = 'incomplete' THEN concat('no block in ', CAST(n.n_segments_assessed AS VARCHAR),
        ' segments, too few to say that there is none')
      WHEN n.block_conclusion = 'not_assessable' THEN 'no segment could be assessed'
      ELSE 'no motor study in use'
    END AS evidence
  FROM patient p
  LEFT JOIN core_nerve_patient n ON n.patient_key = p.patient_key
  LEFT JOIN slowing w ON w.patient_key = p.patient_key
  LEFT JOIN block b ON b.patient_key = p.patient_key
),
stated AS (
  SELECT
    g.patient_key, g.recorded_in, g.recorded, l.label_row_id,
    CASE
      WHEN l.label_row_id IS NULL THEN 'no study row in use'
      ELSE concat(
        CASE WHEN l.n_latest_rows > 1 THEN concat(CAST(l.n_latest_rows AS VARCHAR), ' study rows') ELSE 'study row' END,
        CASE WHEN s.study_on IS NULL THEN ' without a date' ELSE concat(' of ', CAST(s.study_on AS VARCHAR)) END,
        CASE WHEN g.disagree THEN ', which disagree' ELSE concat(': ', coalesce(g.recorded, 'not stated')) END)
    END AS evidence
  FROM sign g
  JOIN core_label l ON l.patient_key = g.patient_key
  LEFT JOIN stg_ncs_study s ON s.row_id = l.label_row_id
),
evidence AS (
  SELECT patient_key, recorded_in, recorded, label_row_id, evidence FROM stated
  UNION ALL
  SELECT patient_key, recorded_in, recorded, CAST(NULL AS BIGINT), evidence FROM conduction
)
SELECT
  p.patient_key, r.statement_id, r.position, r.recorded_in, e.recorded,
  CASE
    WHEN e.recorded = r.met_when THEN 'met'
    WHEN e.recorded IN ('yes', 'no', 'found', 'not_found') THEN 'not_met'
    ELSE 'not_recorded'
  END AS outcome,
  coalesce(e.evidence, 'no study row in use') AS evidence, e.label_row_id
FROM patient p
CROSS JOIN rule_diagnostic_statement r
LEFT JOIN evidence e ON e.patient_key = p.patient_key AND e.recorded_in = r.recorded_in
