/* Sensory conduction of the nerve along each pair of motor sites.
   Grain: one row a pair.
   Why: in multifocal motor neuropathy sensory fibres conduct where motor fibres are blocked. Velocity is judged along
   the same segment, amplitude at the distal site, where limits are made; unless both were recorded nothing is said.
   Rules used: rule_sensory_limit, rule_stimulation_site, rule_nerve_segment. */
WITH pair AS (
  SELECT * FROM core_site_pair
),
sensory AS (
  SELECT s.*, p.position, p.region
  FROM stg_ncs_site s
  JOIN core_site_fate f ON f.row_id = s.row_id
  JOIN rule_stimulation_site p ON p.site = s.site
  WHERE f.disposition = 'used' AND s.study_kind = 'sensory'
),
judged AS (
  SELECT
    s.*,
    s.snap_amplitude_uv > l.snap_amplitude_uv_above AS has_normal_amplitude,
    s.velocity_m_per_s > l.velocity_m_per_s_above AS has_normal_velocity
  FROM sensory s
  JOIN rule_sensory_limit l
    ON l.nerve = s.nerve AND (l.sending_lab = s.sending_lab OR l.sending_lab = '') AND l.state = 'active'
  QUALIFY row_number() OVER (
    PARTITION BY s.row_id ORDER BY CASE WHEN l.sending_lab = s.sending_lab THEN 0 ELSE 1 END, l.limit_id
  ) = 1
),
seen AS (
  SELECT
    p.distal_row_id, p.proximal_row_id,
    count(CASE WHEN j.position = 1 AND j.has_normal_amplitude THEN 1 END) AS n_normal_amplitude,
    count(CASE WHEN j.position = 1 AND NOT j.has_normal_amplitude THEN 1 END) AS n_low_amplitude,
    count(CASE WHEN j.is_along AND j.has_normal_velocity THEN 1 END) AS n_normal_velocity,
    count(CASE WHEN j.is_along AND (NOT j.has_normal_velocity OR j.snap_amplitude_uv = 0) THEN 1 END) AS n_abnormal_along
  FROM pair p
  LEFT JOIN (
    SELECT
      q.distal_row_id, q.proximal_row_id, s.position, s.has_normal_amplitude, s.has_normal_velocity, s.snap_amplitude_uv,
      -- stimulated at the proximal end of the segment, so that the way through it was measured
      s.site = q.proximal_site OR (
        s.region = q.proximal_region AND q.proximal_region <> q.distal_region
        -- a way that goes on across a site of entrapment is slowed there, and not where the segment lies
        AND (q.crosses_entrapment OR g.nerve IS NULL OR NOT g.crosses_entrapment)
      ) AS is_along
    FROM pair q
    JOIN judged s
      ON s.sending_lab = q.sending_lab AND s.patient_key = q.patient_key
      AND s.exam_id IS NOT DISTINCT FROM q.exam_id AND s.exam_on IS NOT DISTINCT FROM q.exam_on
      AND s.nerve = q.nerve AND s.side = q.side
    LEFT JOIN rule_nerve_segment g
      ON g.nerve = q.nerve AND g.distal_site = q.distal_site AND g.proximal_site = s.site
  ) j ON j.distal_row_id = p.distal_row_id AND j.proximal_row_id = p.proximal_row_id
  GROUP BY p.distal_row_id, p.proximal_row_id
)
SELECT
  distal_row_id, proximal_row_id,
  CASE
    WHEN n_low_amplitude > 0 OR n_abnormal_along > 0 THEN 'not_spared'
    WHEN n_normal_amplitude > 0 AND n_normal_velocity > 0 THEN 'spared'
    ELSE 'not_recorded'
  END AS sensory_sparing
FROM seen
