"""A method that changed under the same unit shows in the middle of all values, not in any row."""

from pathlib import Path

import pytest
from harness import Row, built


def export(arrival: int, value: float, rows: int = 20, **given: object) -> list[Row]:
    """An export of so many patients with one value."""
    return [
        {"arrival": arrival, "accession": f"A{arrival}-{number}", "patient_key": f"p{number}", "value": value, **given}
        for number in range(rows)
    ]


@pytest.mark.parametrize(
    ("titres", "folds"),
    [
        ([*export(1, 800), *export(2, 1600)], [None, 2.0]),
        ([*export(1, 800), *export(2, 50)], [None, 16.0]),
        ([*export(1, 50), *export(2, 800)], [None, 16.0]),
        # too few to say, and left out of the comparison
        ([*export(1, 800), *export(2, 50, rows=19), *export(3, 400)], [None, 2.0]),
        # censored values have no middle
        ([*export(1, 800), *export(2, 50, comparator="<")], [None]),
        ([*export(1, 800), *export(2, 50, isotype="IgG")], [None, None]),
    ],
    ids=["a dilution", "a fall", "a rise", "too few", "censored", "another isotype"],
)
def test_fold(tmp_path: Path, titres: list[Row], folds: list[float | None]) -> None:
    con = built(tmp_path, titres)
    assert [
        fold for (fold,) in con.execute("SELECT fold FROM mart_value_shift ORDER BY received_at, isotype").fetchall()
    ] == folds
