/* What every reason code of the other tables says.
   Grain: one row a reason code.
   Why: whoever has only this file reads in it why a result is not evaluable or a segment not assessable. */
SELECT reason_code, meaning
FROM figure_message
ORDER BY reason_code
