/* Rows of each export against the sum of their dispositions.
   Grain: one row an export.
   Why: rows_counted comes from the bytes of the file by a path of its own, each disposition is counted directly, and the
   difference must be 0. */
WITH arrival AS (
  SELECT * FROM input_arrival
),
counted AS (
  SELECT
    arrival_id,
    count(CASE WHEN disposition = 'used' THEN 1 END) AS used,
    count(CASE WHEN disposition = 'held' THEN 1 END) AS held,
    count(CASE WHEN disposition = 'superseded' THEN 1 END) AS superseded,
    count(CASE WHEN disposition = 'withdrawn' THEN 1 END) AS withdrawn,
    count(CASE WHEN disposition = 'duplicate' THEN 1 END) AS duplicate,
    count(CASE WHEN disposition = 'rejected' THEN 1 END) AS rejected,
    count(CASE WHEN disposition = 'excluded' THEN 1 END) AS excluded,
    count(CASE WHEN disposition = 'layout' THEN 1 END) AS layout
  FROM mart_row_disposition
  WHERE slot = 1
  GROUP BY arrival_id
)
SELECT
  a.arrival_id, a.sending_lab, a.file_name, a.sha256, a.format_id, a.received_at, a.rows_counted,
  coalesce(c.used, 0) AS used, coalesce(c.held, 0) AS held, coalesce(c.superseded, 0) AS superseded,
  coalesce(c.withdrawn, 0) AS withdrawn, coalesce(c.duplicate, 0) AS duplicate, coalesce(c.rejected, 0) AS rejected,
  coalesce(c.excluded, 0) AS excluded, coalesce(c.layout, 0) AS layout,
  coalesce(c.used + c.held + c.superseded + c.withdrawn + c.duplicate + c.rejected + c.excluded + c.layout, 0)
    AS rows_accounted,
  a.rows_counted
    - coalesce(c.used + c.held + c.superseded + c.withdrawn + c.duplicate + c.rejected + c.excluded + c.layout, 0)
    AS difference
FROM arrival a
LEFT JOIN counted c ON c.arrival_id = a.arrival_id
ORDER BY a.arrival_position
