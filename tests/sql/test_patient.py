"""Who is in the cohort, which result speaks for a patient, and under which name a patient leaves the flow."""

from pathlib import Path
from typing import Any

import pytest
from harness import Row, built, column, cutoff

BANDS = [
    cutoff("negative", below=800),
    cutoff("equivocal", at_or_above=800, below=1600),
    cutoff("positive", at_or_above=1600),
]


def flow(tmp_path: Path, titres: list[Row], studies: list[Row]) -> list[Any]:
    return column(built(tmp_path, titres, studies), "SELECT flow_class FROM mart_patient ORDER BY patient_key")


@pytest.mark.parametrize(
    ("titres", "studies", "expected"),
    [
        ([{}], [{}], "tested"),
        ([{}], [{"certainty": "probable"}], "tested"),
        ([{}], [{"label_rests_on_anti_gm1": None}], "tested"),
        ([{}], [{"label_rests_on_anti_gm1": "unknown"}], "tested"),
        ([{}], [{"label_rests_on_anti_gm1": "yes"}], "label_rests_on_anti_gm1"),
        ([{}], [{"certainty": "possible"}], "mmn_possible"),
        ([{}], [{"certainty": None}], "mmn_possible"),
        ([{}], [{"diagnosis": "ALS"}], "other_diagnosis"),
        ([{}], [], "no_study_row"),
        ([{}], [{"intake_disposition": "rejected"}], "study_row_rejected"),
        ([{}], [{}, {"diagnosis": "ALS"}], "study_row_held"),
        ([], [{}], "not_tested"),
        ([{"isotype": "IgG"}], [{}], "other_isotype_only"),
        ([{"isotype": "IgG+IgM"}], [{}], "other_isotype_only"),
        ([{"isotype": "IgG", "status": "preliminary"}], [{}], "other_isotype_only"),
        ([{"specimen": "CSF"}], [{}], "other_specimen_only"),
        ([{"specimen": "CSF", "status": "withdrawn"}], [{}], "other_specimen_only"),
        ([{"specimen": None}], [{}], "other_specimen_only"),
        ([{"antigen": "GM1:GalC"}], [{}], "other_analyte_only"),
        ([{"antigen": "asialo-GM1", "intake_disposition": "excluded", "intake_reason": "other_analyte"}], [{}], "other_analyte_only"),
        ([{"intake_disposition": "excluded", "intake_reason": "control"}], [{}], "not_tested"),
        ([{"intake_disposition": "rejected"}], [{}], "rejected"),
        ([{"intake_disposition": "rejected", "antigen": None}], [{}], "rejected"),
        ([{"status": "withdrawn"}], [{}], "withdrawn"),
        ([{"status": "preliminary"}], [{}], "held"),
        ([{"performing_lab": "OTHER"}], [{}], "unclassifiable"),
        ([{"performing_lab": "OTHER"}, {"accession": "A2", "status": "preliminary"}], [{}], "unclassifiable"),
        # the label is that of the latest study, not of the first one
        ([{}], [{"diagnosis": "ALS", "study_on": "2024-01-01"}, {}], "tested"),
        ([{}], [{"study_on": "2024-01-01"}, {"diagnosis": "ALS"}], "other_diagnosis"),
        # disagreement on an earlier day has been settled since
        ([{}], [{"study_on": "2024-01-01"}, {"study_on": "2024-01-01", "diagnosis": "ALS"}, {}], "tested"),
        # ... and on a later day it waits: the latest used row is the older one
        ([{}], [{"study_on": "2024-01-01"}, {}, {"diagnosis": "ALS"}], "tested"),
        ([{}], [{}, {"arrival": 2}], "tested"),
    ],
)  # fmt: skip
def test_flow_class(titres: list[Row], studies: list[Row], expected: str, tmp_path: Path) -> None:
    assert flow(tmp_path, titres, studies) == [expected]


def test_a_malformed_identifier_is_no_patient(tmp_path: Path) -> None:
    assert flow(tmp_path, [{"patient_id_is_well_formed": False, "intake_disposition": "rejected"}], []) == []


def chosen(tmp_path: Path, *titres: Row, **study: Any) -> tuple[Any, ...]:
    con = built(tmp_path, titres, [study], cutoffs_used=BANDS)
    row = con.execute("SELECT interpretation, accession, is_before_first_ivig FROM mart_patient").fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("titres", "study", "expected"),
    [
        # the earliest evaluable result, not the first row, the last, or the most positive
        ([{"accession": "B", "collected_on": "2025-02-01", "value": 3200}, {"accession": "A"}], {}, ("equivocal", "A", None)),
        ([{"accession": "B", "comparator": "<", "value": 1600}, {"accession": "C", "collected_on": "2025-02-01", "value": 1600}], {},
         ("positive", "C", None)),
        # a tie of collection dates goes by accession
        ([{"accession": "B", "value": 3200}, {"accession": "A", "value": 400}], {}, ("negative", "A", None)),
        # IVIG: the day itself is not before it, and unknown is not never
        ([{}], {"first_ivig_on": "2025-01-11"}, ("equivocal", "A1", True)),
        ([{}], {"first_ivig_on": "2025-01-10"}, ("equivocal", "A1", False)),
        ([{}], {"first_ivig_on": None}, ("equivocal", "A1", None)),
        # IgG is another disease, a complex another assay
        ([{"isotype": "IgG", "accession": "G", "collected_on": "2020-01-01", "value": 6400}, {}], {}, ("equivocal", "A1", None)),
    ],
)  # fmt: skip
def test_chosen_result(titres: list[Row], study: Row, expected: tuple[Any, ...], tmp_path: Path) -> None:
    assert chosen(tmp_path, *titres, **study) == expected


