"""Marlow: index values. Corrections, withdrawals, preliminary and repeated results over overlapping monthly files."""

import random
from datetime import date, timedelta
from functools import partial

from pipeline.demo.cohort import Person
from pipeline.demo.plan import File, Sample

HEADER = ("Patient", "Accession", "Test", "Collected", "Received", "Reported", "Result", "Units", "Flag", "Status",
          "Performed by", "Remark")  # fmt: skip
NEW_BANDS_FROM = date(2025, 1, 1)
# Late enough for month 2 to answer what was reported in month 1.
LATE = date(2026, 2, 2)
CONTROLS = (("QC1", "control"), ("QC2", "control"), ("NEG CTRL", "control"), ("ZZTEST01", "test_patient"))


class Month:
    """One file that is being planned, with the shape of Marlow's rows."""

    def __init__(self, name: str, month: int) -> None:
        self.file = File("marlow", name, month, "utf-8", ",")
        self.file.add(*HEADER, ends="layout", reason="header")

    def row(
        self, person: Person, accession: str, result: str, *, test: str = "GM1-IGM", collected: date | None = None,
        status: str = "F", delay: int = 6, lab: str = "MRL", unit: str = "IV", ends: str | tuple[str, str] = "used",
        reason: str = "", meaning: str | None = None,
    ) -> None:  # fmt: skip
        """Adds one result; `meaning` is what it counts as, None for rows that count as nothing."""
        day = collected or person.sampled_on
        flag = "" if not result or unit != "IV" else "H" if float(result.lstrip("<>")) > 50 else "N"
        received, reported = day + timedelta(days=1), f"{day + timedelta(days=delay)} 11:00"
        cells = (person.identifier, accession, test, f"{day}", f"{received}", reported, result, unit, flag, status, lab,
                 "SYNTHETIC")  # fmt: skip
        sample = Sample(person, accession, day, test == "GM1-IGM", meaning) if meaning else None
        self.file.add(*cells, ends=ends, reason=reason, sample=sample)


def files(everybody: list[Person], draw: random.Random) -> list[File]:
    """Two overlapping files in month 1, one in month 2."""
    january, february, march = (Month(f"MRL_results_2026-{m}.csv", n) for m, n in (("01", 1), ("02", 1), ("03", 2)))
    for control, reason in CONTROLS:
        january.file.add(control, "", "GM1-IGM", "2026-01-05", "", "", "51", "IV", "H", "F", "MRL", "SYNTHETIC",
                         ends="excluded", reason=reason)  # fmt: skip
    for number, person in enumerate(p for p in everybody if p.lab == "marlow" and p.story != "untested"):
        accession = f"{number + 1:07d}"  # leading zeros are part of an accession
        month = january if number % 2 else february
        if person.story:
            _story(person, accession, month, march, draw)
        else:
            _plain(person, accession, month, draw)
    for row in [r for r in january.file.rows if r.sample and r.ends == ("used", "used")][:8]:
        february.file.add(*row.cells, ends="duplicate", reason="exact_copy")
    for row in [r for r in february.file.rows if r.sample and r.ends == ("used", "used")][:5]:
        march.file.add(*row.cells, ends="duplicate", reason="exact_copy")
    return [january.file, february.file, march.file]


def _plain(person: Person, accession: str, month: Month, draw: random.Random) -> None:
    month.row(person, accession, value(person.wanted, person.sampled_on, draw), meaning=person.wanted)
    month.row(
        person,
        accession,
        value("positive" if draw.random() < 0.05 else "negative", NEW_BANDS_FROM, draw),
        test="GM1-IGG",
    )
    month.row(person, accession, str(draw.randint(3, 90)), test="GA1-IGM", ends="excluded", reason="other_analyte")


def value(wanted: str, collected: date, draw: random.Random) -> str:
    """An index that has the wanted interpretation on that day: the bands moved up in 2025."""
    if collected >= NEW_BANDS_FROM:
        low, high = {"negative": (1, 29), "equivocal": (30, 50), "positive": (51, 160)}[wanted]
    else:
        low, high = {"negative": (1, 24), "equivocal": (25, 40), "positive": (41, 160)}[wanted]
    number = draw.randint(low, high)
    return "<5" if number < 5 else ">150" if number > 150 else str(number)


def _story(person: Person, accession: str, month: Month, march: Month, draw: random.Random) -> None:
    """One planted case; each says where its rows end after month 1 and after month 2."""
    _set_aside(person, accession, month)
    _changed_in_month_2(person, accession, month, march)
    _counted(person, accession, month, draw)


def _set_aside(person: Person, accession: str, month: Month) -> None:
    """Stories of patients whose rows count as nothing in either month."""
    row = partial(month.row, person, accession)
    match person.story:
        case "igg_only":
            row("62", test="GM1-IGG", reason="IgG is another marker")
        case "asialo_only":
            row("80", test="GA1-IGM", ends="excluded", reason="other_analyte")
        case "conflict":
            row("20", ends="held", reason="conflicting_values")
            row("85", delay=8, ends="held", reason="conflicting_values")
        case "withdrawn":
            row("90", ends="withdrawn", reason="withdrawn_by_laboratory")
            row("", status="D", delay=9, ends="withdrawn", reason="withdrawn_by_laboratory")
        case "lab_undeclared":
            row("88", lab="XLAB", ends="held", reason="performing_lab_undeclared")
        case "unit_undeclared":
            row("800", unit="titre", ends="held", reason="unit_undeclared")


def _changed_in_month_2(person: Person, accession: str, month: Month, march: Month) -> None:
    """Stories whose first row is answered by a later one: finals, corrections, a withdrawal."""
    row = partial(month.row, person, accession, collected=LATE)
    later = partial(march.row, person, accession, collected=LATE)
    replaced = partial(row, ends=("used", "superseded"), meaning="positive", reason="corrected")
    match person.story:
        case "preliminary":
            row("70", status="P", ends=("held", "superseded"), reason="preliminary")
            later("72", delay=33, meaning="positive", reason="final after preliminary")
        case "corrected_to_negative":
            replaced("85")
            later("12", status="C", delay=35, meaning="negative", reason="correction")
        case "corrected_within_class":
            replaced("60")
            later("62", status="C", delay=35, meaning="positive", reason="correction")
        case "withdrawn_in_month_2":
            row("95", ends=("used", "withdrawn"), meaning="positive", reason="withdrawn_by_laboratory")
            later("95", status="W", delay=36, ends="withdrawn", reason="withdrawn_by_laboratory")


def _counted(person: Person, accession: str, month: Month, draw: random.Random) -> None:
    """Stories that are settled in month 1: which of a patient's results counts, and as what."""
    row, second = partial(month.row, person, accession), partial(month.row, person, f"9{accession[1:]}")
    match person.story:
        case "between_bands":
            row("29.5", collected=LATE, meaning="not_evaluable", reason="between_bands")
        case "corrected_at_once":
            row("120", ends="superseded", reason="corrected")
            row("20", status="C", delay=9, meaning="negative", reason="correction")
        case "second_sample":
            row(value("negative", person.sampled_on, draw), meaning="negative", reason="earliest counts")
            later = min(person.sampled_on + timedelta(days=90), date(2026, 2, 14))
            second("130", collected=later, meaning="positive", reason="later sample")
        case "not_evaluable_first":
            row("50.5", collected=date(2026, 1, 12), meaning="not_evaluable", reason="between_bands")
            second("77", collected=LATE, meaning="positive", reason="first evaluable")
