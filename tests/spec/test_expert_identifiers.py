"""What an expert checks first about identifiers, entry 15: no name and no number of a patient gets out of the exports."""

import re
from pathlib import Path

import duckdb
import yaml
from click.testing import CliRunner

from pipeline.cli import cli

from .expert_home import LABS, NAMES, Expert

# The bytes as received, and the laboratory's own file handed back to it, hold what it sent; nothing else does.
AS_SENT = ("inbox", "archive", "restricted")
IDENTIFIER = re.compile(r"\bEX\d{4}\b")


def leaks(text: str) -> set[str]:
    """The names and identifiers of the exports that stand in a text."""
    return {name for name in NAMES if name in text} | set(IDENTIFIER.findall(text))


def test_15_no_identifier_gets_into_what_is_written_or_logged(home_of_mistakes: Expert) -> None:
    """Mistake: a name typed into a result, a remark or an unknown column turns up in a report, a log or a page."""
    home = home_of_mistakes.home
    read = 0
    for file in home.root.rglob("*"):
        folder = file.relative_to(home.root).parts[0]
        if not file.is_file() or folder in AS_SENT or file.suffix in (".parquet", ".duckdb"):
            continue
        if folder == "feedback" and "annotated" in file.name:
            assert file.stat().st_mode & 0o077 == 0, "the laboratory's own rows are for its owner alone"
            continue
        assert not leaks(file.read_text(encoding="utf-8", errors="replace")), file.relative_to(home.root)
        read += 1
    assert read > 50, "reports, validation pages, feedback, receipts, runs, quarantine, manifests"
    assert home_of_mistakes.log and not leaks("\n".join(home_of_mistakes.log))


def test_15_no_identifier_is_in_the_warehouse_or_in_landed_keys(home_of_mistakes: Expert) -> None:
    """Mistake: the pseudonym is made late, or beside the identifier, and an analyst reads both."""
    con = home_of_mistakes.con
    texts = """SELECT table_name, column_name FROM duckdb_columns()
               WHERE data_type = 'VARCHAR' AND NOT internal AND database_name = current_database()"""
    for table, column in con.execute(texts).fetchall():
        values = con.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL').fetchall()
        assert not leaks("\n".join(str(value) for (value,) in values)), (table, column)
    with duckdb.connect() as landed:
        for file in home_of_mistakes.home.landed.rglob("*.parquet"):
            columns = [row[0] for row in landed.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()]
            for name in columns:
                values = landed.execute(f"SELECT DISTINCT CAST(\"{name}\" AS VARCHAR) FROM '{file}'").fetchall()
                assert not IDENTIFIER.search("\n".join(str(value) for (value,) in values)), (file.name, name)


def test_15_what_commands_print_names_no_patient(home_of_mistakes: Expert, tmp_path: Path) -> None:
    """Mistake: the terminal shows the cell it could not read, and the terminal is logged."""
    home = str(home_of_mistakes.home.root)
    names = ["alder/alder_15.csv", "alder/alder_09.csv"]
    commands = [["status"], ["quarantine"], *(["quarantine", name] for name in names), ["explain", "headline"],
                *(["explain", names[0], str(row)] for row in (2, 3, 4))]  # fmt: skip
    for command in commands:
        for shape in ([], ["--json"]):
            done = CliRunner().invoke(cli, [*command, "--home", home, *shape])
            assert done.exit_code == 0, (command, done.output)
            assert not leaks(done.output), command


def test_15_examples_are_invented_and_say_so() -> None:
    """Mistake: a real export becomes an example of the tests, and with it its patients."""
    shipped = Path(__file__).parents[2] / "pipeline" / "labs"
    formats = [*LABS.glob("*/*.yaml"), *shipped.glob("demo_*.yaml")]
    assert len(formats) > 90
    for file in formats:
        assert "invented" in yaml.safe_load(file.read_text(encoding="utf-8"))["title"], file.name
