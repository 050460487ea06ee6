"""Writes docs/reference/ from the program itself, so that the pages cannot say anything else.

python docs/generate.py [--check]      --check writes nothing and exits 1 when a page is out of date
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import manual
from lab_format import fields, sections

from pipeline import resources, rulebook
from pipeline.checks import load_checks, silence_exit
from pipeline.cli import EPILOG, cli
from pipeline.labs.document import SCHEMA_FILE
from pipeline.messages import groups
from pipeline.settings import VARIABLES
from pipeline.warehouse.models import load_meanings, load_models

REFERENCE = Path(__file__).parent / "reference"
BANNER = "<!-- Written by docs/generate.py; change the program and run `make docs`. -->\n\n"


def cell(text: object) -> str:
    """Text fit for one cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]) + "\n"


def settings_page() -> str:
    rows: list[list[object]] = [[f"`{v.name}`", v.default or "none", v.meaning] for v in VARIABLES]
    return (
        "# Settings\n\nAll settings are environment variables; `--home` on a command wins over `GM1_HOME`.\n\n"
        + table(["variable", "default", "meaning"], rows)
    )


def commands_page() -> str:
    parts = ["# Commands\n", EPILOG + "\n"]
    for name, command in sorted(_commands(cli.commands, "gm1")):
        text = command.get_help(click.Context(command, info_name=name, max_content_width=100))
        parts.append(f"## {name}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


def _commands(commands: Mapping[str, click.Command], before: str) -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, those of groups as well."""
    for name, command in commands.items():
        yield f"{before} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command.commands, f"{before} {name}")


def tables_page() -> str:
    """Every published table with the columns that its model makes."""
    meanings = load_meanings(resources.SQL_DIR)
    models = {m.name: m for m in load_models(resources.SQL_DIR)}
    parts = ["# Tables of warehouse/gm1.duckdb\n", "The same words stand as COMMENTs inside the file.\n"]
    for name, meaning in meanings.items():
        source = f"Model: `sql/mart/{name}.sql`\n" if name in models else ""
        parts.append(f"## {name}\n\n{meaning.title}\n\n{source}")
        parts.append(table(["column", "meaning"], [[f"`{c}`", meaning.columns[c]] for c in columns_of(name)]))
    return "\n".join(parts)


def columns_of(name: str) -> list[str]:
    """The columns of a published table, from a warehouse built on nothing."""
    if not _COLUMNS:
        _COLUMNS.update(_empty_warehouse())
    return _COLUMNS[name]


_COLUMNS: dict[str, list[str]] = {}


def _empty_warehouse() -> dict[str, list[str]]:
    import tempfile

    import duckdb

    from pipeline.home import Home
    from pipeline.settings import Settings
    from pipeline.warehouse import build

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "home"
        Home.create(root, demo=True)
        built = build(Settings.load(root, {}))
        with duckdb.connect(str(built.warehouse_file), read_only=True) as con:
            found = con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
            )
            columns: dict[str, list[str]] = {}
            for table_name, column_name in found.fetchall():
                columns.setdefault(table_name, []).append(column_name)
    return columns


def checks_page() -> str:
    parts = [
        "# Checks\n",
        "A critical check on a record rejects the row; on a table of the warehouse it stops publication.\n",
    ]
    for file in sorted(resources.EXPECTATIONS_DIR.glob("*.yaml")):
        rows: list[list[object]] = [
            [f"`{c.id}`", c.severity, c.category, f"`{c.expect}`", c.why, c.if_failed]
            for c in load_checks(resources.EXPECTATIONS_DIR, file.stem)
        ]
        parts.append(
            f"## {file.stem}\n\n" + table(["check", "severity", "category", "expectation", "why", "if it fails"], rows)
        )
    return "\n".join(parts)


def messages_page() -> str:
    parts = [
        "# Messages\n",
        "Every reason this program gives for what became of a file, a row or a result. `gm1 quarantine` and the sender's "
        "feedback use these words. Messages of checks are on the page [checks](checks.md); they are the sender's move.\n",
    ]
    for group in groups():
        rows: list[list[object]] = [[f"`{m.code}`", m.move, m.meaning, m.remedy] for m in group.messages]
        parts.append(f"## {group.title}\n\n{group.about}\n\n" + table(["code", "move", "meaning", "what to do"], rows))
        if released := [f"`{m.code}`" for m in group.messages if m.can_release]:
            parts.append(f"A reviewer may overrule, with `gm1 release`: {', '.join(released)}.\n")
    return "\n".join(parts)


def lab_format_page() -> str:
    parts = [
        "# The lab YAML\n",
        "Every key of a laboratory's format, from the JSON Schema that the program holds each file against. The schema "
        "itself is [lab-format.schema.json](lab-format.schema.json) (in the program: `pipeline/labs/schema.json`); an "
        "editor that is told of it completes keys and marks mistakes. `gm1 labs check FILE` says the rest: what "
        "contradicts itself, and what is unwise. How to go about it: "
        "[add a laboratory](../how-to/add-a-laboratory.md), [first laboratory](../tutorial/first-laboratory.md).\n",
    ]
    for title, about, rows in sections():
        parts.append(f"## {title}\n\n{about}\n\n" + table(["key", "type", "required", "meaning"], rows))
    for record, found in fields():
        parts.append(f"## Fields of {record}\n\n" + table(["field", "type", "required", "words"], found))
    return "\n".join(parts)


_NONE_SHIPPED = "No row ships; a site adds its own. Columns: {}.\n"


def _plain_number(value: object) -> object:
    """A whole number without `.0`, which a column with empty cells adds."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def rules_page() -> str:
    book = rulebook.load([resources.RULES_DIR])
    parts = [
        "# Rules\n",
        "Every clinical number of the program, with its source. The files are `pipeline/rules/*.csv`.\n",
    ]
    for name, frame in book.tables.items():
        if name in ("rule_cutoff_span", "rule_titre_step"):
            continue
        text = frame.astype(object).where(frame.notna(), "").map(_plain_number)
        shown = (
            table(list(text.columns), text.values.tolist())
            if len(text)
            else _NONE_SHIPPED.format(", ".join(text.columns))
        )
        parts.append(f"## {name}\n\n{shown}")
    return "\n".join(parts)


def interpretation_page() -> str:
    parts = [
        "# Interpretation\n",
        "How results, recordings and cohorts are read, case by case. Every line of this page is a test that runs with each "
        "change of the program (`tests/spec/`), and the page is written from those tests: what stands here is what the "
        "program does. Words in `this type` are codes as they stand in the tables of the warehouse. The numbers themselves, "
        "with their sources, are on the page [rules](rules.md).\n",
    ]
    found = manual.sections()
    for part in dict.fromkeys(section.part for section in found):
        links = [f"[{s.title}](#{anchor(s)})" for s in found if s.part == part]
        parts.append(f"- {part}: {', '.join(links)}")
    part = ""
    for section in found:
        if section.part != part:
            part = section.part
            parts.append(f"\n## {part}\n")
        parts.append(f'\n<a id="{anchor(section)}"></a>\n\n### {section.title}\n\n{section.text}\n')
        for statement in section.statements:
            parts.append(f"**{statement.sentence}.** {statement.text}".rstrip() + "\n")
            for title, head, rows in statement.tables:
                if len(head) == 1:
                    parts.append(f"Cases: {'; '.join(row[0] for row in rows)}.\n")
                else:
                    parts.append((f"By {title}:\n\n" if title else "") + table(head, [list(row) for row in rows]))
        parts.append(f"Shown by `tests/spec/{section.file}`.\n")
    return "\n".join(parts)


def anchor(section: manual.Section) -> str:
    """The place of a section on its page."""
    return section.file.removeprefix("test_").removesuffix(".py").replace("_", "-")


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "tables.md": tables_page,
    "checks.md": checks_page,
    "messages.md": messages_page,
    "rules.md": rules_page,
    "lab-format.md": lab_format_page,
    "interpretation.md": interpretation_page,
}
# Published as they are, beside the pages.
COPIES = {"lab-format.schema.json": SCHEMA_FILE}


def main() -> int:
    silence_exit()
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    stale = []
    texts = {name: BANNER + page().rstrip() + "\n" for name, page in PAGES.items()}
    texts |= {name: source.read_text(encoding="utf-8") for name, source in COPIES.items()}
    for name, text in texts.items():
        file = REFERENCE / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                file.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
