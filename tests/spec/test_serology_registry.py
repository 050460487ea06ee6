"""The registry of published cut-offs: what laboratories print is shown, and never applied.

Each line below is a row as its laboratory prints it. A row is `draft`: no result is interpreted by it until a site makes it
its own, with days of validity and an approver. What a row means is shown by doing exactly that.
"""

import csv
from pathlib import Path
from typing import Any

import pytest
from harness import Row, built

from pipeline import resources, rulebook
from pipeline.labs.model import UNITS

SHIPPED = rulebook.load([resources.RULES_DIR])
PUBLISHED = (resources.RULES_DIR / "assay_cutoffs.csv").read_text(encoding="utf-8").splitlines()
DRAFTS = [row for row in csv.DictReader(PUBLISHED) if row["state"] == "draft"]
KEY = ("performing_lab", "assay", "antigen", "isotype", "specimen", "unit")


def activated(prefix: str) -> list[Row]:
    """The draft rows whose id begins so, as a site would activate them."""
    rows = [{**row, "state": "active", "approved_by": "site", "approved_on": "2025-01-01"} for row in DRAFTS
            if row["rule_id"].startswith(prefix)]  # fmt: skip
    assert rows, prefix
    return rows


def result_for(rule: Row, text: str) -> Row:
    """A result of exactly the test that a rule is for; `text` is a value with its sign, such as <400."""
    value = text.lstrip("<>=")
    sign = text.removesuffix(value)
    return {**{name: rule[name] for name in KEY}, "comparator": sign, "value": value, "result_text": text}


def meanings(tmp_path: Path, prefix: str, *values: str) -> list[Any]:
    rules = activated(prefix)
    titres = [{**result_for(rules[0], value), "accession": f"A{n}"} for n, value in enumerate(values)]
    con = built(tmp_path, titres, cutoffs_used=rules)
    found = con.execute("SELECT interpretation, reason_code FROM mart_result ORDER BY row_id").fetchall()
    return [reason if meaning == "not_evaluable" else meaning for meaning, reason in found]


@pytest.mark.parametrize(
    ("rule_ids_begin", "printed"),
    [
        pytest.param("arup.igm", {"29": "negative", "29.5": "between_bands", "30": "equivocal", "50": "equivocal",
                     "50.5": "between_bands", "51": "positive", "100": "positive", "101": "positive",
                     "<30": "straddles_cut_off"},
                     id="ARUP, IgM, index: whole values, and what lies between two of them belongs to no band"),
        pytest.param("arup.igg", {"29": "negative", "30": "equivocal", "50": "equivocal", "51": "positive"},
                     id="ARUP, IgG, index"),
        pytest.param("arup.2010.combined", {"29": "negative", "30": "equivocal", "51": "positive", "150": "positive",
                     "151": "positive"},
                     id="ARUP, the edition of 2010, IgG and IgM combined"),
        pytest.param("arup.0051033.combined", {"29": "negative", "50": "equivocal", "51": "positive"},
                     id="ARUP 0051033, IgG and IgM combined"),
        pytest.param("mayo.older.igm", {"1000": "negative", "1500": "between_bands", "2000": "equivocal", "2001": "positive",
                     "4000": "positive", ">2000": "positive", ">=2000": "straddles_cut_off"},
                     id="Mayo, older edition, IgM: exactly 1:2,000 is equivocal"),
        pytest.param("mayo.older.igg", {"500": "negative", "1000": "equivocal", "1001": "positive"},
                     id="Mayo, older edition, IgG"),
        pytest.param("mayo.newer.igm", {"3999": "negative", "4000": "positive", "<4000": "negative",
                     "<=4000": "straddles_cut_off"},
                     id="Mayo, newer edition, IgM: no equivocal band, and a higher limit"),
        pytest.param("mayo.newer.igg", {"1999": "negative", "2000": "positive"},
                     id="Mayo, newer edition, IgG"),
        pytest.param("washu.igm.co_gm1", {"2000": "between_bands", "2001": "positive"},
                     id="Washington University, IgM against Co-GM1: above 2,000; no negative side is stated"),
        pytest.param("washu.igm.np9", {"2000": "between_bands", "2001": "positive"},
                     id="Washington University, IgM against NP-9: above 2,000; no negative side is stated"),
        pytest.param("washu.igg.gm1", {"2000": "between_bands", "2001": "positive"},
                     id="Washington University, IgG against GM1: above 2,000; no negative side is stated"),
        pytest.param("washu.paper.igm.gm1", {"1999": "between_bands", "2000": "positive"},
                     id="a paper of the same group, IgM against GM1: 2000 or more"),
        pytest.param("ganglio_combi.igm", {"29.9": "negative", "30": "equivocal", "49.9": "equivocal", "50": "between_bands",
                     "50.1": "positive", "100": "positive", "100.1": "positive"},
                     id="GanglioCombi, IgM: which band holds exactly 50 is not stated, so none does"),
        pytest.param("ganglio_combi.igg", {"29.9": "negative", "50": "between_bands"},
                     id="GanglioCombi, IgG"),
        pytest.param("svar.546.serum.igm", {"29.9": "negative", "30": "equivocal", "50": "equivocal", "50.1": "positive",
                     "100": "positive", "100.1": "positive", ">100": "positive"},
                     id="Svar 546, IgM in serum"),
        pytest.param("svar.546.serum.igg", {"29.9": "negative", "30": "equivocal", "50.1": "positive"},
                     id="Svar 546, IgG in serum"),
        pytest.param("svar.546.csf", {"9.9": "negative", "10": "equivocal", "14.9": "equivocal", "15": "positive"},
                     id="Svar 546, cerebrospinal fluid: another unit and another limit"),
        pytest.param("australia_2000.igm", {"20": "negative", "20.1": "positive", "50": "positive", "50.1": "positive"},
                     id="Australian in-house ELISA of 2000, IgM: above 20 units"),
        pytest.param("australia_2000.igg", {"10": "negative", "10.1": "positive", "50.1": "positive"},
                     id="the same, IgG: above 10 units"),
    ],
)  # fmt: skip
def test_a_row_means_what_its_laboratory_prints(rule_ids_begin: str, printed: dict[str, str], tmp_path: Path) -> None:
    assert dict(zip(printed, meanings(tmp_path, rule_ids_begin, *printed), strict=True)) == printed


