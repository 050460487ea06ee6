/* How records and the crosswalk in force meet, counted from both sides; and that joining moved no row.
   Grain: one row a direction and outcome; every outcome is there, also with nothing in it.
   Why: a crosswalk that matches little joins little, and one that lists people nobody has seen is of another cohort or
   written another way; neither shows in a rate. Identifiers of controls, and malformed ones, are nobody's and are left out.
   Rows gained by the link are counted because a patient who is joined twice would vote twice. */
WITH record AS (
  SELECT sent_patient_key FROM stg_titre
  WHERE patient_id_is_well_formed IS DISTINCT FROM false
    AND (intake_disposition IS DISTINCT FROM 'excluded' OR intake_reason = 'other_analyte')
  UNION
  SELECT sent_patient_key FROM stg_ncs_study
  WHERE patient_id_is_well_formed IS DISTINCT FROM false AND intake_disposition IS DISTINCT FROM 'excluded'
  UNION
  SELECT sent_patient_key FROM stg_ncs_site
  WHERE patient_id_is_well_formed IS DISTINCT FROM false AND intake_disposition IS DISTINCT FROM 'excluded'
),
seen AS (
  SELECT l.sent_patient_key, l.patient_key, l.link_state
  FROM stg_patient_link l
  JOIN record r ON r.sent_patient_key = l.sent_patient_key
),
identifier_outcome AS (
  SELECT
    count(CASE WHEN link_state = 'joined' THEN 1 END) AS n_matched,
    count(CASE WHEN link_state = 'not_listed' THEN 1 END) AS n_not_listed,
    count(CASE WHEN link_state = 'ambiguous' THEN 1 END) AS n_ambiguous
  FROM seen
),
listed AS (
  SELECT patient_key, count(DISTINCT person_key) AS n_persons FROM input_crosswalk GROUP BY patient_key
),
-- a person with one identifier that is theirs alone and was seen is found, whatever became of the others
person AS (
  SELECT
    c.person_key,
    count(CASE WHEN l.n_persons = 1 THEN s.sent_patient_key END) AS n_seen,
    count(CASE WHEN l.n_persons > 1 THEN 1 END) AS n_ambiguous
  FROM input_crosswalk c
  JOIN listed l ON l.patient_key = c.patient_key
  LEFT JOIN seen s ON s.sent_patient_key = c.patient_key
  GROUP BY c.person_key
),
person_outcome AS (
  SELECT
    count(CASE WHEN n_seen > 0 THEN 1 END) AS n_found,
    count(CASE WHEN n_seen = 0 AND n_ambiguous = 0 THEN 1 END) AS n_not_found,
    count(CASE WHEN n_seen = 0 AND n_ambiguous > 0 THEN 1 END) AS n_ambiguous,
    count(CASE WHEN n_seen > 1 THEN 1 END) AS n_joined
  FROM person
),
several AS (
  SELECT count(DISTINCT person_key) AS n
  FROM (
    SELECT person_key, namespace
    FROM input_crosswalk
    GROUP BY person_key, namespace
    HAVING count(DISTINCT patient_key) > 1
  ) given
),
rows_sent AS (
  SELECT 'titre' AS record, count(*) AS n FROM input_titre
  UNION ALL
  SELECT 'ncs_study' AS record, count(*) AS n FROM input_ncs_study
  UNION ALL
  SELECT 'ncs_site' AS record, count(*) AS n FROM input_ncs_site
),
rows_linked AS (
  SELECT 'titre' AS record, count(*) AS n FROM stg_titre
  UNION ALL
  SELECT 'ncs_study' AS record, count(*) AS n FROM stg_ncs_study
  UNION ALL
  SELECT 'ncs_site' AS record, count(*) AS n FROM stg_ncs_site
)
SELECT 'identifiers_of_records' AS direction, 'matched' AS outcome, n_matched AS n FROM identifier_outcome
UNION ALL
SELECT 'identifiers_of_records', 'not_listed', n_not_listed FROM identifier_outcome
UNION ALL
SELECT 'identifiers_of_records', 'ambiguous', n_ambiguous FROM identifier_outcome
UNION ALL
SELECT 'persons_of_crosswalk', 'found', n_found FROM person_outcome
UNION ALL
SELECT 'persons_of_crosswalk', 'not_found', n_not_found FROM person_outcome
UNION ALL
SELECT 'persons_of_crosswalk', 'ambiguous', n_ambiguous FROM person_outcome
UNION ALL
SELECT 'persons_in_detail', 'joined_from_several_identifiers', n_joined FROM person_outcome
UNION ALL
SELECT 'persons_in_detail', 'several_identifiers_in_one_namespace', n FROM several
UNION ALL
SELECT 'rows_gained_by_link', s.record, l.n - s.n
FROM rows_sent s
JOIN rows_linked l ON l.record = s.record
