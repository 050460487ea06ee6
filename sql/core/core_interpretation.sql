/* What each result means by the cut-off of the laboratory that measured it, on the day of collection.
   Grain: one row a result that is or was in use (used, superseded, withdrawn).
   Why: positivity belongs to laboratory, assay, antigen, isotype, specimen, unit and date, so the join is exact and there
   is no default. A censored value is an interval: it has an interpretation only when all of it lies inside bands of that
   interpretation. A word is the laboratory's own statement, as its format declares it.
   Rules used: rule_cutoff_span. */
WITH result AS (
  SELECT t.*
  FROM stg_titre t
  JOIN core_result_fate f ON f.row_id = t.row_id
  WHERE f.disposition IN ('used', 'superseded', 'withdrawn')
),
measured AS (
  SELECT
    row_id, performing_lab, assay, antigen, isotype, specimen, unit, collected_on, comparator,
    CASE WHEN comparator IN ('<', '<=') THEN CAST(0 AS DOUBLE) ELSE value END AS low,
    comparator <> '>' AS low_belongs,
    CASE WHEN comparator IN ('>', '>=') THEN NULL ELSE value END AS high,
    comparator NOT IN ('<', '>', '>=') AS high_belongs
  FROM result
  WHERE result_kind IN ('titre', 'number')
),
inside AS (
  SELECT m.row_id, s.interpretation, s.rule_id, s.n_bands
  FROM measured m
  JOIN rule_cutoff_span s
    ON s.performing_lab = m.performing_lab AND s.assay = m.assay AND s.antigen = m.antigen AND s.isotype = m.isotype
    AND s.specimen = m.specimen AND s.unit = m.unit
    AND m.collected_on >= s.first_day AND m.collected_on <= s.last_day
  WHERE
    (s.low IS NULL OR m.low > s.low OR (m.low = s.low AND (s.low_belongs OR NOT m.low_belongs)))
    AND (s.high IS NULL OR m.high < s.high OR (m.high = s.high AND (s.high_belongs OR NOT m.high_belongs)))
),
decided AS (
  -- the narrowest span names the deciding rule: a band alone before a run of bands
  SELECT row_id, interpretation, rule_id
  FROM inside
  QUALIFY row_number() OVER (PARTITION BY row_id ORDER BY n_bands, rule_id) = 1
),
undecided AS (
  SELECT m.*
  FROM measured m
  LEFT JOIN decided d ON d.row_id = m.row_id
  WHERE d.row_id IS NULL
),
rule_on_day AS (
  SELECT DISTINCT u.row_id
  FROM undecided u
  JOIN rule_cutoff_span s
    ON s.performing_lab = u.performing_lab AND s.assay = u.assay AND s.antigen = u.antigen AND s.isotype = u.isotype
    AND s.specimen = u.specimen AND s.unit = u.unit
    AND u.collected_on >= s.first_day AND u.collected_on <= s.last_day
),
rule_for_unit AS (
  SELECT DISTINCT performing_lab, assay, antigen, isotype, specimen, unit FROM rule_cutoff_span
),
rule_for_specimen AS (
  SELECT DISTINCT performing_lab, assay, antigen, isotype, specimen FROM rule_cutoff_span
),
rule_for_isotype AS (
  SELECT DISTINCT performing_lab, assay, antigen, isotype FROM rule_cutoff_span
),
reason AS (
  SELECT
    u.row_id,
    CASE
      WHEN d.row_id IS NOT NULL AND u.comparator = '' THEN 'between_bands'
      WHEN d.row_id IS NOT NULL THEN 'straddles_cut_off'
      WHEN n.unit IS NOT NULL THEN 'no_rule_on_that_day'
      WHEN s.specimen IS NOT NULL THEN 'unit_differs_from_rule'
      WHEN i.isotype IS NOT NULL THEN 'no_rule_for_specimen'
      ELSE 'no_rule'
    END AS reason_code
  FROM undecided u
  LEFT JOIN rule_on_day d ON d.row_id = u.row_id
  LEFT JOIN rule_for_unit n
    ON n.performing_lab = u.performing_lab AND n.assay = u.assay AND n.antigen = u.antigen AND n.isotype = u.isotype
    AND n.specimen = u.specimen AND n.unit = u.unit
  LEFT JOIN rule_for_specimen s
    ON s.performing_lab = u.performing_lab AND s.assay = u.assay AND s.antigen = u.antigen AND s.isotype = u.isotype
    AND s.specimen = u.specimen
  LEFT JOIN rule_for_isotype i
    ON i.performing_lab = u.performing_lab AND i.assay = u.assay AND i.antigen = u.antigen AND i.isotype = u.isotype
)
SELECT row_id, interpretation, CAST(NULL AS VARCHAR) AS reason_code, rule_id FROM decided
UNION ALL
SELECT row_id, 'not_evaluable' AS interpretation, reason_code, CAST(NULL AS VARCHAR) AS rule_id FROM reason
UNION ALL
SELECT row_id, word_meaning AS interpretation, CAST(NULL AS VARCHAR) AS reason_code, concat('words:', format_id) AS rule_id
FROM result
WHERE result_kind = 'word'
UNION ALL
SELECT row_id, 'not_evaluable' AS interpretation, concat('no_result_', no_result_reason) AS reason_code,
  CAST(NULL AS VARCHAR) AS rule_id
FROM result
WHERE result_kind = 'no_result'
UNION ALL
-- a withdrawal message may come without a value
SELECT row_id, 'not_evaluable' AS interpretation, 'no_value' AS reason_code, CAST(NULL AS VARCHAR) AS rule_id
FROM result
WHERE result_kind IS NULL
