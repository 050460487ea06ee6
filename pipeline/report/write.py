"""Writes the report of the published warehouse: one folder, put in place whole."""

import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import SettingsError
from pipeline.home import SCHEMA_VERSION, Home
from pipeline.report.content import report_json
from pipeline.report.csv_tables import csv_tables
from pipeline.report.findings import Findings, read
from pipeline.report.page import figures, page
from pipeline.settings import Settings

# A report is a draft until somebody signs for it.
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """Where the report is and what its headline says."""

    run_id: str
    status: str
    verdict: str | None
    n_tested: int
    n_positive: int
    report_file: Path
    page: Path

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON and for a task's return value."""
        return {**asdict(self), "report_file": str(self.report_file), "page": str(self.page)}


def report(settings: Settings) -> ReportSummary:
    """Writes reports/<run_id>/ for the published warehouse; a repeat replaces it with the same bytes.

    Raises SettingsError when nothing was published yet, or by another version of the program.
    """
    home = Home.open(settings)
    findings = _read(home)
    folder = home.reports / findings.run_id
    _replace_folder(folder, _files(findings, bool(home.config.get("is_demo"))))
    row = findings.headline
    return ReportSummary(
        findings.run_id,
        DRAFT,
        row["verdict"],
        row["n_tested"],
        row["n_positive"],
        folder / "report.json",
        folder / "positive_rates.html",
    )


def _read(home: Home) -> Findings:
    if not home.warehouse_file.is_file():
        raise SettingsError(f"{home.warehouse_file}: nothing was published yet; run `gm1 run` or `gm1 build` first")
    with duckdb.connect(str(home.warehouse_file), read_only=True) as con:
        found = con.execute("SELECT schema_version FROM _build").fetchone()
        if found is None or found[0] != SCHEMA_VERSION:
            raise SettingsError(
                f"{home.warehouse_file}: built by another version of gm1-pipeline; run `gm1 build` first"
            )
        return read(con)


def _files(findings: Findings, is_demo: bool) -> dict[str, str]:
    """Text by its path below the report's folder."""
    drawn = figures(findings)
    content = json.dumps(report_json(findings, DRAFT), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return {
        "report.json": content + "\n",
        "positive_rates.html": page(findings, drawn, DRAFT, is_demo),
        **{f"tables/{name}": text for name, text in csv_tables(findings).items()},
        **{f"figures/{name}": text for name, text in drawn.items()},
    }


def _replace_folder(folder: Path, files: dict[str, str]) -> None:
    """Puts `folder` in place with exactly these files; until then whoever looks sees the old one."""
    mark = secrets.token_hex(4)
    written, old = (folder.with_name(f".{kind}-{folder.name}-{mark}") for kind in ("writing", "old"))
    try:
        for name, text in files.items():
            path = written / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        if folder.exists():
            folder.rename(old)
        written.rename(folder)
    finally:
        shutil.rmtree(written, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
