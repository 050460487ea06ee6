/* What each result means by the cut-off of the laboratory that measured it: by the rule of the day of collection, which
   counts, and by the rule in force when the build looks.
   Grain: one row a result that is or was in use (used, superseded, withdrawn) and rule basis (collection, as_of).
   Why: positivity belongs to laboratory, assay, antigen, isotype, specimen, unit and date, so the join is exact and there
   is no default. A censored value is an interval: it has an interpretation only when all of it lies inside bands of that
   interpretation. A word is the laboratory's own statement, as its format declares it. When a cut-off changes, a result
   keeps the meaning of its day; what today's rule would say stands beside it and counts nowhere.
   A collection date that was shifted chooses between no two rules: only a test with one undated cut-off is read then.
   Rules used: rule_cutoff, rule_cutoff_span. */
WITH basis AS (
  SELECT 'collection' AS rule_basis, CAST(NULL AS DATE) AS ruled_on
  UNION ALL
  SELECT 'as_of' AS rule_basis, CAST(as_of AS DATE) AS ruled_on FROM input_build
),
-- tests whose cut-offs bear no date: one version for every day
undated AS (
  SELECT performing_lab, assay, antigen, isotype, specimen, unit
  FROM rule_cutoff
  WHERE state = 'active'
  GROUP BY performing_lab, assay, antigen, isotype, specimen, unit
  HAVING count(valid_from) = 0 AND count(valid_to) = 0
),
result AS (
  SELECT
    t.*, b.rule_basis,
    CASE
      WHEN b.ruled_on IS NOT NULL THEN b.ruled_on
      -- a day that was shifted chooses no dated rule
      WHEN NOT t.dates_are_shifted OR u.unit IS NOT NULL THEN t.collected_on
    END AS ruled_on
  FROM stg_titre t
  JOIN core_result_fate f ON f.row_id = t.row_id
  CROSS JOIN basis b
  LEFT JOIN undated u
    ON u.performing_lab = t.performing_lab AND u.assay = t.assay AND u.antigen = t.antigen AND u.isotype = t.isotype
    AND u.specimen = t.specimen AND u.unit = t.unit
  WHERE f.disposition IN ('used', 'superseded', 'withdrawn')
),
measured AS (
  SELECT
    row_id, rule_basis, ruled_on, dates_are_shifted, performing_lab, assay, antigen, isotype, specimen, unit, comparator,
    CASE WHEN comparator IN ('<', '<=') THEN CAST(0 AS DOUBLE) ELSE value END AS low,
    comparator <> '>' AS low_belongs,
    CASE WHEN comparator IN ('>', '>=') THEN NULL ELSE value END AS high,
    comparator NOT IN ('<', '>', '>=') AS high_belongs
  FROM result
  WHERE result_kind IN ('titre', 'number')
),
inside AS (
  SELECT m.row_id, m.rule_basis, s.interpretation, s.rule_id, s.n_bands
  FROM measured m
  JOIN rule_cutoff_span s
    ON s.performing_lab = m.performing_lab AND s.assay = m.assay AND s.antigen = m.antigen AND s.isotype = m.isotype
    AND s.specimen = m.specimen AND s.unit = m.unit
    AND m.ruled_on >= s.first_day AND m.ruled_on <= s.last_day
  WHERE
    (s.low IS NULL OR m.low > s.low OR (m.low = s.low AND (s.low_belongs OR NOT m.low_belongs)))
    AND (s.high IS NULL OR m.high < s.high OR (m.high = s.high AND (s.high_belongs OR NOT m.high_belongs)))
),
decided AS (
  -- the narrowest span names the deciding rule: a band alone before a run of bands
  SELECT row_id, rule_basis, interpretation, rule_id
  FROM inside
  QUALIFY row_number() OVER (PARTITION BY row_id, rule_basis ORDER BY n_bands, rule_id) = 1
),
undecided AS (
  SELECT m.*
  FROM measured m
  LEFT JOIN decided d ON d.row_id = m.row_id AND d.rule_basis = m.rule_basis
  WHERE d.row_id IS NULL
),
rule_on_day AS (
  SELECT
    u.row_id, u.rule_basis,
    -- whether some value that the result may have lies in some band
    max(CASE
      WHEN s.high < u.low OR (s.high = u.low AND NOT (s.high_belongs AND u.low_belongs)) THEN 0
      WHEN s.low > u.high OR (s.low = u.high AND NOT (s.low_belongs AND u.high_belongs)) THEN 0
      ELSE 1
    END) AS meets_a_band
  FROM undecided u
  JOIN rule_cutoff_span s
    ON s.performing_lab = u.performing_lab AND s.assay = u.assay AND s.antigen = u.antigen AND s.isotype = u.isotype
    AND s.specimen = u.specimen AND s.unit = u.unit
    AND u.ruled_on >= s.first_day AND u.ruled_on <= s.last_day
  GROUP BY u.row_id, u.rule_basis
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
    u.row_id, u.rule_basis,
    CASE
      WHEN d.meets_a_band = 0 THEN 'between_bands'
      WHEN d.row_id IS NOT NULL THEN 'straddles_cut_off'
      WHEN n.unit IS NOT NULL AND u.dates_are_shifted AND u.ruled_on IS NULL THEN 'collection_date_shifted'
      WHEN n.unit IS NOT NULL THEN 'no_rule_on_that_day'
      WHEN s.specimen IS NOT NULL THEN 'unit_differs_from_rule'
      WHEN i.isotype IS NOT NULL THEN 'no_rule_for_specimen'
      ELSE 'no_rule'
    END AS reason_code
  FROM undecided u
  LEFT JOIN rule_on_day d ON d.row_id = u.row_id AND d.rule_basis = u.rule_basis
  LEFT JOIN rule_for_unit n
    ON n.performing_lab = u.performing_lab AND n.assay = u.assay AND n.antigen = u.antigen AND n.isotype = u.isotype
    AND n.specimen = u.specimen AND n.unit = u.unit
  LEFT JOIN rule_for_specimen s
    ON s.performing_lab = u.performing_lab AND s.assay = u.assay AND s.antigen = u.antigen AND s.isotype = u.isotype
    AND s.specimen = u.specimen
  LEFT JOIN rule_for_isotype i
    ON i.performing_lab = u.performing_lab AND i.assay = u.assay AND i.antigen = u.antigen AND i.isotype = u.isotype
)
SELECT row_id, rule_basis, interpretation, CAST(NULL AS VARCHAR) AS reason_code, rule_id FROM decided
UNION ALL
SELECT row_id, rule_basis, 'not_evaluable' AS interpretation, reason_code, CAST(NULL AS VARCHAR) AS rule_id FROM reason
UNION ALL
SELECT row_id, rule_basis, word_meaning AS interpretation, CAST(NULL AS VARCHAR) AS reason_code,
  concat('words:', format_id) AS rule_id
FROM result
WHERE result_kind = 'word'
UNION ALL
SELECT row_id, rule_basis, 'not_evaluable' AS interpretation, concat('no_result_', no_result_reason) AS reason_code,
  CAST(NULL AS VARCHAR) AS rule_id
FROM result
WHERE result_kind = 'no_result'
UNION ALL
-- a withdrawal message may come without a value
SELECT row_id, rule_basis, 'not_evaluable' AS interpretation, 'no_value' AS reason_code, CAST(NULL AS VARCHAR) AS rule_id
FROM result
WHERE result_kind IS NULL
