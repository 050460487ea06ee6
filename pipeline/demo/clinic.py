"""Harbour Street Clinic: nerve conduction sites (tab) and study summaries (pipe), dd/mm/yyyy."""

import random
from datetime import date, timedelta

from pipeline.demo.cohort import LAST_DAY, Person
from pipeline.demo.plan import File

SITE_HEADER = ("Patient", "Exam", "Date", "Nerve", "Side", "Muscle", "Stimulation", "Latency", "CMAP amp", "CMAP area",
               "CMAP dur", "Distance")  # fmt: skip
SITE_UNITS = ("", "", "", "", "", "", "", "ms", "mV", "mVms", "ms", "mm")
STUDY_HEADER = ("Patient", "Study", "Date", "Signed", "Diagnosis", "Certainty", "Criteria", "Label used anti-GM1",
                "Sex", "Birth year", "Onset age", "UMN signs", "Bulbar signs", "Sensory signs", "First IVIG",
                "Last IVIG", "Ever IVIG", "Previous IVIG", "IVIG effect ended", "Purely motor", "Referral note")  # fmt: skip
# m/s, below 75 % of any lower limit of an arm nerve
SLOWED = 33
# Days between two infusions, and days that one lasts; both within and outside of what the source documents say.
INTERVALS, EFFECTS = (17, 21, 24, 28, 28, 33, 40), (16, 22, 25, 27, 31, 36, 44)
# nerve, muscle, and the sites from the muscle upwards with the distance from the site before
ROUTES = (
    ("Median", "APB", (("Wrist", 70), ("Elbow", 220), ("Axilla", 160))),
    ("Ulnar", "ADM", (("Wrist", 65), ("Below elbow", 210), ("Above elbow", 100), ("Axilla", 120))),
    ("Peroneal", "EDB", (("Ankle", 80), ("Fibular head below", 300), ("Fibular head above", 100))),
    ("Tibial", "AH", (("Ankle", 90), ("Popliteal fossa", 380))),
)


def files(everybody: list[Person], draw: random.Random) -> list[File]:
    """Sites and studies of month 1, and in month 2 the studies that are new since."""
    return [_sites(everybody, draw), _studies(everybody), _later_studies(everybody)]


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _sites(everybody: list[Person], draw: random.Random) -> File:
    file = File("harbour", "ncs_sites_2026-02.csv", 1, "utf-8", "\t")
    file.add(*SITE_HEADER, ends="layout", reason="header")
    file.add(*SITE_UNITS, ends="layout", reason="units")
    examined = [p for p in everybody if p.diagnosis in ("MMN", "CIDP", "ALS")]
    for number, person in enumerate(examined[:120]):
        exam = f"HX{number:05d}"
        for nerve, muscle, sites in ROUTES if number % 4 else ROUTES[:2]:
            side = "Left" if (number + len(nerve)) % 2 else "Right"
            head = (person.identifier, exam, _day(person.study_on), nerve, side, muscle)
            _recording(file, head, sites, person, number, draw)
    _faults(file)
    return file


def _recording(
    file: File,
    head: tuple[str, ...],
    sites: tuple[tuple[str, int], ...],
    person: Person,
    number: int,
    draw: random.Random,
) -> None:
    """One nerve from distal to proximal; MMN patients may lose area or disperse on the way."""
    nerve, amplitude, area, duration = head[3], draw.randint(45, 120) / 10, 0.0, draw.randint(50, 70) / 10
    if number % 17 == 5:
        amplitude = 0.9  # too small a distal response to judge
    area, latency = amplitude * 3, draw.randint(25, 40) / 10
    lost = draw.choice((0.0, 0.0, 0.35, 0.6)) if person.diagnosis == "MMN" else 0.0
    spread = draw.choice((1.05, 1.1, 1.45)) if lost else 1.05
    for place, (site, distance) in enumerate(sites):
        if place:
            speed = draw.randint(48, 60)
            latency += distance / (SLOWED if _is_slowed(person, number, nerve, place) else speed)
            factor = (1 - lost) if place == 1 else 0.97
            amplitude, area = amplitude * factor, area * factor
            duration *= spread if place == 1 else 1.03
        shown_area = "-" if number % 13 == 7 and place == 1 else f"{area:.2f}"
        file.add(*head, site, f"{latency:.2f}", f"{amplitude:.2f}", shown_area, f"{duration:.2f}", str(distance))


def _is_slowed(person: Person, number: int, nerve: str, place: int) -> bool:
    """Whether the forearm of this patient's median nerve conducts too slowly."""
    return person.diagnosis == "MMN" and number % 9 == 4 and nerve == "Median" and place == 1


