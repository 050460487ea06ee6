/* Whom each patient key of a record stands for, by the crosswalk in force.
   Grain: one row a patient key as it was sent.
   Why: sites name one person by identifiers of their own, and only a crosswalk may say that two are one: every model after
   this one works on the joined key, which is the pseudonym of the person. A key that the crosswalk gives to two persons is
   joined to neither. One row a key, so that joining records to it can neither add nor lose one. */
WITH sent AS (
  SELECT patient_key FROM input_titre
  UNION
  SELECT patient_key FROM input_ncs_study
  UNION
  SELECT patient_key FROM input_ncs_site
),
listed AS (
  SELECT patient_key, count(DISTINCT person_key) AS n_persons, min(person_key) AS person_key
  FROM input_crosswalk
  GROUP BY patient_key
)
SELECT
  s.patient_key AS sent_patient_key,
  CASE WHEN l.n_persons = 1 THEN l.person_key ELSE s.patient_key END AS patient_key,
  CASE
    WHEN l.n_persons IS NULL THEN 'not_listed'
    WHEN l.n_persons = 1 THEN 'joined'
    ELSE 'ambiguous'
  END AS link_state
FROM sent s
LEFT JOIN listed l ON l.patient_key = s.patient_key
WHERE s.patient_key IS NOT NULL
