/* The five diagnostic statements of the source documents for each patient, with what decided them.
   Grain: one row a patient and statement.
   Why: a stated diagnosis and what the data support are two things. Every statement says where it was read, so that a
   reviewer can look it up; an outcome changes no population and no label.
   Rules used: rule_diagnostic_statement. */
WITH patient AS (
  SELECT patient_key, population FROM mart_patient
)
SELECT
  s.patient_key, p.population, s.position, s.statement_id, r.label, s.outcome, s.recorded, s.evidence,
  s.label_row_id AS row_id
FROM core_diagnostic_statement s
JOIN patient p ON p.patient_key = s.patient_key
JOIN rule_diagnostic_statement r ON r.statement_id = s.statement_id
