/* Who is a patient.
   Grain: one row a patient seen in any export.
   Why: whoever has a study row, an antibody row or a nerve conduction site is counted in the patient flow, used or not;
   controls, test samples and malformed identifiers are nobody. Said once, so that no table knows a patient whom another
   one does not. */
WITH site AS (
  SELECT DISTINCT patient_key
  FROM stg_ncs_site
  WHERE patient_key IS NOT NULL AND patient_id_is_well_formed IS DISTINCT FROM false
    AND intake_disposition IS DISTINCT FROM 'excluded'
)
SELECT patient_key FROM core_label
UNION
SELECT patient_key FROM core_serology
UNION
SELECT patient_key FROM site