def _faults(file: File) -> None:
    """A response in microvolt, and a torn line: both are rejected."""
    model = next(row.cells for row in file.rows if row.cells[3:4] == ("Tibial",))
    file.add(
        model[0],
        "HX90001",
        *model[2:7],
        "4.50",
        "5200",
        "15.20",
        "5.60",
        "90",
        ends="rejected",
        reason="amplitude in microvolt",
    )
    file.add(model[0], "HX90002", *model[2:5], ends="rejected", reason="torn line")


def _studies(everybody: list[Person]) -> File:
    """One study a patient; one patient has two of one day that disagree, and one study is signed again in month 2."""
    file = File("harbour", "ncs_studies_2026-02.csv", 1, "utf-8", "|")
    file.add(*STUDY_HEADER, ends="layout", reason="header")
    disputed, amended = _disputed(everybody), _amended(everybody)
    for person, study in _numbered(everybody):
        if person is disputed:
            file.add(*_study(person, study), ends="held", reason="labels_disagree")
            other = _study(person, "HS90001")
            file.add(*other[:4], "CIDP", *other[5:], ends="held", reason="labels_disagree")
        elif person is amended:
            file.add(*_study(person, study), ends=("used", "superseded"), reason="signed again in month 2")
        else:
            file.add(*_study(person, study))
    last = file.rows[-1].cells
    file.add(*last[:4], "M M N", *last[5:], ends="rejected", reason="diagnosis nobody declared")
    file.add(*last, ends="duplicate", reason="exact_copy")
    return file


def _later_studies(everybody: list[Person]) -> File:
    """Month 2: a study again as it was, and one that was signed again with another age at onset."""
    file = File("harbour", "ncs_studies_2026-03.csv", 2, "utf-8", "|")
    file.add(*STUDY_HEADER, ends="layout", reason="header")
    again = next((p, s) for p, s in _numbered(everybody) if p not in (_disputed(everybody), _amended(everybody)))
    file.add(*_study(*again), ends="duplicate", reason="exact_copy")
    person, study = next((p, s) for p, s in _numbered(everybody) if p is _amended(everybody))
    cells = _study(person, study)
    file.add(
        *cells[:3], "05/03/2026 16:00", *cells[4:10], str(person.onset_age - 1), *cells[11:], reason="later version"
    )
    return file


def _numbered(everybody: list[Person]) -> list[tuple[Person, str]]:
    return [(person, f"HS{number:05d}") for number, person in enumerate(p for p in everybody if p.diagnosis)]


def _disputed(everybody: list[Person]) -> Person:
    return next(p for p in everybody if p.diagnosis == "Other")


def _amended(everybody: list[Person]) -> Person:
    return next(p for p in everybody if p.diagnosis == "GBS")


def _study(person: Person, study: str) -> tuple[str, ...]:
    criteria = "EFNS/PNS 2010" if person.diagnosis == "MMN" else "other"
    return (
        person.identifier, study, _day(person.study_on), f"{_day(person.study_on + timedelta(days=2))} 16:00",
        str(person.diagnosis), person.certainty, criteria, person.rests_on_anti_gm1, person.sex, str(person.birth_year),
        str(person.onset_age), person.umn_signs, person.bulbar_signs, person.sensory_signs,
        _day(person.first_ivig_on), _day(person.last_ivig_on), *_treatment(person), _purely_motor(person), "SYNTHETIC",
    )  # fmt: skip


def _chance(person: Person, of: int, salt: int = 0) -> int:
    """A number below `of` that belongs to the patient, so that a new column draws nothing from the others."""
    return (int(person.identifier.removeprefix("EX")) // (1 + salt)) % of


def _treatment(person: Person) -> tuple[str, str, str]:
    """Ever treated, the infusion before the last, and the day the last one's effect wore off; blank where nobody says."""
    first, last = person.first_ivig_on, person.last_ivig_on
    if first is None or last is None:
        return ("N" if _chance(person, 3) == 0 else "U" if _chance(person, 7) == 0 else ""), "", ""
    previous = last - timedelta(days=INTERVALS[_chance(person, len(INTERVALS))])
    ended = last + timedelta(days=EFFECTS[_chance(person, len(EFFECTS), 1)])
    return (
        "Y" if _chance(person, 4) else "",
        _day(previous) if previous >= first and _chance(person, 5, 2) else "",
        _day(ended) if ended <= LAST_DAY and _chance(person, 3, 3) else "",
    )


def _purely_motor(person: Person) -> str:
    """Stated for most MMN patients, denied for a few, and left blank by whoever filled in the others."""
    if person.diagnosis == "MMN":
        return {0: "N", 1: "U", 2: ""}.get(_chance(person, 21), "Y")
    return "N" if person.diagnosis == "CIDP" and _chance(person, 2) else ""
