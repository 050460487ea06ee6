"""The demo cohorts: plausible in size, repeatable to the byte, and each variant ends as its name says."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from pipeline.demo import VARIANTS, manifest, prepare, write_exports
from pipeline.demo.plan import planned
from pipeline.errors import UsageError
from pipeline.settings import Settings

DISPOSITIONS = {"used", "held", "superseded", "withdrawn", "duplicate", "rejected", "excluded", "layout"}


def digests(inbox: Path) -> dict[str, str]:
    return {
        f.relative_to(inbox).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in inbox.rglob("*")
        if f.is_file()
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_ends_as_its_name_says(variant: str) -> None:
    assert manifest(1, variant)["headline"]["verdict"] == variant
    assert manifest(2, variant)["headline"]["verdict"] == variant


def test_the_cohort_is_large_enough_and_mixed() -> None:
    people = planned(VARIANTS["within"]).people
    labels = Counter(person.diagnosis for person in people)
    assert len(people) >= 300
    assert labels["MMN"] >= 80
    assert all(labels[label] >= 30 for label in ("ALS", "CIDP", "GBS", "Other"))
    assert len({person.identifier for person in people}) == len(people)


def test_every_disposition_is_planted_after_each_month() -> None:
    assert {d for file in manifest(1)["files"].values() for d in file["dispositions"]} == DISPOSITIONS
    assert {d for file in manifest(2)["files"].values() for d in file["dispositions"]} == DISPOSITIONS


def test_a_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", None), ("b", None), ("c", 77)):
        write_exports(tmp_path / folder, 1, seed=seed)
        write_exports(tmp_path / folder, 2, seed=seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


def test_month_two_changes_the_figure_in_the_way_that_was_planned() -> None:
    before, after = manifest(1)["headline"], manifest(2)["headline"]
    # one patient corrected to negative, one withdrawn, one preliminary result final, one tested for the first time
    assert before["n_tested"] + 1 == after["n_tested"]
    assert before["rate"] != after["rate"]


def test_the_exports_say_that_they_are_synthetic(tmp_path: Path) -> None:
    write_exports(tmp_path)
    for file in tmp_path.rglob("*.csv"):
        text = file.read_bytes().decode("cp1252").casefold()
        assert "synthet" in text or "ncs_sites" in file.name, file.name


def test_an_unknown_variant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected one of within, below"):
        prepare(Settings.load(tmp_path / "home", {}), variant="sideways")


def test_two_cohorts_are_not_mixed_in_one_inbox(tmp_path: Path) -> None:
    write_exports(tmp_path)
    before = digests(tmp_path)
    for month in (1, 2):
        with pytest.raises(UsageError, match="another variant or seed"):
            write_exports(tmp_path, month, "below")
    assert digests(tmp_path) == before
