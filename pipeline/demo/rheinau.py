"""Rheinau: percent of a positive control. cp1252, semicolons, decimal comma, dd.mm.yyyy, a footer with a count."""

import random
from datetime import timedelta

from pipeline.demo.cohort import Person
from pipeline.demo.plan import File, Sample

HEADER = ("Patientenschlüssel", "Auftragsnr.", "Prüfung", "Material", "Entnahme", "Eingang", "Freigabe", "Ergebnis",
          "Größe", "Beurteilung", "Status", "Bemerkung")  # fmt: skip
WORDS = {"positive": "positiv", "equivocal": "grenzwertig", "negative": "negativ"}


def files(everybody: list[Person], draw: random.Random) -> list[File]:
    """One file, in month 1."""
    file = File("rheinau", "GM1_Befunde_2026-02.csv", 1, "cp1252", ";")
    file.add(*HEADER, ends="layout", reason="header")
    for number, person in enumerate(p for p in everybody if p.lab == "rheinau" and p.story != "untested"):
        _sample(file, person, f"R{number:06d}", draw)
    data = len(file.rows) - 1
    file.add(ends="layout", reason="blank")
    file.add(f"Anzahl Befunde: {data}", ends="layout", reason="footer")
    file.add("*** Ende der Liste, alle Daten synthetisch", ends="layout", reason="footer")
    return [file]


def _sample(file: File, person: Person, accession: str, draw: random.Random) -> None:
    collected = person.sampled_on

    def row(test: str, result: str, word: str, material: str = "Serum", unit: str = "%") -> tuple[str, ...]:
        days = (f"{d:%d.%m.%Y}" for d in (collected, collected + timedelta(days=1)))
        stamp = f"{collected + timedelta(days=6):%d.%m.%Y} 09:15"
        return (person.identifier, accession, test, material, *days, stamp, result, unit, word, "E", "SYNTHETISCH")

    def meaning(interpretation: str, is_serum: bool = True) -> Sample:
        return Sample(person, accession, collected, is_serum, interpretation)

    if person.story == "rejected_only":
        file.add(*row("GM1-M", "4O,2", ""), ends="rejected", reason="unreadable number")
        return
    if person.story == "csf_only":
        file.add(
            *row("GM1-M", "12,5", "", "Liquor"), reason="no_rule_for_specimen", sample=meaning("not_evaluable", False)
        )
        return
    if person.story == "insufficient":
        file.add(
            *row("GM1-M", "Material unzureichend", ""), reason="no_result_insufficient", sample=meaning("not_evaluable")
        )
        return
    word = WORDS[person.wanted]
    result = word if draw.random() < 0.1 else _value(person.wanted, draw)
    file.add(*row("GM1-M", result, word), sample=meaning(person.wanted))
    file.add(*row("GM1-G", _value("positive" if draw.random() < 0.06 else "negative", draw), ""))


def _value(wanted: str, draw: random.Random) -> str:
    """A percentage with a decimal comma; the bounds themselves (30 and 50) are equivocal."""
    if wanted == "equivocal":
        return draw.choice(("30,0", "50,0", "38,4", "47,9"))
    tenths = draw.randint(501, 1890) if wanted == "positive" else draw.randint(12, 299)
    return "<5,0" if tenths < 50 else f"{tenths // 10},{tenths % 10}"
