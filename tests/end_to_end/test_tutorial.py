"""The tutorial is true: its commands run in a fresh home, in order, and print what the page says they print."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))

from run_tutorial import PAGE, commands_of, page_as_run  # noqa: E402


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(commands_of(page)) > 15
    assert page_as_run(page, tmp_path.resolve()) == page, "run `python docs/run_tutorial.py` and read what changed"
    assert list((tmp_path / "first-home" / "landed").glob("*.manifest.json")), "an export landed"
    assert list((tmp_path / "first-home" / "reports").rglob("positive_rates.html")), "a report was written"
    drafts = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "first-labs").glob("*.yaml"))
    assert "Beispiel" not in drafts and "LH00001" not in drafts


def test_the_examples_say_that_they_are_synthetic() -> None:
    folder = PAGE.parent / "example"
    for name in ("lindenhof_befunde_2024-03.csv", "assay_cutoffs.csv"):
        assert b"SYNTHETIC" in (folder / name).read_bytes()
