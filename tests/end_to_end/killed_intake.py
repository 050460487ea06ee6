"""Intakes killed at many moments and run again, each from one process that has imported everything; prints what came of it.

    python killed_intake.py FOLDER

A process of its own, so that nothing but this thread is forked. Each attempt is a fork: importing takes seconds, an intake
of a few invented files one. DuckDB is imported here but never connected to, since its threads would not survive a fork.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import psutil
import yaml

sys.path.append(str(Path(__file__).parents[1] / "unit"))

from intake_home import FORMAT, HEADER, row

from pipeline.checks import silence_exit, warm
from pipeline.home import Home
from pipeline.ingest import ingest, intake, waiting_labs
from pipeline.records import KEPT_TEXT, LANDED
from pipeline.settings import Settings
from pipeline.warehouse.generations import counted

# Two batches an intake: a kill may also fall between them.
BATCH_BYTES = 900
AT_ONCE = 2
FORMAT = FORMAT.replace("columns:\n", "keep: [{column: Remark, why: a test of what is landed apart}]\ncolumns:\n")
HEAD = f"{HEADER},Remark\n"
CHECKS = ("titre_result_readable", "titre_patient_well_formed")


def text_of(place: int) -> str:
    """Rows of every fate."""
    rows = [
        row(accession=f"A{place}"),
        row(accession=f"B{place}", result="1;800"),
        row(patient=f"QC{place}"),
        "torn,row",
    ]
    return "".join(f"{one},said in {place}\n" for one in rows)


def put_export(home: Home, place: int, text: str, name: str = "titres_{place}.csv") -> None:
    """An export in the inbox, with its own time: a demo home dates arrivals by it."""
    path = home.inbox / "riverside" / name.format(place=place)
    path.write_text(text)
    os.utime(path, (1_700_000_000 + place, 1_700_000_000 + place))


def template(folder: Path) -> Settings:
    """A home with exports of every fate in its inbox, and settings with few checks, so that much of a run is writing."""
    home = Home.create(folder / "home", demo=True)
    (home.inbox / "riverside").mkdir()
    for place in range(3):
        put_export(home, place, HEAD + text_of(place))
    put_export(home, 3, text_of(3))  # without its header
    put_export(home, 4, "")
    # the bytes of an export under a name that no format knows: held, and no reason to hold the export
    put_export(home, 0, HEAD + text_of(0), "copy_of_{place}.csv")
    labs, expectations = folder / "labs", folder / "expectations"
    labs.mkdir()
    (labs / "riverside.yaml").write_text(FORMAT)
    expectations.mkdir()
    settings = Settings.load(home.root, {"GM1_THREADS": "1", "GM1_MEMORY_LIMIT": "500MB"})
    for path in settings.expectations_dir.glob("*.yaml"):
        content = yaml.safe_load(path.read_text())
        kept = [check for check in content["checks"] if check["id"] in CHECKS] or content["checks"][:1]
        (expectations / path.name).write_text(yaml.safe_dump(content | {"checks": kept}, sort_keys=False))
    return dataclasses.replace(settings, labs_dirs=(labs,), expectations_dir=expectations)


def forked(work: Callable[[], object]) -> int:
    """The process id of a fork that does `work` and ends."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)


