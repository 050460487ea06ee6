/* One patient measured again by the same test: did the meaning change, or only the last step of the titration?
   Grain: one row a result and the one before it, of the same patient, performing laboratory, test and unit.
   Why: a titre is read to one dilution either way, so a meaning that turns over within one dilution is no change. Of
   censored titres a change is said only where every pair of values they can stand for is further apart.
   Rules used: rule_plausible titre_repeat_factor. */
WITH measured AS (
  SELECT
    r.row_id, r.arrival_id, r.row_number, r.slot, r.patient_key, r.performing_lab, r.assay, r.antigen, r.isotype,
    r.specimen, r.unit, t.date_frame, r.collected_on, r.accession, r.interpretation, r.result_kind, r.comparator,
    CASE WHEN r.comparator IN ('<', '<=') THEN CAST(0 AS DOUBLE) ELSE r.value END AS low,
    r.comparator <> '>' AS low_belongs,
    CASE WHEN r.comparator IN ('>', '>=') THEN NULL ELSE r.value END AS high,
    r.comparator <> '<' AS high_belongs
  FROM mart_result r
  JOIN stg_titre t ON t.row_id = r.row_id
  WHERE r.disposition = 'used' AND r.result_kind IN ('titre', 'number') AND NOT r.is_carried_by_partner
),
ordered AS (
  SELECT
    *,
    lag(row_id) OVER (
      PARTITION BY patient_key, date_frame, performing_lab, assay, antigen, isotype, specimen, unit, result_kind
      ORDER BY collected_on, accession NULLS LAST, row_id
    ) AS earlier_row_id
  FROM measured
),
pair AS (
  SELECT
    l.*, e.arrival_id AS earlier_arrival_id, e.row_number AS earlier_row_number, e.slot AS earlier_slot,
    e.collected_on AS earlier_collected_on, e.interpretation AS interpretation_before, e.comparator AS earlier_comparator,
    e.low AS earlier_low, e.low_belongs AS earlier_low_belongs, e.high AS earlier_high,
    e.high_belongs AS earlier_high_belongs, f.high AS factor
  FROM ordered l
  JOIN measured e ON e.row_id = l.earlier_row_id
  JOIN rule_plausible f ON f.rule_id = 'titre_repeat_factor'
),
compared AS (
  SELECT
    *,
    low > factor * earlier_high OR (low = factor * earlier_high AND NOT (low_belongs AND earlier_high_belongs))
      AS is_beyond_above,
    earlier_low > factor * high OR (earlier_low = factor * high AND NOT (earlier_low_belongs AND high_belongs))
      AS is_beyond_below
  FROM pair
)
SELECT
  patient_key, performing_lab, assay, antigen, isotype, specimen, unit,
  earlier_arrival_id, earlier_row_number, earlier_slot, earlier_collected_on, interpretation_before,
  arrival_id AS later_arrival_id, row_number AS later_row_number, slot AS later_slot, collected_on AS later_collected_on,
  interpretation AS interpretation_after,
  CASE
    WHEN interpretation = 'not_evaluable' OR interpretation_before = 'not_evaluable' THEN 'not_comparable'
    WHEN interpretation = interpretation_before THEN 'same'
    WHEN result_kind = 'number' THEN 'changed'
    WHEN coalesce(is_beyond_above, false) OR coalesce(is_beyond_below, false) THEN 'changed'
    WHEN comparator = '' AND earlier_comparator = '' THEN 'within_one_dilution'
    ELSE 'may_be_one_dilution'
  END AS change
FROM compared
ORDER BY row_id
