"""Writes the validation page of a run, the CSV files beside it, and the index of all runs."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.home import Home, write_atomically, write_json
from pipeline.pages import csv_text, environment
from pipeline.validation import tables
from pipeline.validation.evidence import Evidence, Listing, every_row, gather

TEMPLATES = Path(__file__).parent / "templates"


def write_site(con: duckdb.DuckDBPyConnection, home: Home, run_id: str) -> None:
    """Writes validation/<run_id>.html and .json for the build in `con`, and validation/index.html anew.

    Works for a build that is not published as well: the page then says which checks stopped it. Nothing is loaded from
    elsewhere, so the folder can be copied and read anywhere.
    """
    evidence = gather(con)
    whole = {
        **_whole_lists(con, home, run_id, "check", evidence.failures),
        **_whole_lists(con, home, run_id, "reason", evidence.unused),
    }
    env = environment(TEMPLATES)
    page = env.get_template("run.html.j2").render(
        evidence=evidence,
        run_id=run_id,
        is_demo=bool(home.config.get("is_demo")),
        tables=tables,
        whole=whole,
        summary=_summary(evidence, run_id),
    )
    write_atomically(home.validation / f"{run_id}.html", page)
    write_json(home.validation / f"{run_id}.json", _summary(evidence, run_id))
    index = env.get_template("index.html.j2").render(runs=_runs(home.validation))
    write_atomically(home.validation / "index.html", index)


def _whole_lists(
    con: duckdb.DuckDBPyConnection, home: Home, run_id: str, source: str, listings: dict[tuple[str, str], Listing]
) -> dict[tuple[str, str], str]:
    """Writes a CSV for each list that is too long for the page; its file name by the key of the list."""
    found: dict[tuple[str, str], str] = {}
    for key, listing in listings.items():
        if listing.n_listed < listing.n_rows:
            found[key] = f"{run_id}.{_file_name(*key)}.csv"
            frame = pd.DataFrame(every_row(con, source, key), dtype=object)
            write_atomically(home.validation / found[key], csv_text(frame))
    return found


def _file_name(*parts: str) -> str:
    """Codes as part of a file name; there may be many, so the name is cut and a hash keeps it apart."""
    whole = ".".join(parts)
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '_', whole)[:80]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _summary(evidence: Evidence, run_id: str) -> dict[str, Any]:
    """What the index says about a run."""
    outcomes = [c["outcome"] for c in evidence.checks]
    return {
        "schema_version": 1,
        "run_id": run_id,
        "built_at": f"{evidence.build['built_at']:%Y-%m-%dT%H:%M:%SZ}",
        "as_of": f"{evidence.build['as_of']:%Y-%m-%dT%H:%M:%SZ}" if evidence.build["as_of"] else None,
        "exports": len(evidence.exports),
        "rows": sum(int(e["rows_counted"]) for e in evidence.exports),
        "rows_unaccounted": evidence.n_unaccounted,
        "checks": {name: outcomes.count(name) for name in tables.OUTCOMES},
        "stopped_by": sorted(c["check_id"] for c in evidence.stopping),
    }


def _runs(folder: Path) -> list[dict[str, Any]]:
    """The summaries of all pages in the folder, the newest run first."""
    found = [_read_summary(file) for file in folder.glob("*.json") if file.with_suffix(".html").is_file()]
    return sorted(found, key=lambda run: (str(run["built_at"]), str(run["run_id"])), reverse=True)


def _read_summary(file: Path) -> dict[str, Any]:
    """One summary; a file that cannot be read still has its page listed, and says so."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {"is_readable": True, **content, "run_id": file.stem, "built_at": content["built_at"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"is_readable": False, "run_id": file.stem, "built_at": ""}
