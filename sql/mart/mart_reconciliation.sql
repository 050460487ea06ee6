/* Rows of each export against the sum of their dispositions.
   Grain: one row an export.
   Why: rows_counted comes from the bytes of the file by a path of its own, each disposition is counted directly, and the
   difference must be 0. Where a row holds several results, its record slots must add up as well, and the row has the
   lowest disposition among them: what is excluded or was not requested says less of a row than a result beside it. */
WITH arrival AS (
  SELECT * FROM input_arrival
),
ranked AS (
  SELECT
    arrival_id, row_number, disposition,
    CASE disposition
      WHEN 'rejected' THEN 'a' WHEN 'duplicate' THEN 'b' WHEN 'withdrawn' THEN 'c' WHEN 'superseded' THEN 'd'
      WHEN 'held' THEN 'e' WHEN 'used' THEN 'f' WHEN 'excluded' THEN 'g' WHEN 'layout' THEN 'h'
    END AS standing
  FROM mart_row_disposition
),
physical_row AS (
  SELECT arrival_id, row_number, min(standing) AS standing, count(*) AS slots
  FROM ranked
  GROUP BY arrival_id, row_number
),
counted AS (
  SELECT
    arrival_id,
    count(CASE WHEN standing = 'f' THEN 1 END) AS used,
    count(CASE WHEN standing = 'e' THEN 1 END) AS held,
    count(CASE WHEN standing = 'd' THEN 1 END) AS superseded,
    count(CASE WHEN standing = 'c' THEN 1 END) AS withdrawn,
    count(CASE WHEN standing = 'b' THEN 1 END) AS duplicate,
    count(CASE WHEN standing = 'a' THEN 1 END) AS rejected,
    count(CASE WHEN standing = 'g' THEN 1 END) AS excluded,
    count(CASE WHEN standing = 'h' THEN 1 END) AS layout,
    sum(slots) AS slots
  FROM physical_row
  GROUP BY arrival_id
)
SELECT
  a.arrival_id, a.sending_lab, a.file_name, a.sha256, a.format_id, a.received_at, a.row_unit, a.rows_counted,
  coalesce(c.used, 0) AS used, coalesce(c.held, 0) AS held, coalesce(c.superseded, 0) AS superseded,
  coalesce(c.withdrawn, 0) AS withdrawn, coalesce(c.duplicate, 0) AS duplicate, coalesce(c.rejected, 0) AS rejected,
  coalesce(c.excluded, 0) AS excluded, coalesce(c.layout, 0) AS layout,
  coalesce(c.used + c.held + c.superseded + c.withdrawn + c.duplicate + c.rejected + c.excluded + c.layout, 0)
    AS rows_accounted,
  a.rows_counted
    - coalesce(c.used + c.held + c.superseded + c.withdrawn + c.duplicate + c.rejected + c.excluded + c.layout, 0)
    AS difference,
  a.slots_counted,
  a.slots_counted - CAST(coalesce(c.slots, 0) AS BIGINT) AS slot_difference
FROM arrival a
LEFT JOIN counted c ON c.arrival_id = a.arrival_id
ORDER BY a.arrival_position
