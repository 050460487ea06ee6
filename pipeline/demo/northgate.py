"""Northgate: qualitative screens, and endpoint titres only where a screen was positive. US dates, commas."""

import random
from datetime import date, timedelta

from pipeline.demo.cohort import Person
from pipeline.demo.plan import File, Sample

HEADER = ("Patient ID", "Accession", "Test Code", "Collected", "Received", "Reported", "Result", "Status", "Comment")
POSITIVE_FROM = {"M": 4000, "G": 2000}
POSITIVE_TITRES, LOW_TITRES = ("1:4000", "1:8000", "1:16,000", ">1:16000"), ("<1:4000", "1:2000")


def files(everybody: list[Person], draw: random.Random) -> list[File]:
    """One file a month; month 2 brings one patient tested for the first time and some of month 1 again."""
    first = File("northgate", "NRL_GM1_2026-02.csv", 1, "utf-8", ",")
    second = File("northgate", "NRL_GM1_2026-03.csv", 2, "utf-8", ",")
    for file in (first, second):
        file.add(*HEADER, ends="layout", reason="header")
    for number, person in enumerate(p for p in everybody if p.lab == "northgate" and p.story != "untested"):
        if person.story == "untested_until_month_2":
            _panel(second, person, f"N26{number:05d}", date(2026, 3, 3), draw)
        else:
            _panel(first, person, f"N25{number:05d}", person.sampled_on, draw)
    for row in first.rows[1:7]:
        second.add(*row.cells, ends="duplicate", reason="exact_copy")
    return [first, second]


def _line(person: Person, accession: str, code: str, collected: date, result: str) -> tuple[str, ...]:
    received, reported = collected + timedelta(days=2), collected + timedelta(days=9)
    stamp = f"{reported:%m/%d/%Y} 14:30"
    return (
        person.identifier,
        accession,
        code,
        f"{collected:%m/%d/%Y}",
        f"{received:%m/%d/%Y}",
        stamp,
        result,
        "F",
        "SYNTHETIC",
    )


def _panel(file: File, person: Person, accession: str, collected: date, draw: random.Random) -> None:
    """IgM and IgG of one sample; the titre's row carries the panel where there is one, else the screen's."""

    def meaning(interpretation: str) -> Sample:
        return Sample(person, accession, collected, True, interpretation)

    def row(code: str, result: str, sample: Sample | None = None, reason: str = "") -> None:
        file.add(*_line(person, accession, code, collected, result), sample=sample, reason=reason)

    if person.story == "panel_titre_missing":
        row("GM1M-SCR", "Positive", meaning("not_evaluable"), "panel_incomplete")
    elif person.story == "panel_screen_missing":
        row("GM1M-TTR", "1:8000", meaning("not_evaluable"), "panel_incomplete")
    elif person.story == "straddles":
        row("GM1M-SCR", "Positive", None, "decided_by_titre")
        row("GM1M-TTR", "<1:8000", meaning("not_evaluable"), "straddles_cut_off")
    elif person.wanted == "positive":
        row("GM1M-SCR", "Positive", None, "decided_by_titre")
        row("GM1M-TTR", draw.choice(POSITIVE_TITRES), meaning("positive"))
    elif draw.random() < 0.2:
        row("GM1M-SCR", "Positive", None, "decided_by_titre")
        row("GM1M-TTR", draw.choice(LOW_TITRES), meaning("negative"))
    else:
        row("GM1M-SCR", "Negative", meaning("negative"))
    if draw.random() < 0.08:
        row("GM1G-SCR", "Positive", None, "decided_by_titre")
        row("GM1G-TTR", draw.choice(("1:2000", "<1:2000", "1:4000")))
    else:
        row("GM1G-SCR", "Negative")
