"""What became of each row of one export, as tables of the connection: one row a record slot, then one a physical row.

Rows of other laboratories are never read here: a row that was sent before by one of them is told as just that.
"""

import duckdb

from pipeline.feedback.exports import Export
from pipeline.feedback.wording import Wording

# What else is odd about a row is told where the laboratory will look at the row anyway, or where it counts.
_FATE = """
    CREATE OR REPLACE TEMP TABLE fate AS
    WITH own AS (
      SELECT * FROM disposition WHERE arrival_id = $arrival
    ),
    warned AS (
      SELECT row_number, slot, string_agg(check_id, '; ' ORDER BY check_id) AS checks
      FROM warehouse.mart_check_failure
      WHERE arrival_id = $arrival AND severity = 'warning'
      GROUP BY row_number, slot
    ),
    related AS (
      SELECT DISTINCT original_arrival_id, original_row_number, original_slot FROM own
      WHERE original_arrival_id IS NOT NULL
    ),
    other AS (
      SELECT d.arrival_id, d.row_number, d.slot, d.place, regexp_replace(d.file_name, '\\pC', ' ', 'g') AS file_name,
        strftime(r.received_at, '%Y-%m-%d') AS received_on
      FROM related n
      JOIN disposition d
        ON d.arrival_id = n.original_arrival_id AND d.row_number = n.original_row_number AND d.slot = n.original_slot
      JOIN warehouse.mart_reconciliation r ON r.arrival_id = d.arrival_id
      WHERE d.sending_lab = $lab AND r.sending_lab = $lab
    )
    SELECT o.row_number, o.slot, o.place, o.disposition,
      nullif(concat_ws('; ', o.reasons, CASE WHEN o.disposition IN ('used', 'held', 'rejected') THEN w.checks END), '')
        AS reasons,
      CASE WHEN o.original_arrival_id IS NOT NULL THEN
        CASE WHEN o.disposition = 'duplicate' THEN ' The original ' ELSE ' The other row ' END
        || CASE
          WHEN p.arrival_id = o.arrival_id THEN 'is ' || p.place || ' of this file.'
          WHEN p.arrival_id IS NOT NULL THEN 'is ' || p.place || ' of ' || p.file_name || ', received on ' || p.received_on || '.'
          ELSE 'was sent by another laboratory.'
        END
      END AS other_row
    FROM own o
    LEFT JOIN warned w ON w.row_number = o.row_number AND w.slot = o.slot
    LEFT JOIN other p
      ON p.arrival_id = o.original_arrival_id AND p.row_number = o.original_row_number AND p.slot = o.original_slot"""
_ONE_A_ROW = """
    CREATE OR REPLACE TEMP VIEW row_fate AS
    SELECT f.row_number, f.place, f.disposition, f.reasons, trim(concat(t.what, f.other_row)) AS what
    FROM fate f
    JOIN told t ON t.disposition = f.disposition AND t.reasons IS NOT DISTINCT FROM f.reasons"""
# Slots that hold nothing are not spoken of beside those that do.
_SEVERAL_A_ROW = """
    CREATE OR REPLACE TEMP VIEW row_fate AS
    WITH said AS (
      SELECT f.*, trim(concat(t.what, f.other_row)) AS what, f.disposition = 'layout' AS is_layout,
        CASE WHEN count(*) OVER (PARTITION BY f.row_number) > 1 THEN 'result ' || f.slot || ': ' ELSE '' END AS which
      FROM fate f
      JOIN told t ON t.disposition = f.disposition AND t.reasons IS NOT DISTINCT FROM f.reasons
    )
    SELECT row_number, any_value(place) AS place,
      CASE
        WHEN bool_and(is_layout) THEN 'layout'
        WHEN count(DISTINCT disposition) FILTER (WHERE NOT is_layout) = 1 THEN any_value(disposition) FILTER (WHERE NOT is_layout)
        ELSE string_agg(which || disposition, '; ' ORDER BY slot) FILTER (WHERE NOT is_layout)
      END AS disposition,
      CASE
        WHEN bool_and(is_layout) THEN string_agg(DISTINCT reasons, '; ')
        ELSE string_agg(which || reasons, '; ' ORDER BY slot) FILTER (WHERE NOT is_layout)
      END AS reasons,
      coalesce(string_agg(which || what, ' ' ORDER BY slot) FILTER (WHERE what <> '' AND NOT is_layout), '') AS what
    FROM said
    GROUP BY row_number"""


def create_fates(con: duckdb.DuckDBPyConnection, export: Export, wording: Wording) -> None:
    """Makes `fate` (row_number, slot, place, disposition, reasons, other_row) and `row_fate` (one row a physical row)."""
    con.execute(_FATE, {"arrival": export.arrival_id, "lab": export.lab})
    con.execute("CREATE OR REPLACE TEMP TABLE told (disposition VARCHAR, reasons VARCHAR, what VARCHAR)")
    for disposition, reasons in con.execute("SELECT DISTINCT disposition, reasons FROM fate").fetchall():
        what = wording.what_to_change(disposition, reasons)
        con.execute("INSERT INTO told VALUES (?, ?, ?)", [disposition, reasons, what])
    has_slots = con.execute("SELECT coalesce(max(slot), 1) > 1 FROM fate").fetchall()[0][0]
    con.execute(_SEVERAL_A_ROW if has_slots else _ONE_A_ROW)
