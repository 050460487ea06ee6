/* Antibody results as landed, ready for decisions.
   Grain: one row a landed result row (arrival, row number, slot).
   Why: names the test a result belongs to and the analyte of the primary analysis once, for every later model. */
WITH landed AS (
  SELECT * FROM input_titre
)
SELECT
  row_id, arrival_id, row_number, slot, format_id, sending_lab,
  patient_key, patient_id_is_well_formed, intake_disposition, intake_reason,
  accession, test_code, performing_lab, assay, antigen, isotype, specimen, unit,
  -- a laboratory that sends no local code is told apart by what was measured
  coalesce(test_code, concat_ws('/', antigen, isotype, specimen, assay)) AS test,
  collected_on, received_on, reported_at, status,
  result_text, result_kind, comparator, value, word_meaning, no_result_reason,
  lab_interpretation, panel, panel_role,
  antigen = 'GM1' AND isotype = 'IgM' AND specimen = 'serum' AS is_primary_analyte
FROM landed
