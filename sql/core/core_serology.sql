/* What the antibody results of each patient amount to.
   Grain: one row a patient with at least one antibody row that could be his or hers.
   Why: one patient, one vote: the earliest collected evaluable IgM anti-GM1 serum result, ties by accession. The counts
   say why a patient has none. A row whose analyte could not be read may have been IgM anti-GM1 in serum. */
WITH result AS (
  SELECT r.*, s.patient_id_is_well_formed, s.date_frame
  FROM mart_result r
  JOIN stg_titre s ON s.row_id = r.row_id
  WHERE r.patient_key IS NOT NULL
    -- a malformed identifier names nobody, a control or test sample is nobody
    AND s.patient_id_is_well_formed IS DISTINCT FROM false
    AND (r.disposition <> 'excluded' OR r.reason_code = 'other_analyte')
),
-- a reflex panel is one test: filed under its titre's assay, the negative screens keep the positive titres company
panel_assay AS (
  SELECT performing_lab, panel, min(assay) AS assay
  FROM stg_titre
  WHERE panel_role = 'titre'
  GROUP BY performing_lab, panel
),
chosen AS (
  SELECT *
  FROM result
  WHERE disposition = 'used' AND is_primary_analyte AND interpretation IN ('positive', 'equivocal', 'negative')
  QUALIFY row_number() OVER (
    PARTITION BY patient_key ORDER BY collected_on NULLS LAST, accession NULLS LAST, row_id
  ) = 1
),
counted AS (
  SELECT
    patient_key,
    count(CASE WHEN disposition = 'used' AND NOT is_carried_by_partner THEN 1 END) AS n_results,
    count(CASE WHEN disposition = 'used' AND is_primary_analyte AND NOT is_carried_by_partner THEN 1 END)
      AS n_igm_gm1_serum_final,
    count(CASE WHEN disposition = 'used' AND is_primary_analyte AND interpretation <> 'not_evaluable' THEN 1 END)
      AS n_igm_gm1_serum_evaluable,
    -- the earliest of results whose days cannot be compared is a guess, and is marked as one
    count(DISTINCT CASE WHEN disposition = 'used' AND is_primary_analyte AND interpretation <> 'not_evaluable'
      THEN date_frame END) > 1 AS has_mixed_date_shift,
    count(CASE WHEN disposition = 'held' AND is_primary_analyte THEN 1 END) AS n_held,
    count(CASE WHEN disposition = 'withdrawn' AND is_primary_analyte THEN 1 END) AS n_withdrawn,
    count(CASE WHEN disposition = 'rejected' AND coalesce(antigen, 'GM1') = 'GM1' AND coalesce(isotype, 'IgM') = 'IgM'
      AND coalesce(specimen, 'serum') = 'serum' THEN 1 END) AS n_rejected,
    -- what was measured, whatever became of the row: a held IgG result is no other antibody
    count(CASE WHEN antigen = 'GM1' AND isotype = 'IgM' AND NOT is_primary_analyte THEN 1 END)
      AS n_other_specimen,
    count(CASE WHEN antigen = 'GM1' AND isotype <> 'IgM' THEN 1 END) AS n_other_isotype
  FROM result
  GROUP BY patient_key
)
SELECT
  n.*,
  CASE
    WHEN c.row_id IS NOT NULL THEN 'tested'
    WHEN n.n_igm_gm1_serum_final > 0 THEN 'unclassifiable'
    WHEN n.n_held > 0 THEN 'held'
    WHEN n.n_withdrawn > 0 THEN 'withdrawn'
    WHEN n.n_rejected > 0 THEN 'rejected'
    WHEN n.n_other_specimen > 0 THEN 'other_specimen_only'
    WHEN n.n_other_isotype > 0 THEN 'other_isotype_only'
    ELSE 'other_analyte_only'
  END AS serology_state,
  c.row_id AS chosen_row_id, c.interpretation, c.collected_on, c.accession, c.performing_lab, c.assay, c.rule_id,
  c.date_frame, c.dates_are_shifted, coalesce(p.assay, c.assay) AS assay_of_test
FROM counted n
LEFT JOIN chosen c ON c.patient_key = n.patient_key
LEFT JOIN panel_assay p ON p.performing_lab = c.performing_lab AND p.panel = c.panel