def test_no_published_row_is_applied_as_shipped(tmp_path: Path) -> None:
    # one result of every test in the registry, as high as can be and as low as can be
    titres = [
        {**result_for(rule, value), "accession": f"{n}-{value}"}
        for n, rule in enumerate(DRAFTS)
        for value in ("0", "1000000")
    ]
    con = built(tmp_path, titres, cutoffs_used=[])
    found = con.execute("SELECT DISTINCT disposition, interpretation, reason_code, rule_id FROM mart_result").fetchall()
    assert found == [("used", "not_evaluable", "no_rule", None)]


def test_every_published_row_is_a_draft_that_nobody_approved_or_dated() -> None:
    rows = SHIPPED.tables["rule_cutoff"]
    published = rows[rows["source_id"] != "DEMO"]
    assert len(published) == len(DRAFTS) == 54
    assert set(published["state"]) == {"draft"} and set(published["approved_by"]) == {""}
    assert published["approved_on"].isna().all() and published["valid_from"].isna().all()


@pytest.mark.parametrize("table", ["rule_published_word", "rule_sent_out_test"])
def test_words_and_local_codes_are_shown_as_drafts_only(table: str) -> None:
    """The words that laboratories print for a qualitative result, and the codes under which others send the test out."""
    assert set(SHIPPED.tables[table]["state"]) == {"draft"}


def test_every_published_row_is_on_the_page_of_rules() -> None:
    page = (resources.PACKAGE_DIR.parent / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    assert [row["rule_id"] for row in DRAFTS if f"| {row['rule_id']} |" not in page] == []


def test_an_unstated_boundary_is_said_in_a_note() -> None:
    notes = {row["rule_id"]: row["note"] for row in DRAFTS}
    for iso in ("igm", "igg"):
        for band in ("equivocal", "positive"):
            assert "which of them 50 itself belongs to is not stated" in notes[f"ganglio_combi.{iso}.{band}"]
    assert "only the normal side" in notes["mayo.newer.igm.positive"]


def test_every_unit_of_a_cut_off_can_be_declared_by_a_format() -> None:
    """A draft whose unit no export may have could be activated and would never decide anything."""
    assert set(SHIPPED.tables["rule_cutoff"]["unit"]) <= set(UNITS)
