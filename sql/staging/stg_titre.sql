/* Antibody results as landed, ready for decisions.
   Grain: one row a landed result row (arrival, row number, slot).
   Why: names the test a result belongs to and the analyte of the primary analysis once, for every later model. A message
   that only confirms a result carries no value: it takes that of the latest report it can mean, and is final with it. */
WITH landed AS (
  SELECT
    t.*, k.patient_key AS joined_patient_key,
    -- days compare only within one frame: the calendar, or the shift of one identifier in one format
    CASE WHEN t.dates_are_shifted THEN concat_ws('/', 'shifted', t.format_id, t.patient_key) ELSE 'calendar' END
      AS date_frame,
    -- a test is what was measured and how, not its local code: one code may stand for several analytes, and one analyte
    -- has another code in another form of export
    concat_ws('/', coalesce(antigen, '?'), coalesce(isotype, '?'), coalesce(specimen, '?'), coalesce(assay, '?'), panel_role)
      AS test
  FROM input_titre t
  LEFT JOIN stg_patient_link k ON k.sent_patient_key = t.patient_key
),
confirmation AS (
  SELECT row_id, performing_lab, accession, joined_patient_key, collected_on, test
  FROM landed
  WHERE status = 'confirmed' AND result_kind IS NULL AND (intake_disposition IS NULL OR intake_disposition = 'held')
),
report AS (
  SELECT
    c.row_id AS confirmation_row_id,
    l.result_text, l.unit, l.result_kind, l.comparator, l.value, l.word_meaning, l.no_result_reason,
    row_number() OVER (PARTITION BY c.row_id ORDER BY l.reported_at DESC NULLS LAST, l.row_id DESC) AS recency
  FROM confirmation c
  JOIN landed l
    ON l.accession = c.accession
    AND l.performing_lab IS NOT DISTINCT FROM c.performing_lab
    AND l.joined_patient_key IS NOT DISTINCT FROM c.joined_patient_key
    AND l.collected_on IS NOT DISTINCT FROM c.collected_on
    AND l.test IS NOT DISTINCT FROM c.test
  WHERE l.result_kind IS NOT NULL AND l.status IN ('preliminary', 'final', 'corrected')
    AND (l.intake_disposition IS NULL OR l.intake_disposition = 'held')
),
confirmed AS (
  SELECT * FROM report WHERE recency = 1
)
SELECT
  l.row_id, l.arrival_id, l.row_number, l.slot, l.format_id, l.sending_lab,
  l.joined_patient_key AS patient_key, l.patient_key AS sent_patient_key, l.patient_id_is_well_formed,
  coalesce(l.dates_are_shifted, false) AS dates_are_shifted, l.date_frame, l.intake_disposition, l.intake_reason,
  l.accession, l.test_code, l.performing_lab, l.assay, l.antigen, l.isotype, l.specimen,
  coalesce(l.unit, c.unit) AS unit, l.test,
  l.collected_on, l.received_on, l.reported_at,
  CASE WHEN l.status = 'confirmed' AND coalesce(l.result_kind, c.result_kind) IS NOT NULL THEN 'final' ELSE l.status END
    AS status,
  coalesce(l.result_text, c.result_text) AS result_text,
  coalesce(l.result_kind, c.result_kind) AS result_kind,
  coalesce(l.comparator, c.comparator) AS comparator,
  coalesce(l.value, c.value) AS value,
  coalesce(l.word_meaning, c.word_meaning) AS word_meaning,
  coalesce(l.no_result_reason, c.no_result_reason) AS no_result_reason,
  l.lab_interpretation, l.panel, l.panel_role,
  l.antigen = 'GM1' AND l.isotype = 'IgM' AND l.specimen = 'serum' AS is_primary_analyte
FROM landed l
LEFT JOIN confirmed c ON c.confirmation_row_id = l.row_id
