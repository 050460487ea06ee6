"""A draft from an example: what is guessed, what is left to a person, and that it repeats no patient's value."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from workbook_files import DATE, styled, write_zip, xlsx_parts, xlsx_sheet

from pipeline.drafting import Draft, draft, draft_into, formats_of, judge
from pipeline.drafting.analytes import antigen_of, isotype_of
from pipeline.drafting.dates import dates_of
from pipeline.drafting.draft import glob_of
from pipeline.drafting.findings import is_undecided
from pipeline.drafting.identifiers import pattern_of
from pipeline.drafting.numbers import marks_of
from pipeline.errors import UsageError
from pipeline.labs import complaints_about, load_format, load_labs
from pipeline.labs.model import LabFormat
from pipeline.settings import Settings

GERMAN = """Labor Musterstadt - SYNTHETIC

Patient;Name;Geburtsdatum;Auftragsnr.;Prüfung;Material;Entnahme;Freigabe;Ergebnis;Einheit;Beurteilung;Status;Bemerkung
M000001;Beispiel, Ännchen;01.02.1960;A1;GM1-M;Serum;03.04.2024;05.04.2024 10:11;48,5;%;positiv;E;Anruf bei Frau Beispiel
M000002;Beispiel, Bert;02.02.1961;A2;GM1-G;Serum;13.04.2024;15.04.2024 10:11;1.048,5;%;positiv;E;
M000003;Beispiel, Cora;01.02.1962;A3;GM1-M;Liquor;03.04.2024;05.04.2024 10:11;<3,0;%;negativ;K;
KONTROLLE 1;;;A4;GM1-M;Serum;03.04.2024;05.04.2024 10:11;48,5;%;positiv;E;
Anzahl Befunde: 4;;;;;;;;;;;;
"""
AMERICAN = (
    "Patient ID,Accession Number,Test Name,Specimen Type,Collection Date,Received,Reported,Result,Flag,Status\n"
    + "".join(
        f'NW-{day:05},2024-{day:04},{test},Serum,02/{day:02}/2024,02/{day + 1:02}/2024,02/{day + 2:02}/2024 08:15 AM,"{result}",,{"C" if day == 3 else "F"}\n'
        for day in range(1, 16)
        for test, result in [("GM1 IgM Screen", "Positive" if day % 2 else "Negative")]
        + [("GM1 IgM Titer", f"1:{day},000")] * (day % 2)
    )
)
FRENCH = (
    "Laboratoire Exemple - SYNTHETIC\n\nIdentifiant patient;N° dossier;Date de prélèvement;Nature;Anti-GM1 IgM (%);Anti-GM1 IgG (%);Asialo-GM1 IgM (%);Statut\n"
    + "".join(
        f"FR{n:04};D{n};{10 + n}/03/2024;Sérum;{'' if n == 4 else f'{10 * n},5'};{n},25;{'QNS' if n == 5 else '3,2'};Validé\n"
        for n in range(1, 9)
    )
    + "Nombre de résultats: 8\nFin de fichier\n"
)
DUTCH = (
    "Monsternummer\tPatiëntnummer\tNaam\tGeboortedatum\tBepaling\tAfnamedatum\tUitslag\tEenheid\tStatus\n"
    + "".join(
        f"M{n:05}\t{n:07}\tVoorbeeld, Piet\t0{n}-05-1950\tGM1 IgM\t1{n}-06-2024\t<1:{100 * n}\ttiter\tDefinitief\n"
        for n in range(1, 6)
    )
)
DANISH = "Patientnummer;Rekvisition;Navn;CPR-nr;Antistof;Materiale;Prøvetagningsdato;Svar;Enhed;Svarstatus\n" + "".join(
    f"DK{n:04};R{n};Eksempel Ole;010150-123{n};GM1;Serum;0{n}-0{n}-2024;{n * 12},4;%;Endelig\n" for n in range(1, 6)
)
ITALIAN = "Paziente;Numero campione;Cognome;Nome;Data prelievo;Antigene;Isotipo;Risultato;Giudizio;Stato\n" + "".join(
    f"IT{n:03};C{n};Esempio;Mario;1{n}/04/24;GM1;IgM;1:{n}.000;{'positivo' if n > 2 else 'dubbio'};Definitivo\n"
    for n in range(1, 6)
)
SITES = (
    "Patient\tExam\tDate\tNerve\tSide\tMuscle\tStimulation\tLatency\tCMAP amp\tCMAP area\tCMAP dur\tDistance\n\t\t\t\t\t\t\tms\tmV\tmVms\tms\tmm\n"
    + "".join(
        f"HX{n:03}\tE{n}\t{12 + n}/03/2024\tMedian\tLeft\tAPB\t{site}\t{lat}.{n}\t8.{n}\t22.{n}\t5.{n}\t{mm}\n"
        for n in range(1, 5)
        for site, lat, mm in (("Wrist", 3, 70), ("Elbow", 7, 230))
    )
)
ANSWERS = {
    "zone": "Europe/Berlin", "code of the laboratory": "EXL", "method": "ELISA", "final, when": "final",
    "isotype": "IgM", "column with": "unused", "every date of": "%d-%m-%Y",
}  # fmt: skip


def drafted(folder: Path, name: str, content: bytes, lab: str = "musterstadt") -> Draft:
    (folder / name).write_bytes(content)
    return draft(folder / name, lab)


def resolved(text: str, **more: str) -> str:
    """A draft as a person leaves it: every place decided, state active."""

    def answer(found: re.Match[str]) -> str:
        known = [value for key, value in {**more, **ANSWERS}.items() if key.replace("_", " ") in found[0]]
        assert known, found[0]
        return f'"{known[0]}"'

    return re.sub(r'"TODO:(?:[^"\\]|\\.)*"', answer, text).replace("state: draft", "state: active")


def finished(folder: Path, draft_text: str, **more: str) -> LabFormat:
    path = folder / "format.yaml"
    path.write_text(resolved(draft_text, **more), encoding="utf-8")
    assert complaints_about(path) == []
    return load_format(path)


def tried(folder: Path, name: str) -> tuple[str, ...]:
    """What intake says about the example under the finished draft."""
    settings = replace(Settings.load(folder, {"GM1_THREADS": "2"}), labs_dirs=())
    return judge(settings, [folder / "format.yaml"], folder / name).example


CASES = {
    "befunde_2024-04.csv": (GERMAN.replace("\n", "\r\n").encode("cp1252"), "8 rows: 3 accepted, 1 excluded, 4 layout"),
    "us_2024_02.csv": (AMERICAN.encode(), "24 rows: 23 accepted, 1 layout"),
    "panel_2024.csv": (FRENCH.encode("cp1252"), "13 rows: 15 accepted, 8 excluded, 6 layout"),
    "uitslagen_1.txt": (DUTCH.encode("utf-16"), "6 rows: 5 accepted, 1 layout"),
    "svar_05.csv": (DANISH.encode("utf-8-sig"), "6 rows: 5 accepted, 1 layout"),
    "referti_1.csv": (ITALIAN.encode("cp850"), "6 rows: 5 accepted, 1 layout"),
    "ncs_1.tsv": (SITES.encode(), "10 rows: 8 accepted, 2 layout"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_finished_draft_takes_its_example_in(tmp_path: Path, name: str) -> None:
    content, rows = CASES[name]
    finished(tmp_path, drafted(tmp_path, name, content).text)
    assert rows in tried(tmp_path, name)


@pytest.mark.parametrize("name", CASES)
def test_an_unfinished_draft_is_a_draft_that_cannot_be_used_while_places_are_open(tmp_path: Path, name: str) -> None:
    found = drafted(tmp_path, name, CASES[name][0])
    path = tmp_path / "draft.yaml"
    path.write_text(found.text, encoding="utf-8")
    assert "\nstate: draft\n" in found.text
    assert len(complaints_about(path)) >= found.undecided if found.undecided else not complaints_about(path)
    assert load_labs([tmp_path]) == () or not found.undecided, "an unfinished draft stops nobody"


@pytest.mark.parametrize("name", CASES)
def test_a_draft_repeats_no_value_of_a_patient(tmp_path: Path, name: str) -> None:
    text = drafted(tmp_path, name, CASES[name][0]).text.casefold()
    for secret in (
        "M000001", "Beispiel", "Ännchen", "1960", "A1;", "48,5", "1.048", "Anruf", "NW-0", "2024-0001", "FR0001", "D1", "10,5",
        "Voorbeeld", "0000001", "M00001", "Eksempel", "010150", "DK0001", "Esempio", "Mario", "IT001", "HX001", "3.1",
    ):  # fmt: skip
        assert secret.casefold() not in text, secret


def test_a_german_export_is_read_whole(tmp_path: Path) -> None:
    text = drafted(tmp_path, "befunde_2024-04.csv", GERMAN.replace("\n", "\r\n").encode("cp1252")).text
    form = finished(tmp_path, text)
    shape = form.shape
    assert (shape.encoding, shape.delimiter, shape.decimal, shape.thousands) == ("cp1252", ";", ",", ".")
    assert (shape.date, shape.timestamp, shape.header_row) == ("%d.%m.%Y", "%d.%m.%Y %H:%M", 3)
    assert shape.footer is not None
    assert re.search(shape.footer.stated_rows or "", "Anzahl Befunde: 4;;;")[1] == "4"  # type: ignore[index]
    assert form.columns["patient_id"].matches == "M[0-9]{6}"
    assert form.columns["status"].words == {"E": "final", "K": "corrected"}
    assert form.columns["specimen"].words == {"Serum": "serum", "Liquor": "CSF"}
    assert {code: (test.antigen, test.isotype) for code, test in form.tests.items()} == {
        "GM1-M": ("GM1", "IgM"), "GM1-G": ("GM1", "IgG"),
    }  # fmt: skip
    assert set(form.ignored) == {"Name", "Geburtsdatum", "Bemerkung"}
    assert "a date of birth" in form.ignored["Geburtsdatum"]
    assert [(one.column, one.matches, one.reason) for one in form.exclusions] == [
        ("Patient", "^(KONTROLLE)", "control")
    ]


def test_an_american_reflex_panel_is_recognised_as_one(tmp_path: Path) -> None:
    form = finished(tmp_path, drafted(tmp_path, "us_2024_02.csv", AMERICAN.encode()).text)
    assert (form.shape.date, form.shape.timestamp) == ("%m/%d/%Y", "%m/%d/%Y %I:%M %p")
    screen, titre = form.tests["GM1 IgM Screen"], form.tests["GM1 IgM Titer"]
    assert (screen.role, screen.reads, screen.unit) == ("screen", "word", "")
    assert (titre.role, titre.reads, titre.unit) == ("titre", "titre", "{titer}")
    assert screen.panel == titre.panel
    assert form.columns["status"].words == {"F": "final", "C": "corrected"}


def test_a_wide_panel_becomes_slots(tmp_path: Path) -> None:
    form = finished(tmp_path, drafted(tmp_path, "panel_2024.csv", FRENCH.encode("cp1252")).text)
    slots = [(one.columns["antigen"].constant, one.columns["isotype"].constant) for one in form.all_readings]
    assert slots == [("GM1", "IgM"), ("GM1", "IgG"), ("asialo-GM1", "IgM")]
    assert all(one.may_be_empty for one in form.all_readings)
    assert form.no_result == {"QNS": "insufficient"}
    assert form.performing_labs["EXL"].unit == "%"


def test_what_a_file_cannot_say_is_left_open_and_named(tmp_path: Path) -> None:
    found = drafted(tmp_path, "svar_05.csv", DANISH.encode("utf-8-sig"))
    path = tmp_path / "draft.yaml"
    path.write_text(found.text, encoding="utf-8")
    named = "\n".join(complaints_about(path))
    for place in ("file.date", "performing_labs", "columns.isotype"):
        assert place in named
    assert "%d-%m-%Y or %m-%d-%Y" in named
    assert re.search(r"draft\.yaml:[0-9]+: file\.date", named), "the line is named"


def test_every_guess_says_why(tmp_path: Path) -> None:
    found = drafted(tmp_path, "befunde_2024-04.csv", GERMAN.encode("cp1252"))
    assert found.guesses == len(re.findall(r"# guess: \S", found.text)) > 20
    assert "no code page can be proven" in found.text


def test_a_column_of_names_under_an_innocent_header_is_ignored(tmp_path: Path) -> None:
    rows = "".join(
        f"{name};A{n};GM1;IgM;1:{n}00;2024-05-1{n};F\n"
        for n, name in enumerate(("Anna Muster", "Bert Muster", "Cora Muster"), 1)
    )
    text = drafted(
        tmp_path, "x_1.csv", f"Patient;Auftrag;Antigen;Isotyp;Ergebnis;Entnahme;Status\n{rows}".encode()
    ).text
    assert '{column: Patient, why: "what looks like a name' in text
    assert 'patient_id: {from: "TODO: the column with patient_id' in text
    assert "Muster" not in text.replace("musterstadt", "")


def test_words_are_shown_only_of_coded_columns_and_never_identifiers(tmp_path: Path) -> None:
    head = "Patient ID,Accession,Antigen,Isotype,Result,Status,Collected,Interpretation\n"
    rows = "".join(
        f"P{n:04},A{n:04},GM1,IgM,1:{n}00,F,2024-05-1{n},{word}\n"
        for n, word in enumerate(
            ("Positive", "P0001", "call 0301234567 now", "odd", "Positive", "Mr Sample", "Positive", "Negative"), 1
        )
    )
    text = drafted(tmp_path, "x_1.csv", (head + rows).encode()).text
    assert "Positive: positive" in text
    assert 'odd: "TODO: what this word means here"' in text
    assert "P0001" not in text
    assert "0301234567" not in text
    assert "Mr Sample" not in text
    assert "3 further words, long or like an identifier" in text


def test_free_text_in_results_is_counted_not_shown(tmp_path: Path) -> None:
    head = "Patient ID,Accession,Antigen,Isotype,Result,Status,Collected\n"
    rows = "".join(
        f"P{n:04},A{n:04},GM1,IgM,{word},F,2024-05-1{n}\n"
        for n, word in enumerate(("1:800", "see letter", "ND", "Negative"), 1)
    )
    text = drafted(tmp_path, "x_1.csv", (head + rows).encode()).text
    assert "see letter" not in text
    assert "note: other texts without a digit in result cells: 1" in text
    assert 'ND: "TODO: not detected (negative), or not done' in text


@pytest.mark.parametrize(("content", "message"), [(b"", "no header row"), (b"1,2\n3,4\n", "no header row")])
def test_a_file_without_a_header_gives_no_draft(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        drafted(tmp_path, "x_1.csv", content)


def test_a_record_is_no_footer_whatever_its_first_cell_begins_with(tmp_path: Path) -> None:
    head = "Patient,Accession,Test,Collected,Result,Status\n"
    rows = "".join(f"N-{n},{n},GM1M,2024-01-0{n},1:800,F\n" for n in range(1, 4))
    text = drafted(tmp_path, "x_1.csv", (head + rows).encode()).text
    assert "footer" not in text
    assert 'matches: "N-[0-9]"' in text


def test_a_draft_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "x_1.csv").write_text(AMERICAN)
    out = tmp_path / "format.yaml"
    assert "places to decide" in draft_into(tmp_path / "x_1.csv", "riverside", out)
    with pytest.raises(UsageError, match="never overwrites"):
        draft_into(tmp_path / "x_1.csv", "riverside", out)
    with pytest.raises(UsageError, match="no folder name"):
        draft(tmp_path / "x_1.csv", "no/where")


def test_dates_are_decided_over_the_whole_column() -> None:
    both_ways = ["03/04/2024", "05/06/2024"]
    assert is_undecided(dates_of({"collected_on": both_ways}, {}, []).date.value)  # type: ignore[union-attr]
    assert dates_of({"collected_on": [*both_ways, "13/04/2024"]}, {}, []).date.value == "%d/%m/%Y"  # type: ignore[union-attr]
    contradicting = [*both_ways, *(f"{day}/04/2024" for day in range(13, 28)), "04/13/2024"]
    found = dates_of({"collected_on": contradicting}, {}, []).date
    assert found is not None and is_undecided(found.value) and "some only the other" in found.value
    backwards = [["03/04/2024", "02/05/2024"]]
    assert dates_of({"collected_on": both_ways}, {}, backwards).date.value == "%d/%m/%Y"  # type: ignore[union-attr]
    by_timestamp = dates_of({"collected_on": both_ways}, {"reported_at": ["04/25/2024 10:00"]}, [])
    assert by_timestamp.date.value == "%m/%d/%Y"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("numbers", "decimal", "thousands"),
    [
        (["48,5", "1.234,5"], ",", "."), (["48.5"], ".", ""), (["1,600", "2,300.5"], ".", ","), (["1 200,5"], ",", " "),
        (["1.600"], None, ""), (["48,5", "48.5"], None, ""), (["12"], ".", ""),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_decided_over_all_numbers(numbers: list[str], decimal: str | None, thousands: str) -> None:
    found = marks_of(numbers)
    assert is_undecided(found[0].value) if decimal is None else found[0].value == decimal
    assert found[1].value == thousands


@pytest.mark.parametrize(
    ("name", "antigen", "isotype"),
    [
        ("Anti-GM1 IgM", "GM1", "IgM"), ("GM1M", "GM1", "IgM"), ("asialo-GM1 IgG", "asialo-GM1", "IgG"), ("GA1-M", "asialo-GM1", "IgM"),
        ("GM1:GalC IgM", "GM1:GalC", "IgM"), ("Co-GM1", "Co-GM1", None), ("GD1a IgG", "GD1a", "IgG"), ("GM1 IgG/IgM", "GM1", "IgG+IgM"),
        ("GM12", None, None), ("aGM1", None, None), ("GM1 and GM2", None, None), ("NP-9", "NP-9", None),
    ],
)  # fmt: skip
def test_a_name_is_never_taken_for_a_part_of_it(name: str, antigen: str | None, isotype: str | None) -> None:
    assert (antigen_of(name), isotype_of(name)) == (antigen, isotype)


def test_patterns_hold_no_identifier_and_globs_no_date() -> None:
    assert pattern_of(["AB-0012", "AB-0345", "AB-9999"]).value == "AB-[0-9]{4}"  # type: ignore[union-attr]
    assert pattern_of(["AB12", "CD34", "EF56"]).value == "[A-Z]{2}[0-9]{2}"  # type: ignore[union-attr]
    assert pattern_of(["A1", "B22", "333", "C-4"]) is None
    assert glob_of("GM1_2024-03-01.csv").value == "GM1_*.csv"
    assert is_undecided(glob_of("20240301.csv").value)


def test_the_list_shows_formats_that_nobody_can_use_yet(tmp_path: Path) -> None:
    labs = tmp_path / "labs"
    labs.mkdir()
    (labs / "a.yaml").write_text(drafted(tmp_path, "us_2024_02.csv", AMERICAN.encode()).text)
    (labs / "b.yaml").write_text("id: x\n")
    settings = Settings.load(tmp_path, {"GM1_LABS_DIR": str(labs)})
    listed = {Path(one.origin).name: one for one in formats_of(settings)}
    assert listed["a.yaml"].state == "draft" and listed["a.yaml"].complaints > 0
    assert listed["b.yaml"].state == "unsound"
    assert listed["demo_northgate.yaml"].lacking_cutoffs == ()


def test_a_verdict_names_all_complaints_and_what_is_unwise(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, {})
    text = resolved(drafted(tmp_path, "referti_1.csv", ITALIAN.encode(), "roccia").text)
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text.replace("namespace: roccia", "namespace: example_registry").replace("referti_*.csv", "*.csv"))
    bad.write_text(
        text.replace("antigen:\n", "antigens:\n")
        .replace("encoding: utf-8", "encoding: utf8")
        .replace("id: roccia_titre", "id: Roccia")
    )
    found = judge(settings, [good, bad])
    warned = "\n".join(found.of[0].warnings)
    assert found.of[0].complaints == ()
    for part in (
        "is shared with",
        "fits every export",
        "no stated number",
        "exclude: none",
        "tests: none",
        "guesses stand",
        "no active cut-off",
    ):
        assert part in warned, part
    wrong = "\n".join(found.of[1].complaints)
    assert re.search(r"bad\.yaml:3: id:", wrong)
    assert re.search(r"bad\.yaml:[0-9]+: file\.encoding:", wrong)


def test_messages_are_drafted_by_their_places(tmp_path: Path) -> None:
    lines = []
    for n in range(1, 5):
        lines += [
            f"MSH|^~\\&|LIS|EXLAB|GM1|REG|2024031{n}1200||ORU^R01|{n}|P|2.5.1", f"PID|1||PT{n:05}^^^EXLAB||BEISPIEL^ANNA",
            f"OBR|1||ACC{n}|GM1P^GM1 panel|||2024031{n}0800|||||||||||||||2024031{n}1500|||F",
            f"OBX|1|SN|51703-7^GM1 IgM^LN||^1^:^{n}00|{{titer}}|||||F||||EXL",
            "OBX|2|SN|51729-2^GM1 IgG^LN||<^1^:^400|{titer}|||||F||||EXL", f"SPM|1|ACC{n}||SER",
        ]  # fmt: skip
    found = drafted(tmp_path, "oru_1.hl7", ("\r".join(lines) + "\r").encode())
    form = finished(tmp_path, found.text)
    assert (form.shape.form, form.columns["patient_id"].source, form.columns["result"].source) == (
        "hl7v2",
        "PID-3.1",
        "OBX-5",
    )
    assert {code: test.isotype for code, test in form.tests.items()} == {"51703-7": "IgM", "51729-2": "IgG"}
    assert (form.columns["status"].words or {})["W"] == "withdrawn"
    assert form.no_result_statuses == {"X": "not_obtained"}
    assert "BEISPIEL" not in found.text and "PT0" not in found.text
    assert "24 rows: 8 accepted, 16 layout" in tried(tmp_path, "oru_1.hl7")


def test_observations_are_drafted_by_their_paths(tmp_path: Path) -> None:
    resources: list[dict[str, object]] = []
    for n in range(1, 5):
        resources += [
            {"resourceType": "Patient", "id": f"p{n}", "identifier": [{"value": f"F{n:05}"}], "name": [{"family": "Beispiel"}]},
            {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "51703-7"}]},
             "subject": {"reference": f"Patient/p{n}"}, "identifier": [{"value": f"O{n}"}], "effectiveDateTime": f"2024-03-1{n}",
             "issued": f"2024-03-1{n}T10:00:00+01:00", "performer": [{"display": "EXL"}],
             "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 800, "comparator": "<"}}},
        ]  # fmt: skip
    found = drafted(tmp_path, "obs_1.ndjson", "".join(json.dumps(one) + "\n" for one in resources).encode())
    form = finished(tmp_path, found.text)
    assert (form.shape.form, form.columns["result"].source) == ("fhir", "value")
    assert form.performing_labs["EXL"].unit == "{titer}"
    assert "Beispiel" not in found.text and "F0000" not in found.text
    assert "8 rows: 4 accepted, 4 layout" in tried(tmp_path, "obs_1.ndjson")


def test_a_workbook_with_a_two_line_header_and_a_legend(tmp_path: Path) -> None:
    head: list[list[str | int | float | None]] = [
        ["SYNTHETIC export"], [],
        ["Patient", "Sample ID", "Collected", "Status", "GM1", None, "GD1a", None],
        [None, None, None, None, "IgM", "IgG", "IgM", "IgG"],
    ]  # fmt: skip
    rows = [
        [f"W{n:04}", f"S{n}", styled(45300 + n, DATE), "Final", f"1:{n}00", "<1:400", "1:800", None]
        for n in range(1, 6)
    ]
    sheets = {
        "Results": xlsx_sheet([*head, *rows, ["Total: 5"]], merged=("E3:F3", "G3:H3")),
        "Legend": xlsx_sheet([["IgM", "an isotype"]]),
    }
    write_zip(tmp_path / "panel_7.xlsx", xlsx_parts(sheets, hidden=["Legend"]))
    found = draft(tmp_path / "panel_7.xlsx", "westbank")
    form = finished(tmp_path, found.text, hidden_sheet="explains words")
    assert (form.shape.form, form.shape.header_row, form.shape.header_rows) == ("workbook", 3, 2)
    assert [one.columns["result"].source for one in form.all_readings] == [
        "GM1 / IgM",
        "GM1 / IgG",
        "GD1a / IgM",
        "GD1a / IgG",
    ]
    assert form.ignored_sheets == {"Legend": "explains words"}
    assert "W0001" not in found.text
    assert "11 rows: 10 accepted, 5 excluded, 11 layout" in tried(tmp_path, "panel_7.xlsx")


def test_sheets_of_one_header_become_one_table_and_do_not_show_their_names(tmp_path: Path) -> None:
    head = ["Patient", "Sample ID", "Collected", "Status", "Antigen", "Isotype", "Result"]
    sheets = {
        f"Run {name}": xlsx_sheet(
            [head, *([f"W{n:04}", f"{name}{n}", "2024-05-17", "Final", "GM1", "IgM", "1:800"] for n in range(1, 4))]
        )
        for name in ("Beispiel", "Exempel")
    }
    write_zip(tmp_path / "runs_1.xlsx", xlsx_parts(sheets))
    found = draft(tmp_path / "runs_1.xlsx", "westbank")
    assert 'sheet: "Run *"' in found.text
    assert "Beispiel" not in found.text
    finished(tmp_path, found.text)
    assert "8 rows: 6 accepted, 2 layout" in tried(tmp_path, "runs_1.xlsx")
