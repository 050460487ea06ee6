"""What an inbox may hold: renamed, replaced and oddly named files and folders."""

import os
from pathlib import Path

from intake_home import export, make_home, put, row

from pipeline.home import Home
from pipeline.ingest import ingest, waiting_labs
from pipeline.ingest.arrivals import receipts
from pipeline.ingest.generations import landed
from pipeline.quarantine import quarantine
from pipeline.replay import rebuild
from pipeline.settings import Settings


def held_reasons(home: Home) -> dict[str, str | None]:
    made = landed(home)
    return {one.file_name: made[one.arrival_id].held_reason for one in receipts(home).values()}


def age(path: Path, seconds: int) -> None:
    """Give a file an older time, as copying with times kept does."""
    there = path.stat()
    os.utime(path, (there.st_atime - seconds, there.st_mtime - seconds))


def test_a_file_held_for_its_name_is_taken_in_under_the_right_one(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "results.txt", export(row()))
    assert ingest(settings).exports_held == 1
    put(home, "titres_1.csv", export(row()))
    assert waiting_labs(settings) == ["riverside"]
    again = ingest(settings)
    assert (again.exports_new, again.exports_seen, again.exports_held, again.rows_accepted) == (1, 1, 0, 1)
    assert held_reasons(home) == {"results.txt": "format_unknown", "titres_1.csv": None}
    assert len(list(home.archive.glob("??/*"))) == 1
    third = ingest(settings)
    assert (third.exports_new, third.exports_seen, third.rows, third.warnings) == (0, 2, 0, [])
    assert waiting_labs(settings) == []
    assert rebuild(settings).exports == 2


def test_both_names_at_once_end_as_one_after_the_other(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    for name in ("a.txt", "b.txt", "titres_1.csv"):
        put(home, name, export(row()))
    done = ingest(settings)
    assert (done.exports_new, done.exports_seen, done.exports_held, done.rows_accepted) == (3, 0, 2, 1)
    assert held_reasons(home) == {"a.txt": "format_unknown", "b.txt": "format_unknown", "titres_1.csv": None}
    assert ingest(settings).exports_new == 0


def test_an_intake_cut_off_between_two_names_is_done_again(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "a.txt", export(row()))
    ingest(settings)
    (manifest,) = home.landed.glob("*.manifest.json")
    manifest.unlink()
    put(home, "titres_1.csv", export(row()))
    done = ingest(settings)
    assert (done.exports_new, done.exports_held, done.rows_accepted) == (1, 1, 1)
    assert held_reasons(home) == {"a.txt": "format_unknown", "titres_1.csv": None}


def test_what_is_landed_is_not_taken_in_a_second_time_under_another_name(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    ingest(settings)
    put(home, "titres_2.csv", export(row()))
    assert waiting_labs(settings) == []
    again = ingest(settings)
    assert (again.exports_new, again.exports_seen, again.rows) == (0, 2, 0)
    (named,) = again.warnings
    assert "inbox/riverside/titres_2.csv: the same bytes as titres_1.csv" in named
    assert len(receipts(home)) == 1


def test_a_replaced_file_waits_though_it_is_older(tmp_path: Path) -> None:
    home, settings = make_home(tmp_path)
    age(put(home, "titres_1.csv", export(row(status="F"))), 7200)
    ingest(settings)
    assert waiting_labs(settings) == []
    age(put(home, "titres_1.csv", export(row(status="C"))), 7200)
    assert waiting_labs(settings) == ["riverside"]
    assert ingest(settings).exports_new == 1
    assert waiting_labs(settings) == []


def put_raw(home: Home, folder: bytes, name: bytes) -> None:
    """An export in a place whose name need not be text."""
    place = home.inbox / os.fsdecode(folder)
    place.mkdir(exist_ok=True)
    (place / os.fsdecode(name)).write_bytes(export(row(accession="A9")).encode())


def oddly_named(tmp_path: Path) -> tuple[Home, Settings]:
    home, settings = make_home(tmp_path)
    put(home, "titres_1.csv", export(row()))
    for name in (b"titres_\xfc.csv", b"titres_\nforged.csv", b"titres_\x1b[2J.csv", "titres_\u202ecsv".encode()):
        put_raw(home, b"riverside", name)
    for folder in (b"lab\xfc", b"lake\nside", b"lab; x[*]", b".hidden"):
        put_raw(home, folder, b"titres_1.csv")
    (home.inbox / "loose\n.csv").write_text("x")
    return home, settings


def test_odd_names_are_refused_and_printed_safely(tmp_path: Path) -> None:
    home, settings = oddly_named(tmp_path)
    assert waiting_labs(settings) == ["riverside"]
    done = ingest(settings)
    assert (done.exports_new, done.rows_accepted) == (1, 1)
    assert len(done.warnings) == 9
    for line in done.warnings:
        assert line.encode("utf-8") and line.isprintable()
    named = " ".join(done.warnings)
    assert r"'titres_\udcfc.csv'" in named and r"'lake\nside'" in named and r"'loose\n.csv'" in named
    assert waiting_labs(settings) == []
    assert "forged" not in quarantine(settings).as_text()
    assert [one.lab for one in receipts(home).values()] == ["riverside"]
