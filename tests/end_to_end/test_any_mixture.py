"""Whatever mixture of exports and damage comes: every row ends in one disposition, and no value is said anywhere."""

import json
import logging
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import damaged_exports
import duckdb
import pytest
from damaged_exports import CANARIES, DAMAGES, KINDS, Kind, counted, rows_of
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from pipeline.checks import warm
from pipeline.home import Home
from pipeline.ingest import IngestSummary, ingest
from pipeline.settings import Settings

ROW_TABLES = ("titre", "ncs_site", "ncs_study", "row")


@dataclass(frozen=True, slots=True)
class Export:
    """A file for the inbox: its kind, the seed and the number of its rows, and what happened to it on the way."""

    kind: Kind
    seed: int
    n_rows: int
    damages: Sequence[tuple[int, int]]

    @property
    def name(self) -> str:
        return f"export_{self.seed}.{self.kind.suffix}"

    @property
    def content(self) -> bytes:
        """The bytes, damaged in turn."""
        content = self.kind.write(self.kind, rows_of(self.seed, self.n_rows))
        for damage, at in self.damages:
            content = DAMAGES[damage](content, at)
        return content


damages = st.lists(st.tuples(st.integers(0, len(DAMAGES) - 1), st.integers(0, 4000)), max_size=3)
exports = st.builds(Export, st.sampled_from(KINDS), st.integers(0, 90), st.integers(1, 12), damages)
inboxes = st.lists(exports, min_size=4, max_size=9, unique_by=lambda one: (one.kind.lab, one.seed))


def each_damage_once() -> list[Export]:
    """Every damage to every kind: what chance may leave out."""
    return [
        Export(kind, damage, 9, [(damage, 357 + 13 * damage)]) for kind in KINDS for damage in range(len(DAMAGES))
    ]  # fmt: skip


