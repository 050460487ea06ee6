/* What one examination says about conduction block, and what that rests on.
   Grain: one row a patient, exam and criteria set.
   Why: one block is a finding whatever else was tested; no block is one only where enough was tested. A study without
   block is incomplete unless every active requirement on it is met, and not assessable where no segment could be judged.
   Rules used: rule_block_requirement, rule_study_requirement, rule_stimulation_site. */
WITH site AS (
  SELECT s.row_id, s.patient_key, s.sending_lab, s.exam_id, s.exam_on, s.study_kind, s.nerve, s.side
  FROM stg_ncs_site s
  JOIN core_site_fate f ON f.row_id = s.row_id
  WHERE f.disposition = 'used'
),
-- the first row of an examination stands for it
exam AS (
  SELECT
    min(row_id) AS exam_row_id, patient_key, sending_lab, exam_id, exam_on,
    list_sort(list(DISTINCT concat(nerve, ' ', side)) FILTER (WHERE study_kind = 'motor')) AS nerves
  FROM site
  GROUP BY patient_key, sending_lab, exam_id, exam_on
),
segment AS (
  SELECT
    e.exam_row_id, b.criteria_set, b.nerve, b.side, b.proximal_site, b.segment_part, b.conduction_block, b.reason_code,
    b.lower_limit_from, b.sensory_sparing, b.flags, p.limb, p.position,
    concat(b.nerve, ' ', b.side, ' ', b.distal_site, '-', b.proximal_site) AS named,
    b.conduction_block <> 'not_assessable' AS is_assessed,
    b.conduction_block IN ('definite', 'probable') AS is_block,
    -- excluded by the criteria, so that nothing about the recording is missing
    b.reason_code IN ('entrapment_site', 'segment_not_listed', 'segment_not_in_criteria', 'nerve_not_in_criteria')
      AS is_out_of_scope
  FROM mart_conduction_block b
  JOIN exam e
    ON e.patient_key = b.patient_key AND e.sending_lab = b.sending_lab AND e.exam_id IS NOT DISTINCT FROM b.exam_id
    AND e.exam_on IS NOT DISTINCT FROM b.exam_on
  JOIN rule_stimulation_site p ON p.site = b.proximal_site
),
finding AS (
  SELECT
    exam_row_id, criteria_set,
    count(CASE WHEN reason_code IS DISTINCT FROM 'segment_not_listed' THEN 1 END) AS n_segments_tested,
    count(CASE WHEN is_assessed THEN 1 END) AS n_segments_assessed,
    count(CASE WHEN conduction_block = 'definite' THEN 1 END) AS n_definite_block,
    count(CASE WHEN conduction_block = 'probable' THEN 1 END) AS n_probable_block,
    count(CASE WHEN conduction_block = 'definite' AND flags IS NULL THEN 1 END) AS n_definite_unflagged,
    count(CASE WHEN conduction_block = 'probable' AND flags IS NULL THEN 1 END) AS n_probable_unflagged,
    count(CASE WHEN sensory_sparing = 'not_spared' THEN 1 END) AS n_not_spared,
    count(CASE WHEN sensory_sparing = 'not_recorded' THEN 1 END) AS n_not_recorded,
    count(CASE WHEN is_assessed AND lower_limit_from = 'fallback' THEN 1 END) AS n_by_fallback_limit,
    count(CASE WHEN flags IS NOT NULL THEN 1 END) AS n_segments_flagged,
    list_sort(list(named) FILTER (WHERE is_assessed)) AS segments,
    list_sort(list(concat(named, ' ', conduction_block)) FILTER (WHERE is_block)) AS blocks
  FROM segment
  GROUP BY exam_row_id, criteria_set
),
obstacle AS (
  SELECT exam_row_id, criteria_set, reason_code, count(*) AS n
  FROM segment
  WHERE reason_code IS NOT NULL
  GROUP BY exam_row_id, criteria_set, reason_code
),
obstacles AS (
  SELECT exam_row_id, criteria_set, list_sort(list(concat(reason_code, ' ', CAST(n AS VARCHAR)))) AS reasons
  FROM obstacle
  GROUP BY exam_row_id, criteria_set
),
-- a nerve counts where its forearm and the segment up to the site asked for were judged and none between them failed
nerve_reach AS (
  SELECT
    g.exam_row_id, g.nerve, g.side, q.requirement_id, q.nerves_per_arm_at_or_above,
    count(CASE WHEN g.is_assessed AND g.segment_part = 'distal' THEN 1 END) > 0
      AND count(CASE WHEN g.is_assessed AND g.proximal_site = q.up_to_site THEN 1 END) > 0
      AND count(CASE WHEN NOT g.is_assessed AND NOT g.is_out_of_scope THEN 1 END) = 0 AS is_complete
  FROM segment g
  JOIN rule_study_requirement q ON q.criteria_set = g.criteria_set AND q.state = 'active'
  JOIN rule_stimulation_site goal ON goal.site = q.up_to_site
  -- a segment beyond the site asked for is more than is asked, and leaves no gap where it fails
  WHERE g.limb = 'arm' AND g.position <= goal.position
  GROUP BY g.exam_row_id, g.nerve, g.side, q.requirement_id, q.nerves_per_arm_at_or_above
),
arm AS (
  SELECT
    exam_row_id, requirement_id, side, count(CASE WHEN is_complete THEN 1 END) >= nerves_per_arm_at_or_above AS is_complete
  FROM nerve_reach
  GROUP BY exam_row_id, requirement_id, side, nerves_per_arm_at_or_above
),
requirement_of_exam AS (
  SELECT
    e.exam_row_id, q.criteria_set, q.requirement_id,
    count(CASE WHEN a.is_complete THEN 1 END) >= q.arms_at_or_above AS is_met
  FROM exam e
  JOIN rule_study_requirement q ON q.state = 'active'
  LEFT JOIN arm a ON a.exam_row_id = e.exam_row_id AND a.requirement_id = q.requirement_id
  GROUP BY e.exam_row_id, q.criteria_set, q.requirement_id, q.arms_at_or_above
),
adequacy AS (
  SELECT exam_row_id, criteria_set, count(CASE WHEN NOT is_met THEN 1 END) = 0 AS is_adequate
  FROM requirement_of_exam
  GROUP BY exam_row_id, criteria_set
),
joined AS (
  SELECT
    e.patient_key, e.sending_lab, e.exam_id, e.exam_on, r.criteria_set, e.nerves, f.n_segments_tested, f.n_segments_assessed,
    f.n_definite_block, f.n_probable_block, f.n_definite_unflagged, f.n_probable_unflagged, f.n_not_spared,
    f.n_not_recorded, f.n_by_fallback_limit, f.n_segments_flagged, f.segments, f.blocks, o.reasons,
    coalesce(d.is_adequate, false) AS is_adequate,
    CASE
      WHEN f.n_definite_block > 0 THEN 'definite'
      WHEN f.n_probable_block > 0 THEN 'probable'
      WHEN coalesce(f.n_segments_assessed, 0) = 0 THEN 'not_assessable'
      WHEN d.is_adequate THEN 'none'
      ELSE 'incomplete'
    END AS conclusion
  FROM exam e
  JOIN rule_block_requirement r ON r.state = 'active'
  LEFT JOIN finding f ON f.exam_row_id = e.exam_row_id AND f.criteria_set = r.criteria_set
  LEFT JOIN obstacles o ON o.exam_row_id = e.exam_row_id AND o.criteria_set = r.criteria_set
  LEFT JOIN adequacy d ON d.exam_row_id = e.exam_row_id AND d.criteria_set = r.criteria_set
)
SELECT
  patient_key, sending_lab, exam_id, exam_on, criteria_set, conclusion,
  CASE
    WHEN conclusion = 'incomplete' THEN 'too_few_segments_for_no_block'
    WHEN conclusion = 'not_assessable' AND coalesce(n_segments_tested, 0) = 0 THEN 'no_segment_tested'
    WHEN conclusion = 'not_assessable' THEN 'no_segment_assessable'
  END AS reason_code,
  is_adequate, coalesce(CAST(array_length(nerves) AS BIGINT), 0) AS n_nerves_tested,
  nullif(array_to_string(nerves, '; '), '') AS nerves_tested,
  coalesce(n_segments_tested, 0) AS n_segments_tested, coalesce(n_segments_assessed, 0) AS n_segments_assessed,
  nullif(array_to_string(segments, '; '), '') AS segments_assessed,
  coalesce(n_definite_block, 0) AS n_definite_block, coalesce(n_probable_block, 0) AS n_probable_block,
  nullif(array_to_string(blocks, '; '), '') AS blocks,
  CASE
    WHEN conclusion NOT IN ('definite', 'probable') THEN NULL
    WHEN n_not_spared > 0 THEN 'not_spared'
    WHEN n_not_recorded > 0 THEN 'not_recorded'
    ELSE 'spared'
  END AS sensory_sparing,
  CASE conclusion WHEN 'definite' THEN n_definite_unflagged = 0 WHEN 'probable' THEN n_probable_unflagged = 0 END
    AS rests_on_flagged_only,
  coalesce(n_segments_flagged, 0) AS n_segments_flagged, coalesce(n_by_fallback_limit, 0) AS n_by_fallback_limit,
  nullif(array_to_string(reasons, '; '), '') AS reasons
FROM joined
