/* Corrections and withdrawals, and whether they changed what a result means.
   Grain: one row a result row that was corrected or withdrawn later.
   Why: a changed result must be listed, not only replaced. */
WITH gone AS (
  SELECT r.*, i.interpretation AS interpretation_before
  FROM mart_result r
  LEFT JOIN core_interpretation i ON i.row_id = r.row_id AND i.rule_basis = 'collection'
  WHERE r.disposition IN ('superseded', 'withdrawn') AND r.status <> 'withdrawn'
),
later AS (
  SELECT * FROM mart_result
)
SELECT
  CASE WHEN g.disposition = 'withdrawn' THEN 'withdrawn' ELSE 'corrected' END AS kind,
  g.patient_key, g.sending_lab, g.accession, g.test_code,
  g.arrival_id AS earlier_arrival_id, g.row_number AS earlier_row_number,
  l.arrival_id AS later_arrival_id, l.row_number AS later_row_number,
  g.interpretation_before, l.interpretation AS interpretation_after,
  g.interpretation_before IS DISTINCT FROM l.interpretation AS is_class_change,
  l.reported_at AS changed_at
FROM gone g
LEFT JOIN later l
  ON l.arrival_id = g.original_arrival_id AND l.row_number = g.original_row_number AND l.slot = g.original_slot
ORDER BY g.row_id
