/* One antibody result and everything decided about it.
   Grain: one row a landed result row (arrival, row number, slot), of every disposition.
   Why: the one place where a result is positive, equivocal, negative or not evaluable; every figure reads it from here.
   A result keeps the meaning its rule gave it on the day of collection, whatever the rule is now.
   Rules used: rule_cutoff_span through core_interpretation, panels through core_panel, rule_ivig_window through
   core_ivig_timing, rule_titre_step. */
WITH result AS (
  SELECT * FROM stg_titre
),
fate AS (
  SELECT * FROM core_result_fate
),
own AS (
  SELECT * FROM core_interpretation WHERE rule_basis = 'collection'
),
panel AS (
  SELECT * FROM core_panel WHERE rule_basis = 'collection'
),
-- what the rule in force when the build looks would say: beside the meaning that counts, never in its place
by_current_rule AS (
  SELECT
    o.row_id,
    CASE WHEN p.row_id IS NOT NULL THEN p.interpretation ELSE o.interpretation END AS interpretation,
    CASE WHEN p.row_id IS NOT NULL THEN p.rule_id ELSE o.rule_id END AS rule_id
  FROM core_interpretation o
  LEFT JOIN core_panel p ON p.row_id = o.row_id AND p.rule_basis = o.rule_basis
  WHERE o.rule_basis = 'as_of'
),
timing AS (
  SELECT * FROM core_ivig_timing
),
series AS (
  SELECT DISTINCT performing_lab, assay FROM rule_titre_step
),
related AS (
  SELECT f.row_id, t.arrival_id, t.row_number, t.slot
  FROM core_result_fate f
  JOIN stg_titre t ON t.row_id = f.related_row_id
),
decided AS (
  SELECT
    r.*,
    coalesce(f.disposition, r.intake_disposition) AS disposition,
    CASE
      WHEN f.disposition = 'used' THEN coalesce(p.interpretation, o.interpretation)
    END AS interpretation,
    CASE
      WHEN f.disposition = 'used' AND p.row_id IS NOT NULL THEN coalesce(p.reason_code, f.reason_code)
      WHEN f.disposition = 'used' THEN coalesce(o.reason_code, f.reason_code)
      ELSE coalesce(f.reason_code, r.intake_reason)
    END AS reason_code,
    CASE
      WHEN f.disposition = 'used' AND p.row_id IS NOT NULL THEN p.rule_id
      WHEN f.disposition = 'used' THEN o.rule_id
    END AS rule_id,
    CASE WHEN f.disposition = 'used' THEN c.interpretation END AS interpretation_by_current_rule,
    CASE WHEN f.disposition = 'used' THEN c.rule_id END AS current_rule_id,
    coalesce(p.is_carried_by_partner, false) AS is_carried_by_partner,
    f.reason_code IS NOT DISTINCT FROM 'released' AS is_released
  FROM result r
  LEFT JOIN fate f ON f.row_id = r.row_id
  LEFT JOIN own o ON o.row_id = r.row_id
  LEFT JOIN by_current_rule c ON c.row_id = r.row_id
  LEFT JOIN panel p ON p.row_id = r.row_id
)
SELECT
  d.row_id, d.arrival_id, d.row_number, d.slot, d.sending_lab, d.performing_lab, d.patient_key, d.sent_patient_key, d.accession, d.test_code,
  d.assay, d.antigen, d.isotype, d.specimen, d.unit, d.dates_are_shifted, d.collected_on, d.received_on, d.reported_at, d.status,
  -- the cell of a rejected row may hold anything, a name among it
  CASE WHEN d.disposition <> 'rejected' THEN d.result_text END AS result_text,
  d.result_kind, d.comparator, d.value, d.lab_interpretation, d.panel, d.panel_role,
  d.disposition, d.interpretation, d.reason_code, d.rule_id,
  d.interpretation_by_current_rule, d.current_rule_id, d.is_carried_by_partner, d.is_released,
  coalesce(d.is_primary_analyte, false) AS is_primary_analyte,
  CASE WHEN d.interpretation <> 'not_evaluable' THEN d.interpretation = d.lab_interpretation END AS agrees_with_lab,
  -- unknown where the laboratory declares no series
  CASE WHEN d.result_kind = 'titre' AND s.assay IS NOT NULL AND d.disposition <> 'rejected' THEN p.titre IS NULL END
    AS is_off_series,
  t.ivig_timing, t.days_since_ivig,
  r.arrival_id AS original_arrival_id, r.row_number AS original_row_number, r.slot AS original_slot
FROM decided d
LEFT JOIN related r ON r.row_id = d.row_id
LEFT JOIN timing t ON t.row_id = d.row_id
LEFT JOIN series s ON s.performing_lab = d.performing_lab AND s.assay = d.assay
LEFT JOIN rule_titre_step p ON p.performing_lab = d.performing_lab AND p.assay = d.assay AND p.titre = d.value
