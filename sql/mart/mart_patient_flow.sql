/* From all patients seen to those tested, every loss under its own name.
   Grain: one row a step of the flow.
   Why: the steps add up: each n_remaining is the first number less every loss so far, and the last one is n_tested.
   Rules used: rule_patient_flow. */
WITH step AS (
  SELECT * FROM rule_patient_flow
),
lost AS (
  SELECT flow_class, count(*) AS n_patients FROM mart_patient WHERE flow_class <> 'tested' GROUP BY flow_class
),
everybody AS (
  SELECT count(*) AS n_patients FROM mart_patient
),
counted AS (
  SELECT
    s.position, s.kind, s.flow_class, s.label,
    CASE WHEN s.kind = 'loss' THEN coalesce(l.n_patients, 0) ELSE 0 END AS n_lost,
    e.n_patients AS n_start
  FROM step s
  CROSS JOIN everybody e
  LEFT JOIN lost l ON l.flow_class = s.flow_class
),
remaining AS (
  SELECT
    *,
    n_start - sum(n_lost) OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n_remaining
  FROM counted
)
SELECT
  position, kind, flow_class, label,
  CAST(CASE WHEN kind = 'loss' THEN n_lost ELSE n_remaining END AS BIGINT) AS n_patients,
  CAST(n_remaining AS BIGINT) AS n_remaining
FROM remaining
