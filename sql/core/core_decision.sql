/* What each decision about a row was made about, and whether the row still says that.
   Grain: one row a decision and the record slot it names.
   Why: a row that is read anew under other declarations may hold another result in the same place. A decision counts only
   while the fingerprint of what the row says is the one that was decided about; else the row waits again. A crosswalk
   changes who a row is about and not what it says, so the fingerprint holds the key as sent. */
WITH titre AS (
  SELECT
    t.row_id, d.reason_code, d.decision, d.fingerprint AS decided_fingerprint,
    concat_ws('|', 'titre', coalesce(t.sent_patient_key, '?'), coalesce(t.accession, '?'),
      coalesce(t.performing_lab, '?'), coalesce(t.test_code, '?'), coalesce(t.antigen, '?'),
      coalesce(t.isotype, '?'), coalesce(t.specimen, '?'), coalesce(t.assay, '?'),
      coalesce(CAST(t.collected_on AS VARCHAR), '?'), coalesce(CAST(t.reported_at AS VARCHAR), '?'),
      coalesce(t.status, '?'), coalesce(t.result_kind, '?'), coalesce(t.comparator, '?'),
      -- engines write numbers alike only where none of them writes a power of ten
      CASE
        WHEN t.value IS NULL THEN '?'
        WHEN t.value = 0 OR (100 * t.value >= 1 AND t.value < 100 * 100 * 100) THEN CAST(t.value AS VARCHAR)
        ELSE printf('%.14e', t.value)
      END, coalesce(t.unit, '?'), coalesce(t.word_meaning, '?'),
      coalesce(t.no_result_reason, '?'), coalesce(t.lab_interpretation, '?')) AS content
  FROM input_decision d
  JOIN stg_titre t ON t.arrival_id = d.arrival_id AND t.row_number = d.row_number AND t.slot = d.slot
),
study AS (
  SELECT
    s.row_id, d.reason_code, d.decision, d.fingerprint AS decided_fingerprint,
    concat_ws('|', 'ncs_study', coalesce(s.sent_patient_key, '?'), coalesce(s.study_id, '?'),
      coalesce(CAST(s.study_on AS VARCHAR), '?'), coalesce(CAST(s.reported_at AS VARCHAR), '?'),
      coalesce(s.diagnosis, '?'), coalesce(s.certainty, '?'), coalesce(s.criteria_set, '?'),
      coalesce(s.label_rests_on_anti_gm1, '?'), coalesce(s.sex, '?'),
      coalesce(CAST(s.birth_year AS VARCHAR), '?'), coalesce(CAST(s.onset_age AS VARCHAR), '?'),
      coalesce(s.umn_signs, '?'), coalesce(s.bulbar_signs, '?'), coalesce(s.sensory_signs, '?'),
      coalesce(CAST(s.first_ivig_on AS VARCHAR), '?'), coalesce(CAST(s.last_ivig_on AS VARCHAR), '?'),
      -- younger fields count only where they are filled, so that a decision from before they existed still fits
      CASE WHEN s.purely_motor IS NOT NULL THEN concat('purely_motor ', s.purely_motor) END,
      CASE WHEN s.previous_ivig_on IS NOT NULL THEN concat('previous_ivig_on ', CAST(s.previous_ivig_on AS VARCHAR)) END,
      CASE WHEN s.ivig_effect_ended_on IS NOT NULL
        THEN concat('ivig_effect_ended_on ', CAST(s.ivig_effect_ended_on AS VARCHAR)) END) AS content
  FROM input_decision d
  JOIN stg_ncs_study s ON s.arrival_id = d.arrival_id AND s.row_number = d.row_number AND s.slot = d.slot
),
site AS (
  SELECT
    s.row_id, d.reason_code, d.decision, d.fingerprint AS decided_fingerprint,
    concat_ws('|', 'ncs_site', coalesce(s.sent_patient_key, '?'), coalesce(s.exam_id, '?'),
      coalesce(CAST(s.exam_on AS VARCHAR), '?'), coalesce(s.nerve, '?'), coalesce(s.side, '?'),
      coalesce(s.muscle, '?'), coalesce(s.site, '?'), coalesce(CAST(s.latency_ms AS VARCHAR), '?'),
      coalesce(CAST(s.amplitude_mv AS VARCHAR), '?'), coalesce(CAST(s.area_mv_ms AS VARCHAR), '?'),
      coalesce(CAST(s.duration_ms AS VARCHAR), '?'), coalesce(CAST(s.distance_mm AS VARCHAR), '?'),
      -- said only where it is another measure, so that decisions made before it could be said still fit
      nullif(s.amplitude_measure, 'negative_peak')) AS content
  FROM input_decision d
  JOIN stg_ncs_site s ON s.arrival_id = d.arrival_id AND s.row_number = d.row_number AND s.slot = d.slot
),
every_record AS (
  SELECT * FROM titre
  UNION ALL
  SELECT * FROM study
  UNION ALL
  SELECT * FROM site
)
SELECT
  row_id, reason_code, decision, decided_fingerprint,
  md5(content) AS fingerprint,
  coalesce(md5(content) = decided_fingerprint, false) AS still_fits
FROM every_record
