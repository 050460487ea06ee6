/* How far the middle of a laboratory's values moved from one export to the next, in one unit.
   Grain: one row an export and performing laboratory, assay, antigen, isotype, specimen and unit with uncensored values.
   Why: a method that changes and keeps the name of its unit moves all its values at once; no single row shows it.
   Censored values have no middle and are left out, and so are results whose days were shifted: their export is of no time; exports with fewer values than the rule asks for are not compared. */
WITH value_of AS (
  SELECT row_id, arrival_id, performing_lab, assay, antigen, isotype, specimen, unit, value
  FROM mart_result
  WHERE disposition = 'used' AND NOT dates_are_shifted AND result_kind IN ('titre', 'number') AND comparator = '' AND value > 0
),
enough AS (
  SELECT low AS n_values FROM rule_plausible WHERE rule_id = 'value_shift_values'
),
ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY performing_lab, assay, antigen, isotype, specimen, unit, arrival_id ORDER BY value, row_id
    ) AS from_below,
    row_number() OVER (
      PARTITION BY performing_lab, assay, antigen, isotype, specimen, unit, arrival_id ORDER BY value DESC, row_id DESC
    ) AS from_above
  FROM value_of
),
middle AS (
  -- engines differ in the last digit of a median; the mean of its one or two middle values is the same on all
  SELECT
    performing_lab, assay, antigen, isotype, specimen, unit, arrival_id, count(*) AS n_values,
    avg(CASE WHEN abs(from_below - from_above) <= 1 THEN value END) AS median_value
  FROM ranked
  GROUP BY performing_lab, assay, antigen, isotype, specimen, unit, arrival_id
),
in_order AS (
  SELECT m.*, a.file_name, a.received_at, a.arrival_position
  FROM middle m
  JOIN input_arrival a ON a.arrival_id = m.arrival_id
  CROSS JOIN enough e
  WHERE m.n_values >= e.n_values
),
followed AS (
  SELECT
    *,
    lag(median_value) OVER (
      PARTITION BY performing_lab, assay, antigen, isotype, specimen, unit ORDER BY arrival_position
    ) AS median_before
  FROM in_order
)
SELECT
  performing_lab, assay, antigen, isotype, specimen, unit, arrival_id, file_name, received_at, n_values, median_value,
  median_before,
  -- the larger by the smaller, so that a fall counts like a rise
  CASE
    WHEN median_value >= median_before THEN CAST(median_value AS DOUBLE) / CAST(median_before AS DOUBLE)
    ELSE CAST(median_before AS DOUBLE) / CAST(median_value AS DOUBLE)
  END AS fold
FROM followed
