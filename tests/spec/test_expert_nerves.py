"""What an expert in nerve conduction checks first, mistake by mistake: entries 11 and 12.

Unless a case says otherwise the nerve is a left median nerve with half of the response lost between wrist and elbow.
"""

from typing import Any

import pytest
from harness import Row

from .expert_home import Expert
from .nerve_cases import Case, found, pair


def not_assessable(reason: str) -> dict[str, Any]:
    return {"conduction_block": "not_assessable", "reason_code": reason}


NONE = {"conduction_block": "none", "reason_code": None}
PROBABLE = {"conduction_block": "probable", "reason_code": None}
ULNAR = {"nerve": "ulnar", "muscle": "ADM"}
LEG = {"nerve": "peroneal", "muscle": "EDB"}
NR: Row = {"amplitude_mv": "0", "area_mv_ms": "0", "duration_ms": "0", "latency_ms": "0"}
# what goes wrong when the mistake is made stands before the colon
SEGMENTS = [
    Case("block from amplitude: nine tenths of it lost, and less than a third of the area",
         pair({"amplitude_mv": "1", "area_mv_ms": "21.3"}), NONE),
    Case("block over the elbow, where nerves are trapped", pair({"site": "above_elbow"}, {"site": "below_elbow"}, **ULNAR),
         not_assessable("entrapment_site")),
    Case("block over the fibular head", pair({"site": "above_fibular_head"}, {"site": "below_fibular_head"}, **LEG),
         not_assessable("entrapment_site")),
    Case("block of a response that is hardly there: 0.99 mV at the wrist", pair(distal={"amplitude_mv": "0.99"}),
         not_assessable("distal_amplitude_too_low")),
    Case("exactly 1 mV is not above it", pair(distal={"amplitude_mv": "1"}), not_assessable("distal_amplitude_too_low")),
    Case("dispersion passed over: spread by 31 % a loss of half is probable and not definite", pair({"duration_ms": "7.86"}), PROBABLE),
    Case("dispersion passed over: spread by 31 % a loss of 40 % is none", pair({"duration_ms": "7.86", "area_mv_ms": "18"}), NONE),
    Case("the name of a set claimed without its quantity: no area, whatever the amplitude", pair({"area_mv_ms": None, "amplitude_mv": "1"}),
         not_assessable("area_missing")),
    Case("tibial nerve counted: its response shrinks in healthy legs", pair({"site": "popliteal"}, {"site": "ankle"}, nerve="tibial", muscle="AH"),
         not_assessable("segment_not_listed")),
]  # fmt: skip
UNITS = [
    Case("no response at the wrist, divided by", pair(distal=NR),
         {**not_assessable("no_distal_response"), "area_reduction_pct": None, "amplitude_reduction_pct": None,
          "duration_increase_pct": None}),
    Case("neither site answers", pair(NR, NR), {**not_assessable("no_distal_response"), "area_reduction_pct": None}),
    Case("area in another unit than the amplitude", pair({"area_mv_ms": "0.015"}), {"flags": "area_in_other_unit"}),
    Case("centimetres for millimetres", pair({"distance_mm": "22", "velocity_m_per_s": "55"}),
         {"flags": "distance_in_other_unit; velocity_disagrees"}),
    Case("peak to peak at the wrist, negative peak at the elbow", pair(distal={"amplitude_measure": "peak_to_peak"}),
         not_assessable("amplitude_peak_to_peak")),
    Case("peak to peak at the elbow alone", pair({"amplitude_measure": "peak_to_peak"}), not_assessable("amplitude_peak_to_peak")),
    Case("peak to peak at both, held against limits of the negative peak", pair(amplitude_measure="peak_to_peak"),
         not_assessable("amplitude_peak_to_peak")),
    Case("negative peak at both, as the criteria ask", pair(amplitude_measure="negative_peak"), {"conduction_block": "definite"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the models say of every case, by what it shows."""
    cases = [*SEGMENTS, *UNITS]
    rows = found(tmp_path_factory.mktemp("nerves"), cases, "mart_conduction_block")
    return {case.says: row for case, row in zip(cases, rows, strict=True)}


@pytest.mark.parametrize("case", SEGMENTS, ids=str)
def test_11_block_is_called_only_as_its_criteria_say(case: Case, graded: dict[str, Any]) -> None:
    """Mistake: block from amplitude, over a site of entrapment, of a vanishing response, of mere dispersion, or of the
    tibial nerve; or a set named that asks for an area nobody measured."""
    assert graded[case.says] == case.expected


@pytest.mark.parametrize(
    "other",
    [{"nerve": "ulnar"}, {"side": "R"}, {"muscle": "FDI"}],
    ids=["another nerve", "the other side", "another muscle"],
)
def test_11_sites_of_different_recordings_are_no_pair(other: Row, tmp_path: Any) -> None:
    """Mistake: the wrist of one nerve, side or muscle is held against the elbow of another, and a block appears."""
    case = Case("mispaired", pair(other), {"n_segments_tested": 0, "conclusion": "not_assessable"})
    assert found(tmp_path, [case], "mart_nerve_study") == [case.expected]


def test_11_an_incomplete_study_is_not_free_of_block(tmp_path: Any) -> None:
    """Mistake: one forearm without a block is reported as no block."""
    case = Case(
        "one forearm",
        pair({"area_mv_ms": "28"}),
        {"conclusion": "incomplete", "n_segments_assessed": 1, "is_adequate": False},
    )
    assert found(tmp_path, [case], "mart_nerve_study") == [case.expected]


@pytest.mark.parametrize("case", UNITS, ids=str)
def test_12_units_and_measures_are_not_mixed_unnoticed(case: Case, graded: dict[str, Any]) -> None:
    """Mistake: areas or distances of another unit and amplitudes from peak to peak are reckoned with as if they were not;
    a response that is absent at the wrist gives an infinite reduction."""
    assert graded[case.says] == case.expected


@pytest.mark.parametrize(
    ("row", "disposition", "reason"),
    [
        pytest.param(2, "rejected", "ncs_site_amplitude_plausible", id="8200 is microvolt"),
        pytest.param(3, "rejected", "ncs_site_amplitude_plausible", id="7900 is microvolt"),
        pytest.param(9, "rejected", "ncs_site_distance_plausible", id="2.2 is no distance in millimetres"),
        pytest.param(
            10, "rejected", "ncs_site_amplitude_measure_known", id="a word for the measure that nobody declared"
        ),
    ],
)
def test_12_a_unit_that_cannot_be_is_sent_back(
    row: int, disposition: str, reason: str, home_of_mistakes: Expert
) -> None:
    """Mistake: a response of 8200 mV, or a forearm of two millimetres, is taken in."""
    assert home_of_mistakes.place("sites_12.csv", row) == (disposition, reason)


def test_12_what_intake_lets_through_is_marked(home_of_mistakes: Expert) -> None:
    """Mistake: 22 for 22 cm is just plausible as millimetres, and a peak-to-peak wrist beside an elbow looks like block."""
    query = """SELECT conduction_block, reason_code, flags FROM mart_conduction_block
               WHERE patient_key = ? AND criteria_set = 'EFNS_PNS_2010'"""
    assert home_of_mistakes.con.execute(query, [home_of_mistakes.key(1202)]).fetchall() == [
        ("none", None, "distance_in_other_unit")
    ]
    assert home_of_mistakes.con.execute(query, [home_of_mistakes.key(1203)]).fetchall() == [
        ("not_assessable", "amplitude_peak_to_peak", None)
    ]
