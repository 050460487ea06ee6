/* Where every physical row of every export ended.
   Grain: one row a physical row and record slot.
   Why: each row ends in exactly one disposition; none of them is what is left over after the others. */
WITH arrival AS (
  SELECT * FROM input_arrival
),
sheet AS (
  SELECT *, count(*) OVER (PARTITION BY arrival_id) AS sheets FROM input_sheet
),
broken AS (
  SELECT arrival_id, row_number, slot, string_agg(check_id, '; ' ORDER BY check_id) AS checks
  FROM input_check_failure
  WHERE severity = 'critical'
  GROUP BY arrival_id, row_number, slot
),
study AS (
  SELECT s.*, f.disposition, f.reason_code, f.related_row_id
  FROM stg_ncs_study s
  LEFT JOIN core_study_fate f ON f.row_id = s.row_id
),
site AS (
  SELECT s.*, f.disposition, f.reason_code, f.related_row_id
  FROM stg_ncs_site s
  LEFT JOIN core_site_fate f ON f.row_id = s.row_id
),
every_row AS (
  SELECT 'titre' AS record, arrival_id, row_number, slot, disposition,
    CASE WHEN is_released AND reason_code <> 'released' THEN concat('released; ', reason_code) ELSE reason_code END
      AS reason_code,
    original_arrival_id, original_row_number, original_slot
  FROM mart_result
  UNION ALL
  SELECT 'ncs_study' AS record, s.arrival_id, s.row_number, s.slot, coalesce(s.disposition, s.intake_disposition),
    coalesce(s.reason_code, s.intake_reason), o.arrival_id, o.row_number, o.slot
  FROM study s
  LEFT JOIN stg_ncs_study o ON o.row_id = s.related_row_id
  UNION ALL
  SELECT 'ncs_site' AS record, s.arrival_id, s.row_number, s.slot, coalesce(s.disposition, s.intake_disposition),
    coalesce(s.reason_code, s.intake_reason), o.arrival_id, o.row_number, o.slot
  FROM site s
  LEFT JOIN stg_ncs_site o ON o.row_id = s.related_row_id
  UNION ALL
  SELECT 'none' AS record, arrival_id, row_number, slot, intake_disposition, intake_reason,
    CAST(NULL AS VARCHAR), CAST(NULL AS INTEGER), CAST(NULL AS INTEGER)
  FROM input_row
)
SELECT
  r.arrival_id, a.sending_lab, a.file_name, r.row_number, r.slot,
  -- where a person finds the row: rows are numbered through all sheets of a workbook, people count within one
  CASE
    WHEN s.sheets > 1 THEN concat('sheet ', s.sheet, ', row ', CAST(r.row_number - s.above AS VARCHAR))
    WHEN a.row_unit IN ('segment', 'resource') THEN concat(a.row_unit, ' ', CAST(r.row_number AS VARCHAR))
    ELSE concat('row ', CAST(r.row_number AS VARCHAR))
  END AS place,
  r.record, r.disposition,
  CASE WHEN r.disposition = 'rejected' AND b.checks IS NOT NULL THEN b.checks ELSE r.reason_code END AS reasons,
  r.original_arrival_id, r.original_row_number, r.original_slot
FROM every_row r
JOIN arrival a ON a.arrival_id = r.arrival_id
LEFT JOIN sheet s
  ON s.arrival_id = r.arrival_id AND r.row_number > s.above AND r.row_number <= s.above + s.rows
LEFT JOIN broken b
  ON r.disposition = 'rejected' AND b.arrival_id = r.arrival_id AND b.row_number = r.row_number AND b.slot = r.slot