def _cohort() -> tuple[list[Row], list[Row]]:
    """Two positive, one equivocal, one negative, one not evaluable, one untested; one ALS positive; one without a label."""
    values = {"p1": 1600, "p2": 3200, "p3": 800, "p4": 400, "als": 1600, "nobody": 1600}
    titres: list[Row] = [{"patient_key": p, "accession": p, "value": v} for p, v in values.items()]
    titres.append({"patient_key": "p5", "accession": "p5", "performing_lab": "OTHER"})
    studies: list[Row] = [
        {"patient_key": f"p{n}", "first_ivig_on": "2025-06-01" if n == 1 else None} for n in range(1, 7)
    ]
    studies.append({"patient_key": "als", "diagnosis": "ALS"})
    return titres, studies


def test_rates(tmp_path: Path) -> None:
    con = built(tmp_path, *_cohort(), cutoffs_used=BANDS)
    found = con.execute("""
        SELECT analysis, population, n_tested, n_positive, n_equivocal, n_unclassifiable, verdict IS NOT NULL
        FROM mart_positive_rate WHERE stratum = 'all' AND (population IN ('MMN', 'ALS') OR n_tested > 0)
        ORDER BY population, analysis""").fetchall()
    assert found == [
        ("primary", "ALS", 1, 1, 0, 0, False),
        ("before_first_ivig", "MMN", 1, 1, 0, 1, True),
        ("equivocal_as_positive", "MMN", 4, 3, 1, 1, True),
        ("equivocal_excluded", "MMN", 3, 2, 0, 1, True),
        ("primary", "MMN", 4, 2, 1, 1, True),
    ]


def test_strata_add_up_and_carry_no_verdict(tmp_path: Path) -> None:
    con = built(tmp_path, *_cohort(), cutoffs_used=BANDS)
    found = con.execute("""
        SELECT stratum, sum(n_tested), sum(n_positive), count(verdict), count(published_low) FROM mart_positive_rate
        WHERE population = 'MMN' AND stratum <> 'all' GROUP BY stratum ORDER BY stratum""").fetchall()
    assert found == [
        (name, 4, 2, 0, 0) for name in ("assay", "criteria_set", "label_rests_on_anti_gm1", "performing_lab", "period")
    ]


def test_nobody_tested_is_not_estimable_and_never_zero(tmp_path: Path) -> None:
    found = (
        built(tmp_path)
        .execute("""
        SELECT n_tested, rate, ci_low, ci_high, verdict FROM mart_positive_rate
        WHERE analysis = 'primary' AND population = 'MMN' AND stratum = 'all'""")
        .fetchall()
    )
    assert found == [(0, None, None, None, "not_estimable")]


def test_the_flow_adds_up_to_n_tested(tmp_path: Path) -> None:
    con = built(tmp_path, *_cohort(), cutoffs_used=BANDS)
    start, lost, end = (column(con, f"SELECT coalesce(sum(n_patients), 0) FROM mart_patient_flow WHERE kind = '{kind}'")[0]
                        for kind in ("start", "loss", "end"))  # fmt: skip
    assert start == 8
    assert start - lost == end == 4
    assert column(con, "SELECT count(*) FROM mart_patient WHERE is_in_primary") == [4]
    assert column(con, "SELECT count(*) FROM mart_patient m ANTI JOIN rule_patient_flow f USING (flow_class)") == [0]


def test_a_reflex_panel_is_one_assay(tmp_path: Path) -> None:
    """Titres alone would look all positive and screens alone all negative; both are the same test."""
    screen = {
        "test_code": "SCR",
        "assay": "SCREEN",
        "panel": "igm",
        "panel_role": "screen",
        "result_kind": "word",
        "value": None,
    }
    titre = {"test_code": "TTR", "panel": "igm", "panel_role": "titre"}
    titres: list[Row] = [
        {**screen, "word_meaning": "positive"}, titre, {**screen, "word_meaning": "negative", "patient_key": "p2", "accession": "A2"},
    ]  # fmt: skip
    con = built(tmp_path, titres, [{}, {"patient_key": "p2"}])
    rates = con.execute(
        "SELECT stratum_value, n_positive, n_tested FROM mart_positive_rate WHERE stratum = 'assay'"
    ).fetchall()
    assert rates == [("LAB: ELISA", 1, 2)]
