"""The expectations a check may use: those whose failing rows Great Expectations can list on DuckDB, and totals.

`ROWS` judge each row and can list the failing ones. `TOTALS` judge a table as a whole; they have no rows to reject, so
they may guard a mart and never a record. Left out on purpose: compound uniqueness and free SQL, whose failing rows
cannot be listed (use uniqueness of a derived key), pairs in a set, which judge rows that the check's condition leaves
out (use a derived column), and expectations about types, which differ between engines.
"""

import re

_COLUMN = ("column",)
_PAIR = ("column_A", "column_B", "ignore_row_if")
UNIQUENESS = "ExpectColumnValuesToBeUnique"

# name -> arguments without which it means nothing; `bound` stands for at least one of min_value and max_value
ROWS = {
    "ExpectColumnValuesToNotBeNull": _COLUMN,
    "ExpectColumnValuesToBeNull": _COLUMN,
    "ExpectColumnValuesToBeInSet": (*_COLUMN, "value_set"),
    "ExpectColumnValuesToNotBeInSet": (*_COLUMN, "value_set"),
    "ExpectColumnValuesToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnValueLengthsToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnValuesToMatchRegex": (*_COLUMN, "regex"),
    "ExpectColumnValuesToNotMatchRegex": (*_COLUMN, "regex"),
    UNIQUENESS: _COLUMN,
    "ExpectColumnPairValuesToBeEqual": _PAIR,
    "ExpectColumnPairValuesAToBeGreaterThanB": _PAIR,
    "ExpectSelectColumnValuesToBeUniqueWithinRecord": ("column_list", "ignore_row_if"),
}
TOTALS = {
    "ExpectTableRowCountToBeBetween": ("bound",),
    "ExpectColumnUniqueValueCountToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnMaxToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnMinToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnMeanToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnSumToBeBetween": (*_COLUMN, "bound"),
    "ExpectColumnProportionOfNonNullValuesToBeBetween": (*_COLUMN, "bound"),
}
ALL = {**ROWS, **TOTALS}


def class_name(expect: str) -> str:
    """`ExpectColumnValuesToNotBeNull` for either way Great Expectations writes that name."""
    if expect in ALL or "_" not in expect:
        return expect
    return re.sub(r"(?:^|_)([a-z])", lambda match: match[1].upper(), expect)
