/* The sheets of each workbook that has several, and how rows are numbered through them.
   Grain: one row a sheet.
   Why: a row number names one row of an export; a person looks for it on a sheet. */
WITH sheet AS (
  SELECT *, count(*) OVER (PARTITION BY arrival_id) AS sheets FROM input_sheet
)
SELECT arrival_id, sheet, above AS rows_above, rows AS n_rows
FROM sheet
WHERE sheets > 1
ORDER BY arrival_id, above, sheet
