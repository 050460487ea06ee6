/* What becomes of each antibody result that intake did not reject or exclude.
   Grain: one row a candidate result row.
   Why: repeats, corrections and withdrawals are resolved by version, never by the order of files. Versions of one result
   share performing laboratory, accession, patient, collection date and test; they stand by report time, then status.
   From the last correction on, equal values are one result and different ones wait for a person, whose decision is here.
   One sample belongs to one patient: results of one laboratory, accession and day under two patients wait, unless the
   crosswalk says that they are one person.
   Rules used: rule_result_status. */
WITH candidate AS (
  SELECT
    t.*, s.position AS status_position, s.decides,
    concat_ws('|', t.result_kind, t.comparator, CAST(t.value AS VARCHAR), t.unit, t.word_meaning, t.no_result_reason) AS stated
  FROM stg_titre t
  LEFT JOIN rule_result_status s ON s.status = t.status
  WHERE t.intake_disposition IS NULL OR t.intake_disposition = 'held'
),
repeated_key AS (
  SELECT performing_lab, accession, patient_key, collected_on, test
  FROM candidate
  GROUP BY performing_lab, accession, patient_key, collected_on, test
  HAVING count(*) > 1
),
repeated AS (
  SELECT c.*
  FROM candidate c
  JOIN repeated_key k
    ON c.performing_lab IS NOT DISTINCT FROM k.performing_lab
    AND c.accession IS NOT DISTINCT FROM k.accession
    AND c.patient_key IS NOT DISTINCT FROM k.patient_key
    AND c.collected_on IS NOT DISTINCT FROM k.collected_on
    AND c.test IS NOT DISTINCT FROM k.test
),
copied AS (
  SELECT
    *,
    min(row_id) OVER (
      PARTITION BY performing_lab, accession, patient_key, collected_on, test, status, reported_at, stated
    ) AS first_copy_id
  FROM repeated
),
standing AS (
  SELECT
    *,
    dense_rank() OVER (
      PARTITION BY performing_lab, accession, patient_key, collected_on, test
      ORDER BY reported_at NULLS FIRST, status_position NULLS FIRST
    ) AS standing
  FROM copied
  WHERE row_id = first_copy_id
),
deciding AS (
  SELECT
    *,
    max(CASE WHEN decides THEN standing END) OVER version AS deciding_standing,
    max(CASE WHEN decides THEN 0 ELSE 1 END) OVER version AS has_report_to_decide,
    max(CASE WHEN status NOT IN ('preliminary', 'confirmed') THEN standing END) OVER version AS last_verified_standing
  FROM standing
  WINDOW version AS (PARTITION BY performing_lab, accession, patient_key, collected_on, test)
),
tail AS (
  SELECT
    *,
    -- standing holds one status at one time, so the deciding row's status is that of its standing
    max(CASE WHEN standing = deciding_standing THEN status END) OVER version AS deciding_status,
    max(CASE WHEN standing = deciding_standing THEN row_id END) OVER version AS deciding_row_id,
    status NOT IN ('preliminary', 'confirmed') AND standing >= coalesce(deciding_standing, 0) AS is_in_tail
  FROM deciding
  WINDOW version AS (PARTITION BY performing_lab, accession, patient_key, collected_on, test)
),
agreed AS (
  SELECT
    *,
    min(CASE WHEN is_in_tail THEN stated END) OVER version <> max(CASE WHEN is_in_tail THEN stated END) OVER version
      AS is_conflicting,
    first_value(row_id) OVER (
      PARTITION BY performing_lab, accession, patient_key, collected_on, test
      ORDER BY is_in_tail DESC, standing, row_id
    ) AS tail_row_id,
    lag(row_id) OVER (
      PARTITION BY performing_lab, accession, patient_key, collected_on, test ORDER BY standing, row_id
    ) AS earlier_row_id
  FROM tail
  WINDOW version AS (PARTITION BY performing_lab, accession, patient_key, collected_on, test)
),
resolved AS (
  SELECT
    row_id,
    CASE
      WHEN deciding_status = 'withdrawn' AND standing <= deciding_standing THEN 'withdrawn'
      WHEN deciding_status = 'withdrawn' THEN 'held'
      WHEN status = 'preliminary' AND standing < last_verified_standing THEN 'superseded'
      WHEN status = 'preliminary' THEN 'held'
      WHEN standing < deciding_standing THEN 'superseded'
      WHEN status = 'confirmed' OR is_conflicting THEN 'held'
      WHEN row_id <> tail_row_id THEN 'duplicate'
      WHEN intake_disposition = 'held' THEN 'held'
      ELSE 'used'
    END AS disposition,
    CASE
      WHEN deciding_status = 'withdrawn' AND standing <= deciding_standing THEN 'withdrawn_by_laboratory'
      WHEN deciding_status = 'withdrawn' THEN 'sent_after_withdrawal'
      WHEN status = 'preliminary' AND standing < last_verified_standing THEN 'preliminary_replaced'
      WHEN status = 'preliminary' THEN 'preliminary'
      WHEN standing < deciding_standing THEN 'corrected'
      WHEN status = 'confirmed' THEN 'confirms_nothing_known'
      WHEN is_conflicting THEN 'conflicting_values'
      WHEN row_id <> tail_row_id THEN 'same_result_again'
      WHEN intake_disposition = 'held' THEN intake_reason
    END AS reason_code,
    CASE
      WHEN row_id = deciding_row_id AND status = 'withdrawn' THEN earlier_row_id
      WHEN deciding_status = 'withdrawn' THEN deciding_row_id
      WHEN row_id <> tail_row_id THEN tail_row_id
    END AS related_row_id
  FROM agreed
),
alone AS (
  SELECT
    c.row_id,
    CASE
      WHEN c.status = 'withdrawn' THEN 'withdrawn'
      WHEN c.status IN ('preliminary', 'confirmed') OR c.intake_disposition = 'held' THEN 'held'
      ELSE 'used'
    END AS disposition,
    CASE
      WHEN c.status = 'withdrawn' THEN 'withdraws_nothing_known'
      WHEN c.status = 'preliminary' THEN 'preliminary'
      WHEN c.status = 'confirmed' THEN 'confirms_nothing_known'
      WHEN c.intake_disposition = 'held' THEN c.intake_reason
    END AS reason_code,
    CAST(NULL AS BIGINT) AS related_row_id
  FROM candidate c
  LEFT JOIN repeated_key k
    ON c.performing_lab IS NOT DISTINCT FROM k.performing_lab
    AND c.accession IS NOT DISTINCT FROM k.accession
    AND c.patient_key IS NOT DISTINCT FROM k.patient_key
    AND c.collected_on IS NOT DISTINCT FROM k.collected_on
    AND c.test IS NOT DISTINCT FROM k.test
  -- a key of NULLs only is never repeated by this test, so the mark is the test itself, which is never NULL
  WHERE k.test IS NULL
),
fate AS (
  SELECT row_id, disposition, reason_code, related_row_id FROM resolved
  UNION ALL
  SELECT row_id, 'duplicate' AS disposition, 'exact_copy' AS reason_code, first_copy_id AS related_row_id
  FROM copied
  WHERE row_id <> first_copy_id
  UNION ALL
  SELECT row_id, disposition, reason_code, related_row_id FROM alone
),
-- a correction or withdrawal whose target is not certain must not leave the earlier value counted; a status word that
-- nobody declared may be one
open_message AS (
  SELECT c.row_id, 'correction_unclear' AS reason_code
  FROM candidate c
  JOIN alone a ON a.row_id = c.row_id
  WHERE c.decides
  UNION ALL
  SELECT row_id, 'correction_unclear' AS reason_code
  FROM agreed
  WHERE decides AND has_report_to_decide = 0
  UNION ALL
  SELECT t.row_id, 'correction_rejected' AS reason_code
  FROM stg_titre t
  LEFT JOIN rule_result_status s ON s.status = t.status
  WHERE t.intake_disposition = 'rejected' AND coalesce(s.decides, true)
),
message AS (
  SELECT m.reason_code, t.*,
    -- what could not be read or was not declared names nothing, so it cannot tell results apart
    t.intake_reason IS NOT DISTINCT FROM 'performing_lab_undeclared' OR t.performing_lab IS NULL AS is_any_lab,
    t.antigen IS NULL OR t.isotype IS NULL AS is_any_test
  FROM open_message m
  JOIN stg_titre t ON t.row_id = m.row_id
),
endangered_row AS (
  SELECT c.row_id, m.reason_code, m.row_id AS message_row_id
  FROM message m
  JOIN candidate c ON c.accession = m.accession
  WHERE c.row_id <> m.row_id
    AND (c.performing_lab = m.performing_lab OR (m.is_any_lab AND c.sending_lab = m.sending_lab))
    AND (m.is_any_test OR c.test = m.test)
    AND (m.patient_key IS NULL OR c.patient_key = m.patient_key
      OR m.collected_on IS NULL OR c.collected_on = m.collected_on)
  UNION ALL
  SELECT c.row_id, m.reason_code, m.row_id AS message_row_id
  FROM message m
  JOIN candidate c ON c.patient_key = m.patient_key AND c.collected_on = m.collected_on
  WHERE c.row_id <> m.row_id AND m.accession IS NULL
    AND (c.performing_lab = m.performing_lab OR (m.is_any_lab AND c.sending_lab = m.sending_lab))
    AND (m.is_any_test OR c.test = m.test)
),
endangered AS (
  SELECT row_id, min(reason_code) AS reason_code, min(message_row_id) AS related_row_id
  FROM endangered_row
  GROUP BY row_id
),
-- a decision answers the hold it was made about, and no other, and only of the very result it was made about
decision AS (
  SELECT row_id, reason_code, decision FROM core_decision WHERE still_fits
),
reviewed AS (
  SELECT
    f.row_id, f.disposition, f.reason_code, f.related_row_id, e.reason_code AS danger_code, e.related_row_id AS danger_row_id,
    CASE WHEN f.disposition = 'held' THEN d.decision END AS decision,
    f.disposition = 'used' OR (f.disposition = 'held' AND d.decision IS NOT DISTINCT FROM 'use') AS is_to_be_used
  FROM fate f
  LEFT JOIN endangered e ON e.row_id = f.row_id
  LEFT JOIN decision d ON d.row_id = f.row_id AND d.reason_code = f.reason_code
),
answered_version AS (
  SELECT
    r.row_id,
    CASE WHEN r.is_to_be_used AND r.danger_code IS NOT NULL THEN 'held' ELSE r.disposition END AS disposition,
    CASE WHEN r.is_to_be_used AND r.danger_code IS NOT NULL THEN r.danger_code ELSE r.reason_code END AS reason_code,
    CASE WHEN r.is_to_be_used AND r.danger_code IS NOT NULL THEN r.danger_row_id ELSE r.related_row_id END
      AS related_row_id,
    CASE WHEN r.is_to_be_used AND r.danger_code IS NOT NULL THEN d.decision ELSE r.decision END AS decision
  FROM reviewed r
  LEFT JOIN decision d ON d.row_id = r.row_id AND d.reason_code = r.danger_code
),
-- what still claims a sample for a patient: in use or waiting, not withdrawn, replaced or rejected by a person
claim AS (
  SELECT a.row_id, c.performing_lab, c.accession, c.collected_on, c.patient_key
  FROM answered_version a
  JOIN candidate c ON c.row_id = a.row_id
  WHERE a.disposition IN ('used', 'held') AND a.decision IS DISTINCT FROM 'reject'
),
claimed_twice AS (
  SELECT performing_lab, accession, collected_on
  FROM claim
  GROUP BY performing_lab, accession, collected_on
  HAVING min(patient_key) <> max(patient_key)
),
doubtful_claim AS (
  SELECT c.*
  FROM claim c
  JOIN claimed_twice t
    ON t.performing_lab = c.performing_lab AND t.accession = c.accession AND t.collected_on = c.collected_on
),
other_owner AS (
  SELECT c.row_id, o.row_id AS other_row_id
  FROM doubtful_claim c
  JOIN doubtful_claim o
    ON o.performing_lab = c.performing_lab AND o.accession = c.accession AND o.collected_on = c.collected_on
    AND o.patient_key <> c.patient_key
),
doubtful_owner AS (
  SELECT row_id, min(other_row_id) AS other_row_id FROM other_owner GROUP BY row_id
),
owned AS (
  SELECT
    a.row_id,
    CASE WHEN o.row_id IS NOT NULL THEN 'held' ELSE a.disposition END AS disposition,
    CASE WHEN o.row_id IS NOT NULL THEN 'accession_under_two_patients' ELSE a.reason_code END AS reason_code,
    CASE WHEN o.row_id IS NOT NULL THEN o.other_row_id ELSE a.related_row_id END AS related_row_id,
    CASE WHEN o.row_id IS NOT NULL THEN d.decision ELSE a.decision END AS decision
  FROM answered_version a
  -- a result that waits for another reason waits for that one first
  LEFT JOIN doubtful_owner o
    ON o.row_id = a.row_id AND (a.disposition = 'used' OR a.decision IS NOT DISTINCT FROM 'use')
  LEFT JOIN decision d ON d.row_id = o.row_id AND d.reason_code = 'accession_under_two_patients'
),
-- decisions may not give one sample to two patients: then none of them is answered
given_to_two AS (
  SELECT DISTINCT p.row_id
  FROM other_owner p
  JOIN owned a ON a.row_id = p.row_id
  JOIN owned o ON o.row_id = p.other_row_id
  WHERE a.decision = 'use' AND o.decision = 'use'
),
answered AS (
  SELECT
    o.row_id, o.disposition, o.reason_code, o.related_row_id, CASE WHEN g.row_id IS NULL THEN o.decision END AS decision
  FROM owned o
  LEFT JOIN given_to_two g ON g.row_id = o.row_id
),
-- decisions may not make two results of one: equal values are one, and of different ones none is used by decision
released AS (
  SELECT a.row_id, c.performing_lab, c.accession, c.patient_key, c.collected_on, c.test
  FROM answered a
  JOIN candidate c ON c.row_id = a.row_id
  WHERE a.decision = 'use'
),
rival AS (
  SELECT
    r.row_id,
    count(DISTINCT c.stated) AS n_stated,
    coalesce(min(CASE WHEN a.decision IS NULL THEN c.row_id END), min(c.row_id)) AS first_row_id
  FROM released r
  JOIN candidate c
    ON c.performing_lab IS NOT DISTINCT FROM r.performing_lab
    AND c.accession IS NOT DISTINCT FROM r.accession
    AND c.patient_key IS NOT DISTINCT FROM r.patient_key
    AND c.collected_on IS NOT DISTINCT FROM r.collected_on
    AND c.test IS NOT DISTINCT FROM r.test
  JOIN answered a ON a.row_id = c.row_id
  WHERE a.decision = 'use' OR a.disposition = 'used'
  GROUP BY r.row_id
)
SELECT
  a.row_id,
  CASE
    WHEN a.decision = 'reject' THEN 'rejected'
    WHEN a.decision = 'use' AND v.n_stated = 1 AND v.first_row_id = a.row_id THEN 'used'
    WHEN a.decision = 'use' AND v.n_stated = 1 THEN 'duplicate'
    ELSE a.disposition
  END AS disposition,
  CASE
    WHEN a.decision = 'reject' THEN 'rejected_on_review'
    WHEN a.decision = 'use' AND v.n_stated = 1 AND v.first_row_id = a.row_id THEN 'released'
    WHEN a.decision = 'use' AND v.n_stated = 1 THEN 'same_result_again'
    ELSE a.reason_code
  END AS reason_code,
  CASE
    WHEN a.decision = 'use' AND v.n_stated = 1 AND v.first_row_id <> a.row_id THEN v.first_row_id
    ELSE a.related_row_id
  END AS related_row_id
FROM answered a
LEFT JOIN rival v ON v.row_id = a.row_id
