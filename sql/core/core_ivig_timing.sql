/* When each used result was collected against treatment with immunoglobulin (IVIG).
   Grain: one row a used antibody result.
   Why: nothing is guessed. A known infusion in the first window before the sample is enough to say so, because another one
   could only be nearer; a later window needs a record, made on or after the sample, that names this infusion as the last.
   Never needs a statement made on or after the sample that nothing on record contradicts. Blank is unknown. Days compare
   only within one date frame; treatment on record in another frame leaves what comes before it unknown.
   Rules used: rule_ivig_window. */
WITH result AS (
  SELECT t.row_id, t.patient_key, t.date_frame, t.collected_on
  FROM stg_titre t
  JOIN core_result_fate f ON f.row_id = t.row_id
  WHERE f.disposition = 'used'
),
study AS (
  SELECT s.patient_key, s.date_frame, s.study_on, s.ever_ivig, s.first_ivig_on, s.last_ivig_on, s.previous_ivig_on
  FROM stg_ncs_study s
  JOIN core_study_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used' AND s.patient_key IS NOT NULL
),
infusion AS (
  SELECT patient_key, date_frame, first_ivig_on AS infused_on FROM study WHERE first_ivig_on IS NOT NULL
  UNION
  SELECT patient_key, date_frame, last_ivig_on AS infused_on FROM study WHERE last_ivig_on IS NOT NULL
  UNION
  SELECT patient_key, date_frame, previous_ivig_on AS infused_on FROM study WHERE previous_ivig_on IS NOT NULL
),
earliest AS (
  SELECT patient_key, date_frame, min(infused_on) AS earliest_ivig_on FROM infusion GROUP BY patient_key, date_frame
),
treatment AS (
  SELECT
    patient_key, date_frame,
    min(first_ivig_on) AS first_ivig_on,
    max(CASE WHEN ever_ivig = 'no' THEN study_on END) AS last_no_on,
    count(CASE WHEN ever_ivig = 'yes' THEN 1 END) AS n_yes,
    -- a yes without a day may come before any no
    count(CASE WHEN ever_ivig = 'yes' AND study_on IS NULL THEN 1 END) AS n_undated_yes,
    min(CASE WHEN ever_ivig = 'yes' THEN study_on END) AS first_yes_on
  FROM study
  GROUP BY patient_key, date_frame
),
treated_elsewhere AS (
  SELECT DISTINCT r.row_id
  FROM result r
  JOIN study s ON s.patient_key = r.patient_key AND s.date_frame <> r.date_frame
  WHERE s.ever_ivig = 'yes' OR s.first_ivig_on IS NOT NULL OR s.last_ivig_on IS NOT NULL OR s.previous_ivig_on IS NOT NULL
),
stated AS (
  SELECT
    t.patient_key, t.date_frame, t.first_ivig_on, t.last_no_on,
    t.n_yes > 0 OR e.earliest_ivig_on IS NOT NULL AS is_treated,
    -- the first infusion on record is the first one only if no other record has an earlier one
    t.first_ivig_on IS NOT NULL AND t.first_ivig_on <= e.earliest_ivig_on AS is_first_known,
    t.last_no_on IS NOT NULL AND t.n_undated_yes = 0 AND (t.first_yes_on IS NULL OR t.first_yes_on > t.last_no_on)
      AND (e.earliest_ivig_on IS NULL OR e.earliest_ivig_on > t.last_no_on) AS is_no_uncontradicted
  FROM treatment t
  LEFT JOIN earliest e ON e.patient_key = t.patient_key AND e.date_frame = t.date_frame
),
latest AS (
  SELECT r.row_id, r.patient_key, r.date_frame, r.collected_on, max(i.infused_on) AS infused_on
  FROM result r
  JOIN infusion i
    ON i.patient_key = r.patient_key AND i.date_frame = r.date_frame AND i.infused_on <= r.collected_on
  GROUP BY r.row_id, r.patient_key, r.date_frame, r.collected_on
),
named AS (
  -- a record that is no older than the sample and calls this infusion the last one, or the last but one before a later one
  SELECT DISTINCT l.row_id
  FROM latest l
  JOIN study s
    ON s.patient_key = l.patient_key AND s.date_frame = l.date_frame AND s.study_on >= l.collected_on
    AND (s.last_ivig_on = l.infused_on OR (s.previous_ivig_on = l.infused_on AND s.last_ivig_on > l.collected_on))
),
within_window AS (
  SELECT
    l.row_id, date_diff('day', l.infused_on, l.collected_on) AS days_since_ivig, w.ivig_timing,
    w.days_from = 0 OR (n.row_id IS NOT NULL AND e.row_id IS NULL) AS is_certain
  FROM latest l
  LEFT JOIN named n ON n.row_id = l.row_id
  LEFT JOIN treated_elsewhere e ON e.row_id = l.row_id
  LEFT JOIN rule_ivig_window w
    ON w.state = 'active' AND w.days_from <= date_diff('day', l.infused_on, l.collected_on)
    AND (w.days_to IS NULL OR w.days_to >= date_diff('day', l.infused_on, l.collected_on))
)
SELECT
  r.row_id,
  CASE
    WHEN w.is_certain THEN w.ivig_timing
    WHEN w.row_id IS NOT NULL THEN 'on_treatment_days_unknown'
    WHEN e.row_id IS NOT NULL THEN 'unknown'
    WHEN s.is_first_known AND r.collected_on < s.first_ivig_on THEN 'before_first'
    WHEN s.is_no_uncontradicted AND s.last_no_on >= r.collected_on AND s.is_treated THEN 'before_first'
    WHEN s.is_no_uncontradicted AND s.last_no_on >= r.collected_on THEN 'never_treated'
    ELSE 'unknown'
  END AS ivig_timing,
  CASE WHEN w.is_certain THEN w.days_since_ivig END AS days_since_ivig
FROM result r
LEFT JOIN stated s ON s.patient_key = r.patient_key AND s.date_frame = r.date_frame
LEFT JOIN treated_elsewhere e ON e.row_id = r.row_id
LEFT JOIN within_window w ON w.row_id = r.row_id
