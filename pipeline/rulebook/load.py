"""Reads the rule tables of one or more folders into typed frames, and refuses what is unsound."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import RulebookUnsound
from pipeline.rulebook import cutoffs, diagnosis, nerves, published, serology
from pipeline.rulebook.tables import DATE, EXACT, NUMBER, TABLES, TEXT, WHOLE, YES_NO, RuleTable


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rule tables by name (`rule_cutoff`, `rule_cutoff_span`, …) and the hash of the files they came from."""

    tables: Mapping[str, pd.DataFrame]
    types: Mapping[str, Mapping[str, str]]
    sha256: str

    def plausible(self, rule_id: str) -> tuple[float | None, float | None]:
        """The lowest and highest plausible value of a quantity; None where a side is open.

        Raises RulebookUnsound when no such rule exists.
        """
        rows = self.tables["rule_plausible"]
        found = rows[rows["rule_id"] == rule_id]
        if found.empty:
            raise RulebookUnsound(f"plausibility.csv: no rule {rule_id}; add the row or correct the reference to it")
        low, high = found.iloc[0]["low"], found.iloc[0]["high"]
        return (None if pd.isna(low) else float(low), None if pd.isna(high) else float(high))


def load(rules_dirs: Sequence[Path]) -> Rulebook:
    """The rulebook of these folders: a later folder adds rows, and replaces those whose key it repeats.

    Raises RulebookUnsound with file, rule and remedy in one line.
    """
    digest = hashlib.sha256()
    tables: dict[str, pd.DataFrame] = {}
    types: dict[str, Mapping[str, str]] = {}
    for table in TABLES:
        files = [folder / table.file for folder in rules_dirs if (folder / table.file).is_file()]
        if not files:
            raise RulebookUnsound(f"{table.file}: found in none of {', '.join(map(str, rules_dirs))}")
        for file in files:
            digest.update(table.file.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        tables[table.name] = _merged(table, [_read(table, file) for file in files])
        types[table.name] = table.columns
    cutoffs.prove_sound(tables["rule_cutoff"])
    tables["rule_cutoff_span"] = cutoffs.spans(tables["rule_cutoff"])
    types["rule_cutoff_span"] = cutoffs.SPAN_TYPES
    serology.prove_windows(tables["rule_ivig_window"])
    serology.prove_series(tables["rule_titre_series"])
    tables["rule_titre_step"] = serology.steps(tables["rule_titre_series"])
    types["rule_titre_step"] = serology.STEP_TYPES
    nerves.prove_sound(tables)
    diagnosis.prove_sound(tables)
    published.prove_sound(tables["rule_published_cohort"], tables["rule_source"])
    return Rulebook(tables, types, digest.hexdigest())


def _merged(table: RuleTable, parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(list(parts), ignore_index=True)
    if not table.key:
        return whole.drop_duplicates(ignore_index=True)
    return whole.drop_duplicates(table.key, keep="last", ignore_index=True)


def _read(table: RuleTable, file: Path) -> pd.DataFrame:
    """One file with typed columns; every fault names the file and the line as an editor counts it."""
    try:
        raw = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8", on_bad_lines="error")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise RulebookUnsound(
            f"{file}: expected a UTF-8 CSV file, could not be read ({type(error).__name__})"
        ) from error
    missing = [name for name in table.columns if name not in raw.columns and name not in table.optional]
    unknown = [name for name in raw.columns if name not in table.columns]
    if missing or unknown:
        parts = [f"missing columns {', '.join(missing)}"] * bool(missing) + [
            f"unknown columns {', '.join(unknown)}"
        ] * bool(unknown)
        raise RulebookUnsound(f"{file}: {'; '.join(parts)}; expected {', '.join(table.columns)}")
    raw = raw.reindex(columns=list(table.columns), fill_value="").map(str.strip)
    typed = pd.DataFrame({name: _typed(file, name, kind, raw[name]) for name, kind in table.columns.items()})
    if "state" in table.optional:
        typed["state"] = typed["state"].replace("", "active")
    _refuse_empty(table, file, typed)
    _refuse_repeats(table, file, typed)
    return typed


def _typed(file: Path, name: str, kind: str, cells: pd.Series) -> pd.Series:
    """A column of its own type: text stays text (empty is empty), the others become NULL where empty."""
    if kind == TEXT:
        return cells.astype(object)
    filled = cells[cells != ""]
    if kind in (NUMBER, EXACT, WHOLE):
        values = pd.to_numeric(filled, errors="coerce")
        wrong = values.isna() | values.abs().eq(float("inf"))
    elif kind == DATE:
        values = pd.to_datetime(filled, format="%Y-%m-%d", errors="coerce").dt.date
        wrong = values.isna() | ~filled.str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    else:
        values = filled.map({"yes": True, "no": False})
        wrong = values.isna()
    if wrong.any():
        expected = {
            NUMBER: "a number",
            EXACT: "a number",
            WHOLE: "a whole number",
            DATE: "a date as 2026-01-31",
            YES_NO: "yes or no",
        }[kind]
        raise RulebookUnsound(f"{file}, line {wrong.idxmax() + 2}, column {name}: expected {expected}")
    return values.reindex(cells.index).astype(object if kind in (DATE, YES_NO) else float)


def _refuse_empty(table: RuleTable, file: Path, typed: pd.DataFrame) -> None:
    for name in table.columns:
        empty = typed[name].isna() | (typed[name] == "")
        if name not in table.may_be_empty and empty.any():
            raise RulebookUnsound(f"{file}, line {empty.idxmax() + 2}: {name} is empty; every rule must state it")


def _refuse_repeats(table: RuleTable, file: Path, typed: pd.DataFrame) -> None:
    if not table.key:
        return
    repeated = typed[table.key].duplicated()
    if repeated.any():
        line = repeated.idxmax()
        raise RulebookUnsound(f"{file}, line {line + 2}: {table.key} {typed[table.key][line]} stands there twice; "
                              "give each rule an id of its own")  # fmt: skip
