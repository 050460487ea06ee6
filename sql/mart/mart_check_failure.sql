/* Every row that failed a check at intake, with what was expected; never a value.
   Grain: one row a check and failing row.
   Why: a reviewer follows a count to the lines of the files behind it. */
WITH failure AS (
  SELECT * FROM input_check_failure
),
arrival AS (
  SELECT * FROM input_arrival
),
checked AS (
  SELECT * FROM input_check
)
SELECT
  f.check_id, f.severity, a.sending_lab, a.file_name, f.arrival_id, f.row_number, f.slot, f.record, c.why AS expected
FROM failure f
JOIN arrival a ON a.arrival_id = f.arrival_id
LEFT JOIN checked c ON c.check_id = f.check_id AND c.table_name = f.record
ORDER BY f.check_id, a.arrival_position, f.row_number, f.slot
