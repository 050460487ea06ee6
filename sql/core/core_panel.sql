/* The meaning of reflex panels: a screen, and a titre that is measured only where the screen asked for it.
   Grain: one row a used result that belongs to a panel, and rule basis of core_interpretation.
   Why: titre rows alone make every tested patient positive. A negative screen without a titre is a tested negative, and
   a row that says that no titre was run is no titre; with a screen that is not negative the titre decides and carries the
   interpretation; anything else waits for its partner.
   Rules used: the panels declared by the formats. */
WITH basis AS (
  SELECT 'collection' AS rule_basis
  UNION ALL
  SELECT 'as_of' AS rule_basis
),
member AS (
  SELECT t.row_id, b.rule_basis, t.performing_lab, t.accession, t.patient_key, t.panel, t.panel_role,
    t.result_kind, f.disposition, i.interpretation, i.reason_code, i.rule_id
  FROM stg_titre t
  CROSS JOIN basis b
  LEFT JOIN core_result_fate f ON f.row_id = t.row_id
  LEFT JOIN core_interpretation i ON i.row_id = t.row_id AND i.rule_basis = b.rule_basis
  WHERE t.panel IS NOT NULL AND (f.disposition IN ('used', 'held') OR t.intake_disposition = 'rejected')
),
whole AS (
  SELECT
    *,
    count(CASE WHEN disposition = 'used' AND panel_role = 'screen' THEN 1 END) OVER panel_of_sample AS n_screens,
    count(CASE WHEN disposition = 'used' AND panel_role = 'titre' THEN 1 END) OVER panel_of_sample AS n_titres,
    count(CASE WHEN disposition = 'used' AND panel_role = 'titre' AND result_kind <> 'no_result' THEN 1 END)
      OVER panel_of_sample AS n_measured_titres,
    -- a titre that is held or could not be read is still a titre: the screen alone is not the whole panel
    count(CASE WHEN disposition IS DISTINCT FROM 'used' AND panel_role = 'titre' THEN 1 END) OVER panel_of_sample
      AS n_open_titres,
    max(CASE WHEN disposition = 'used' AND panel_role = 'screen' THEN interpretation END) OVER panel_of_sample AS screen,
    min(CASE WHEN disposition = 'used' AND panel_role = 'screen' THEN interpretation END) OVER panel_of_sample
      AS other_screen
  FROM member
  WINDOW panel_of_sample AS (PARTITION BY rule_basis, performing_lab, accession, patient_key, panel)
),
judged AS (
  SELECT
    row_id, rule_basis, interpretation, reason_code, rule_id,
    CASE
      WHEN n_screens > 1 AND screen IS DISTINCT FROM other_screen THEN 'panel_contradictory'
      WHEN panel_role = 'screen' AND interpretation = 'negative' AND n_measured_titres = 0 AND n_open_titres = 0 THEN 'own'
      WHEN panel_role = 'screen' AND n_titres > 0 AND (interpretation <> 'negative' OR n_measured_titres > 0)
        THEN 'decided_by_titre'
      WHEN panel_role = 'screen' AND interpretation = 'not_evaluable' THEN 'own'
      WHEN panel_role = 'screen' THEN 'panel_incomplete'
      WHEN n_screens = 0 THEN 'panel_incomplete'
      WHEN screen = 'negative' AND result_kind = 'no_result' THEN 'own'
      WHEN screen = 'negative' THEN 'panel_contradictory'
      WHEN screen = 'not_evaluable' THEN 'panel_incomplete'
      ELSE 'own'
    END AS reading
  FROM whole
  WHERE disposition = 'used'
)
SELECT
  row_id, rule_basis,
  CASE WHEN reading = 'own' THEN interpretation ELSE 'not_evaluable' END AS interpretation,
  CASE WHEN reading = 'own' THEN reason_code ELSE reading END AS reason_code,
  CASE WHEN reading = 'own' THEN rule_id END AS rule_id,
  reading = 'decided_by_titre' AS is_carried_by_partner
FROM judged