class Said(logging.Handler):
    """Everything that is logged, with the text of its exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Everything that is logged, warned of or written to standard output and error meanwhile."""
    said, lines = Said(), []
    root = logging.getLogger()
    level = root.level
    root.addHandler(said)
    root.setLevel(logging.DEBUG)
    streams = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as file, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            for number, stream in enumerate(streams, 1):
                os.dup2(stream, number)
                os.close(stream)
            root.setLevel(level)
            root.removeHandler(said)
            file.seek(0)
            lines += [file.read().decode(errors="replace"), *said.lines, *(str(one.message) for one in warned)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with the declarations of all kinds; each inbox gets a home of its own."""
    warm()
    labs = tmp_path_factory.mktemp("mixture") / "labs"
    labs.mkdir()
    for kind in KINDS:
        (labs / f"{kind.lab}.yaml").write_text(json.dumps(kind.declaration))
    return replace(Settings.load(labs.parent / "none", {"GM1_THREADS": "2"}), labs_dirs=(labs,))


# an example that fails is not made smaller: each is an intake of seconds, and it repeats as it is
@settings(max_examples=12, phases=(Phase.explicit, Phase.generate))
@given(inboxes)
@example(each_damage_once())
def test_rows_are_conserved_and_nothing_is_said(template: Settings, inbox: list[Export]) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Home.create(Path(name) / "home")
        for export in inbox:
            folder = home.inbox / export.kind.lab
            folder.mkdir(exist_ok=True)
            (folder / export.name).write_bytes(export.content)
        with overheard() as said:
            summary = ingest(replace(template, home=home.root))
        check_rows(home, inbox, summary)
        check_silence(home, [*said, json.dumps(summary.as_dict())])


def check_rows(home: Home, inbox: Sequence[Export], summary: IngestSummary) -> None:
    """Each export once; its rows as many as its bytes say, each numbered once, and as many slots as the parts have."""
    receipts = {one["arrival_id"]: one for one in map(read_json, home.receipts.glob("*.json"))}
    assert {(one.kind.lab, one.content) for one in inbox} == {
        (one["lab"], home.archive_path(one["sha256"]).read_bytes()) for one in receipts.values()
    }
    manifests = [read_json(path) for path in home.landed.glob("*.manifest.json")]
    entries = {entry["arrival_id"]: entry for manifest in manifests for entry in manifest["arrivals"]}
    assert entries.keys() == receipts.keys()
    sent = {(one.kind.lab, one.name): one for one in inbox}
    places = landed_places(home)
    for arrival_id, entry in entries.items():
        export = sent[receipts[arrival_id]["lab"], receipts[arrival_id]["file_name"]]
        rows = counted(export.content, export.kind)
        assert entry["rows_counted"] in rows, (export, entry["held_reason"], entry["rows_counted"], rows)
        assert len(rows) == 1 or entry["held_reason"] or export.kind.file.get("form"), export
        found = places.get(arrival_id, [])
        assert {row for row, _ in found} == set(range(1, entry["rows_counted"] + 1)), export
        assert len(found) == len(set(found)) == entry["slots_counted"] == sum(entry["rows"].values()), export
    assert summary.rows == sum(map(len, places.values())) == summary.rows_accepted + summary.rows_held + (
        summary.rows_rejected + summary.rows_excluded + summary.rows_layout
    )  # fmt: skip
    assert (summary.exports_new, summary.exports_held) == (
        len(entries), sum(entry["held_reason"] is not None for entry in entries.values()),
    )  # fmt: skip
    assert summary.errors == []


def read_json(path: Path) -> dict:  # type: ignore[type-arg]
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def landed_places(home: Home) -> dict[str, list[tuple[int, int]]]:
    """For each arrival, row number and slot of everything that is landed."""
    found: dict[str, list[tuple[int, int]]] = {}
    for table in ROW_TABLES:
        for path in (home.landed / table).glob("*.parquet"):
            query = "SELECT arrival_id, row_number, slot FROM read_parquet(?)"
            for arrival_id, row, slot in duckdb.execute(query, [str(path)]).fetchall():
                found.setdefault(arrival_id, []).append((row, slot))
    return found


def check_silence(home: Home, said: Sequence[str]) -> None:
    """No value that an export brought, in whatever is said or written for people."""
    written = [path for folder in (home.quarantine, home.receipts, home.landed, home.runs, home.validation)
               for path in folder.rglob("*") if path.is_file() and path.suffix in (".json", ".csv", ".html")]  # fmt: skip
    checks = [str(duckdb.execute("FROM read_parquet(?)", [str(path)]).fetchall())
              for path in (home.landed / "check_failure").glob("*.parquet")]  # fmt: skip
    texts = {"said": "\n".join(said), "checks": "\n".join(checks)} | {str(path): path.read_text() for path in written}
    for place, text in texts.items():
        for canary in CANARIES:
            at = text.upper().find(canary)
            assert at < 0, f"{place}: ...{text[max(0, at - 200) : at + 60]}..."


def test_a_workbook_cut_anywhere_is_held_and_stops_nobody(template: Settings, tmp_path: Path) -> None:
    """A zip that was cut cannot be read in part: whatever is missing, the file waits as a whole."""
    home = Home.create(tmp_path / "home")
    inbox, labs = home.inbox / "sheets", tmp_path / "labs"
    inbox.mkdir()
    labs.mkdir()
    kind = Kind("sheets", "xlsx", {"form": "workbook"}, lambda kind, rows: b"")
    (labs / "sheets.yaml").write_text(json.dumps(kind.declaration))
    damaged_exports.write_sheet(tmp_path / "whole.xlsx", rows_of(1, 9))
    whole = (tmp_path / "whole.xlsx").read_bytes()
    pieces = {f"cut_{at}.xlsx": whole[: len(whole) * at // 12] for at in range(1, 12)}
    flipped = {f"flip_{at}.xlsx": flip(whole, len(whole) * at // 12) for at in range(1, 12)}
    for name, content in {"whole.xlsx": whole, **pieces, **flipped}.items():
        (inbox / name).write_bytes(content)
    with overheard() as said:
        summary = ingest(replace(template, home=home.root, labs_dirs=(labs,)))
    check_silence(home, [*said, json.dumps(summary.as_dict())])
    receipts = {one["arrival_id"]: one["file_name"] for one in map(read_json, home.receipts.glob("*.json"))}
    (manifest,) = [read_json(path) for path in home.landed.glob("*.manifest.json")]
    held = {receipts[entry["arrival_id"]]: entry["held_reason"] for entry in manifest["arrivals"]}
    assert held.keys() == {"whole.xlsx", *pieces, *flipped}
    assert held["whole.xlsx"] is None
    assert all(held[name] is not None for name in pieces)
    places = landed_places(home)
    for entry in manifest["arrivals"]:
        assert len(places.get(entry["arrival_id"], [])) == entry["slots_counted"], receipts[entry["arrival_id"]]
    assert Counter(held.values())[None] >= 1


def flip(content: bytes, at: int) -> bytes:
    """The bytes with one of them inverted."""
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
