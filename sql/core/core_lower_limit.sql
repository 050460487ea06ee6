/* Lower limit of normal of the distal amplitude of each pair, and whose it is.
   Grain: one row a pair for which any limit is known.
   Why: the limit that the exam states comes first, then its laboratory's, then the cited fallback; which one it was
   stays beside the number. A limit of another muscle of the nerve serves only where none is for the muscle.
   Rules used: rule_nerve_limit. */
WITH pair AS (
  SELECT * FROM core_site_pair
),
listed AS (
  SELECT
    p.distal_row_id, p.proximal_row_id, l.distal_amplitude_lower_limit_mv AS lower_limit_mv,
    CASE WHEN l.sending_lab = p.sending_lab THEN 'laboratory' ELSE 'fallback' END AS lower_limit_from
  FROM pair p
  JOIN rule_nerve_limit l
    ON l.nerve = p.nerve AND (l.sending_lab = p.sending_lab OR l.sending_lab = '') AND l.state = 'active'
  QUALIFY row_number() OVER (
    PARTITION BY p.distal_row_id, p.proximal_row_id
    -- the muscle comes first: a laboratory that limits one muscle has said nothing of another
    ORDER BY CASE WHEN l.muscle = p.muscle THEN 0 ELSE 1 END, CASE WHEN l.sending_lab = p.sending_lab THEN 0 ELSE 1 END,
      l.limit_id
  ) = 1
)
SELECT
  p.distal_row_id, p.proximal_row_id,
  CASE WHEN p.exam_lower_limit_mv > 0 THEN p.exam_lower_limit_mv ELSE l.lower_limit_mv END AS lower_limit_mv,
  CASE WHEN p.exam_lower_limit_mv > 0 THEN 'exam' ELSE l.lower_limit_from END AS lower_limit_from
FROM pair p
LEFT JOIN listed l ON l.distal_row_id = p.distal_row_id AND l.proximal_row_id = p.proximal_row_id
WHERE p.exam_lower_limit_mv > 0 OR l.lower_limit_mv IS NOT NULL