def ended(pid: int) -> int:
    """The exit code, or minus the signal, of a child that has ended."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at_file(settings: Settings, replaced: int) -> int:
    """How an intake ended that was killed once so many files were in place, before any other was."""

    def work() -> None:
        replace, done = os.replace, 0

        def dying(source: Any, target: Any) -> None:
            nonlocal done
            if done == replaced:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, target)
            done += 1

        os.replace = dying
        ingest(settings)
        os.kill(os.getpid(), signal.SIGKILL)

    return ended(forked(work))


def killed_at_time(settings: Settings, seconds: float) -> int:
    """How an intake ended that was killed after some seconds, unless it was done."""
    pid = forked(lambda: ingest(settings))
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return ended(pid)


def state(settings: Settings) -> dict[str, Any]:
    """Everything a home holds of its exports, as plain values that are equal for equal homes; batches are not named."""
    home = Home.open(settings)
    arrivals = counted(home).arrivals
    manifests = [json.loads(path.read_text()) for path in sorted(home.landed.glob("*.manifest.json"))]
    landed = [entry["arrival_id"] for manifest in manifests for entry in manifest["arrivals"]]
    entries = {
        (entry["arrival_id"], manifest["batch"]): entry for manifest in manifests for entry in manifest["arrivals"]
    }
    tables: dict[str, list[list[str]]] = {}
    with duckdb.connect() as connection:
        for table, columns in {**LANDED, "kept": KEPT_TEXT}.items():
            rows: list[list[str]] = []
            for one in arrivals:
                folder = home.restricted if table == "kept" else home.landed / table
                path = folder / f"{one.batch}.parquet"
                query = f"SELECT {', '.join(columns)} FROM read_parquet(?) WHERE arrival_id = ? ORDER BY ALL"
                found = connection.execute(query, [str(path), one.arrival_id]).fetchall() if path.exists() else []
                rows += [[str(value) for value in values] for values in found]
            tables[table] = rows
    quarantine = {
        str(path.relative_to(home.quarantine)): path.read_text()
        for path in sorted(home.quarantine.rglob("reasons.csv"))
    }
    return {
        "receipts": {path.name: path.read_text() for path in sorted(home.receipts.glob("*.json"))},
        "archive": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(home.archive.glob("*/*"))
        },
        "entries": [entries[one.arrival_id, one.batch] for one in arrivals],
        "generations": {arrival_id: landed.count(arrival_id) for arrival_id in sorted(landed)},
        "tables": tables,
        "quarantine": quarantine,
        "waiting": waiting_labs(settings),
    }


def undisturbed(settings: Settings, target: Path) -> None:
    """Take in to the end, and write down what the home holds then, and what one more intake does."""
    ingest(settings)
    again = ingest(settings)
    found = {"state": state(settings), "again": {"new": again.exports_new, "batches": again.batches}}
    target.write_text(json.dumps(found, sort_keys=True))


def copy_of(settings: Settings, root: Path) -> Settings:
    """The settings of a copy of the untouched home at `root`."""
    shutil.copytree(settings.home, root)
    return dataclasses.replace(settings, home=root)


def disturbed(settings: Settings, folder: Path, kills: Sequence[Callable[[Settings], int]], has_more: bool) -> None:
    """One home: each kill in turn, then an intake to the end; `endings.json` and `found.json` say what came of it.

    With `has_more`, one more export has come before that intake: its batch is another one than the killed ones were.
    """
    own = copy_of(settings, folder / "home")
    endings = [kill(own) for kill in kills]
    if has_more:
        put_export(Home(own.home), 5, HEAD + text_of(5))
    endings.append(ended(forked(lambda: undisturbed(own, folder / "found.json"))))
    (folder / "endings.json").write_text(json.dumps(endings))
    shutil.rmtree(folder / "home")


def left_over(settings: Settings, folder: Path) -> None:
    """One home killed while it wrote: what lies about afterwards, also after an intake a day later, in `left.json`."""
    own = copy_of(settings, folder / "home")
    left = []
    for replaced in (2, 20):
        killed_at_file(own, replaced)
        left += temporary(own.home)
    for name in left:
        os.utime(own.home / name, (0, 0))
    endings = [ended(forked(lambda: undisturbed(own, folder / "found.json")))]
    (folder / "endings.json").write_text(json.dumps(endings))
    (folder / "left.json").write_text(json.dumps([left, temporary(own.home)]))


def temporary(root: Path) -> list[str]:
    """The files and folders below a home that are hidden, which is what half-written ones are."""
    return sorted(str(path.relative_to(root)) for path in root.rglob(".*"))


def side_by_side(settings: Settings, folder: Path) -> None:
    """One home: two intakes at once, then one more."""
    own = copy_of(settings, folder / "home")
    ready, go = os.pipe()

    def work() -> None:
        os.close(go)
        os.read(ready, 1)
        ingest(own)

    children = [forked(work), forked(work)]
    os.close(ready)
    os.close(go)  # both read the end of the pipe at the same moment
    endings = [ended(child) for child in children]
    endings.append(ended(forked(lambda: undisturbed(own, folder / "found.json"))))
    (folder / "endings.json").write_text(json.dumps(endings))
    shutil.rmtree(folder / "home")


def measured(settings: Settings, folder: Path) -> tuple[float, int]:
    """The seconds of one intake, and how many files it puts in place."""
    own = copy_of(settings, folder / "measured")
    counter = folder / "counter"

    def work() -> None:
        replace = os.replace
        with counter.open("ab", buffering=0) as file:

            def counting(source: Any, target: Any) -> None:
                file.write(b".")
                replace(source, target)

            os.replace = counting
            ingest(own)

    began = time.monotonic()
    assert ended(forked(work)) == 0
    return time.monotonic() - began, counter.stat().st_size


def jobs(seconds: float, files: int) -> list[list[Callable[[Settings], int]]]:
    """The kills of each home: one at a file (before every one and after the last), then one at a moment of the run.

    The moments are spread over the whole length of an undisturbed run; a later one may find the second intake done.
    """
    at_files = [lambda own, replaced=replaced: killed_at_file(own, replaced) for replaced in range(files + 1)]
    count = len(at_files)
    # a stride that shares no divisor with the count meets every moment once, not in the order of the files
    stride = next(n for n in range(count // 3 + 1, count + 2) if all(n % d or count % d for d in range(2, n + 1)))
    moments = [((place * stride) % count + 0.5) / count * seconds for place in range(count)]
    return [
        [at_file, lambda own, moment=moment: killed_at_time(own, moment)]
        for at_file, moment in zip(at_files, moments, strict=True)
    ]


def main(folder: Path) -> int:
    """0 when every attempt could be made; whether the homes are right is for the caller to judge."""
    warm()
    intake._BATCH_BYTES = BATCH_BYTES  # type: ignore[attr-defined]
    settings = template(folder)
    assert len(psutil.Process().threads()) == 1, "only this thread survives a fork"
    reference = folder / "reference"
    reference.mkdir()
    disturbed(settings, reference, [], False)
    with_more = folder / "reference_with_more"
    with_more.mkdir()
    disturbed(settings, with_more, [], True)
    seconds, files = measured(settings, folder)
    plans: list[Callable[[Path], None]] = [
        lambda own, kills=kills, has_more=place % 4 == 3: disturbed(settings, own, kills, has_more)
        for place, kills in enumerate(jobs(seconds, files))
    ]
    plans += [lambda own: side_by_side(settings, own)] * 2 + [lambda own: left_over(settings, own)]
    running: list[int] = []
    failed = 0
    for number, plan in enumerate(plans):
        own = folder / f"{number:03d}"
        own.mkdir()
        if len(running) == AT_ONCE:
            failed += ended(running.pop(0)) != 0
        running.append(forked(lambda plan=plan, own=own: plan(own)))
    failed += sum(ended(pid) != 0 for pid in running)
    left = len(psutil.Process().children(recursive=True))
    summary = {"seconds": seconds, "files": files, "homes": len(plans), "failed": failed, "left": left}
    sys.stdout.write(json.dumps(summary))
    return int(failed > 0)


if __name__ == "__main__":
    silence_exit()
    sys.exit(main(Path(sys.argv[1])))
