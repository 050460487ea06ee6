"""`gm1 crosswalk`: a file read strictly, kept under pseudonyms, and gone by in the build."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from intake_home import FORMAT, export, make_home, put, row

from pipeline.cli import cli
from pipeline.crosswalk import in_force, show, take
from pipeline.errors import PublicationStopped, SettingsError, UsageError
from pipeline.home import Home
from pipeline.ingest import ingest
from pipeline.ingest.lookup import lookup
from pipeline.ingest.pseudonym import key_parameters, patient_key
from pipeline.pseudonyms import pseudonym
from pipeline.report import report
from pipeline.settings import Settings
from pipeline.status import status
from pipeline.warehouse import build

HEADER = "person,namespace,patient_id"
HILL = FORMAT.replace("riverside", "hill").replace("R[0-9]{4}", "H[0-9]{4}")
ANNA = f"{HEADER}\nAnna Example,riverside,R0001\nAnna Example,hill,H0007\n"


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "crosswalk.csv"
    path.write_text(text, encoding="utf-8")
    return path


def home_of_two(tmp_path: Path) -> tuple[Home, Settings]:
    """Two laboratories that export the same result of a reference laboratory, each under its own identifier."""
    home, settings = make_home(tmp_path, FORMAT, HILL)
    put(home, "titres_1.csv", export(row("R0001")))
    put(home, "titres_1.csv", export(row("H0007")), lab="hill")
    ingest(settings)
    return home, settings


def rows(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        return con.execute(query).fetchall()


def test_the_pseudonym_is_the_one_that_exports_get() -> None:
    with duckdb.connect() as con:
        found = con.execute(
            f"SELECT {patient_key('?', 'a site')}".replace("?", "$id"), {"id": "É-01", **key_parameters(b"k" * 32)}
        )
        assert found.fetchall() == [(pseudonym("É-01", "a site", b"k" * 32),)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER},note\nA,riverside,R0001,x\n", "line 1: expected the header"),
        ("person,patient_id\nA,R0001\n", "line 1: .*namespace missing"),
        ("A,riverside,R0001\n", "line 1: expected the header"),
        ("", "line 1: expected the header"),
        (f"{HEADER}\nA,riverside,R0001\nA,,R0002\n", "line 3, column namespace: empty"),
        (f"{HEADER}\nA,riverside\n", "line 2: expected 3 cells, found 2"),
        (f"{HEADER}\nA,riverside,1.23E+05\n", "line 2, column patient_id: a number in E-notation"),
        (f"{HEADER}\n4E+11,riverside,R0001\n", "line 2, column person: a number in E-notation"),
        (f'{HEADER}\nA,riverside,"R00\n01"\n', "column patient_id: holds a line break"),
        (f'{HEADER}\nA,riverside,"R0001\n', "quotes do not close"),
    ],
)
def test_a_file_with_any_mistake_is_refused_whole(text: str, said: str, tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    with pytest.raises(UsageError, match=said) as refused:
        take(settings, file(tmp_path, text))
    assert not any(value in str(refused.value) for value in ("R00", "1.23", "4E+11"))
    assert in_force(home) is None


def test_every_mistake_is_named_up_to_ten(tmp_path: Path) -> None:
    _, settings = make_home(tmp_path)
    with pytest.raises(UsageError, match=r"line 2, column person: empty; line 3.*; and 2 more; nothing was read"):
        take(settings, file(tmp_path, "\n".join([HEADER, *[",riverside,R0001"] * 12])))


def test_columns_in_another_order_a_mark_and_blank_lines_are_no_mistakes(tmp_path: Path) -> None:
    _, settings = make_home(tmp_path)
    first = take(settings, file(tmp_path, f"{HEADER}\nA,riverside,R0001\n"))
    again = take(settings, file(tmp_path, "\ufeffpatient_id,person,namespace\n\n R0001 ,A,riverside\n"))
    assert (first.is_new, again.is_new) == (True, False)


def test_what_a_person_should_look_at_is_named_by_line(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, HILL)
    text = f"{HEADER}\nA,nowhere,N1\nA,riverside,R0001\nB,riverside,R0001\nC,hill,H0001\nC,hill,H0002\n"
    done = take(settings, file(tmp_path, text))
    assert [one.split(":")[0] for one in done.warnings] == [
        "no laboratory format declares the namespace of line 2, column namespace", "lines 3, 4", "lines 5, 6",
    ]  # fmt: skip
    counts = done.crosswalk.counts
    assert (counts.rows, counts.persons, counts.identifiers, counts.ambiguous_identifiers) == (5, 3, 4, 1)
    assert counts.persons_with_several_identifiers_in_one_namespace == 1
    assert not any(value in done.as_text() for value in ("nowhere", "R0001", "H0001", "N1"))
    assert {one["namespace"] for one in in_force(home).as_rows()} >= {"riverside", "hill"}  # type: ignore[union-attr]


def test_nothing_in_the_home_holds_an_identifier_or_a_person(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, HILL)
    take(settings, file(tmp_path, f"{HEADER}\nAnna Example,riverside,R0001\nAnna Example,R0009,riverside\n"))
    kept = [path for path in home.crosswalk.rglob("*") if path.is_file()]
    assert len(kept) == 2
    for path in kept:
        assert not any(value in path.read_bytes() for value in (b"Anna", b"R0001", b"R0009"))
    assert home.crosswalk.stat().st_mode & 0o077 == 0


def test_generations_are_kept_and_the_newest_counts(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path, FORMAT, HILL)
    first = take(settings, file(tmp_path, ANNA)).crosswalk
    second = take(settings, file(tmp_path, f"{HEADER}\n")).crosswalk
    back = take(settings, file(tmp_path, ANNA)).crosswalk
    assert first.read_at < second.read_at < back.read_at
    assert show(settings).generations == 3
    assert in_force(home, second.read_at) == second
    assert in_force(home, "2000-01-01T00:00:00Z") is None
    assert in_force(home) == replace(first, read_at=back.read_at)


def test_rows_that_were_altered_stop_the_build(tmp_path: Path) -> None:
    home, settings = home_of_two(tmp_path)
    take(settings, file(tmp_path, ANNA))
    (kept,) = home.crosswalk.glob("*.parquet")
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT 'p' AS person_key, 'x' AS namespace, 'q' AS patient_key) TO '{kept}' (FORMAT parquet)"
        )
    with pytest.raises(SettingsError, match="not the rows its manifest names"):
        build(settings)


def test_two_exports_of_one_result_are_one_and_the_report_says_by_which_crosswalk(tmp_path: Path) -> None:
    home, settings = home_of_two(tmp_path)
    build(settings)
    assert (
        rows(home, "SELECT disposition, reason_code FROM mart_result") == [("held", "accession_under_two_patients")] * 2
    )
    assert rows(home, "SELECT crosswalk_sha256 FROM _build") == [("none",)]
    taken = take(settings, file(tmp_path, ANNA)).crosswalk
    build(settings)
    assert rows(home, "SELECT disposition FROM mart_result ORDER BY 1") == [("duplicate",), ("used",)]
    assert rows(home, "SELECT count(*), min(n_results) FROM mart_patient") == [(1, 1)]
    assert rows(home, "SELECT outcome, n FROM mart_crosswalk WHERE n > 0 ORDER BY 1") == [
        ("found", 1), ("joined_from_several_identifiers", 1), ("matched", 2),
    ]  # fmt: skip
    written = report(settings)
    content = json.loads((written.report_file.parent / "report.json").read_text(encoding="utf-8"))
    assert content["provenance"]["crosswalk_sha256"] == taken.sha256
    assert "A crosswalk was in force" in written.page.read_text(encoding="utf-8")


def test_a_build_that_looks_back_goes_by_the_crosswalk_of_then(tmp_path: Path) -> None:
    home, settings = home_of_two(tmp_path)
    first = take(settings, file(tmp_path, ANNA)).crosswalk
    later = take(settings, file(tmp_path, f"{HEADER}\n")).crosswalk
    build(settings)
    assert rows(home, "SELECT count(*), min(crosswalk_sha256) FROM mart_patient, _build") == [(2, later.sha256)]
    build(settings, as_of=first.read_at)
    assert rows(home, "SELECT count(*), min(crosswalk_sha256) FROM mart_patient, _build") == [(1, first.sha256)]


def test_a_link_that_would_multiply_rows_stops_publication(tmp_path: Path) -> None:
    """The model broken on purpose: a key that stands twice doubles the rows of its patient."""
    home, settings = home_of_two(tmp_path)
    sql = shutil.copytree(settings.sql_dir, tmp_path / "sql")
    model = sql / "staging" / "stg_patient_link.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(f"{text}\nUNION ALL\nSELECT patient_key, 'p', 'joined' FROM input_titre\n", encoding="utf-8")
    with pytest.raises(PublicationStopped, match="mart_crosswalk_link_moves_no_row"):
        build(replace(settings, sql_dir=sql))
    assert not home.warehouse_file.exists()


def test_whom_a_joined_key_stands_for_is_every_identifier_seen(tmp_path: Path) -> None:
    home, settings = home_of_two(tmp_path)
    take(settings, file(tmp_path, ANNA))
    build(settings)
    ((joined,),) = rows(home, "SELECT patient_key FROM mart_patient")
    found = lookup(settings, str(joined), "A. Reviewer", "asked by the clinic")
    assert [(one.identifier, one.namespace) for one in found] == [("H0007", "hill"), ("R0001", "riverside")]


def test_the_command_takes_in_or_shows(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    run = CliRunner()
    none = run.invoke(cli, ["crosswalk", "--show", "--home", str(home.root)])
    assert "No crosswalk is in force" in none.output
    taken = run.invoke(cli, ["crosswalk", str(file(tmp_path, ANNA)), "--home", str(home.root), "--json"])
    assert json.loads(taken.output)["counts"]["identifiers"] == 2
    shown = run.invoke(cli, ["crosswalk", "--show", "--home", str(home.root), "--json"])
    assert json.loads(shown.output)["in_force"]["sha256"] == json.loads(taken.output)["sha256"]
    assert isinstance(run.invoke(cli, ["crosswalk", "--home", str(home.root)]).exception, UsageError | SystemExit)
    assert "persons 1, identifiers 2" in status(settings).as_text()
    assert str(home.crosswalk) in status(settings).back_up
