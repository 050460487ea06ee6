"""Runs every command of the tutorial in order and writes what each prints into the page.

python docs/run_tutorial.py            rewrites docs/tutorial/first-laboratory.md
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial" / "first-laboratory.md"
# What the page shows instead of the folder the commands were run in.
SHOWN_FOLDER = "/srv/gm1"
_BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```\n")
_END = "=== the commands of one block are done ==="


def page_as_run(page: str, folder: Path) -> str:
    """The page with the output of its commands as printed now; they share one shell whose folder is `folder`."""
    (folder / "docs").symlink_to(ROOT / "docs")
    with subprocess.Popen(
        ["/bin/bash", "--noprofile", "--norc"], cwd=folder, env=_environment(folder), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as shell:  # fmt: skip
        return _BLOCK.sub(lambda found: _answered(shell, found[1], folder), page)


def commands_of(page: str) -> list[str]:
    """Every command of the page, in order."""
    return [line[2:] for found in _BLOCK.finditer(page) for line in found[1].splitlines() if line.startswith("$ ")]


def _answered(shell: "subprocess.Popen[str]", block: str, folder: Path) -> str:
    shown = []
    for line in block.splitlines():
        if line.startswith("$ "):
            shown += [line, *_output(shell, line[2:], folder)]
    return "```console\n" + "\n".join(shown) + "\n```\n"


def _output(shell: "subprocess.Popen[str]", command: str, folder: Path) -> list[str]:
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{command}\necho '{_END}'\n")
    shell.stdin.flush()
    lines = []
    for line in shell.stdout:
        if line.rstrip("\n").endswith(_END):
            lines += [line.rstrip("\n").removesuffix(_END)] if line.strip() != _END else []
            break
        lines.append(line.rstrip("\n").replace(str(folder), SHOWN_FOLDER))
    return [line.rstrip() for line in lines]


def _environment(folder: Path) -> dict[str, str]:
    """A plain environment in which `gm1` is the program of this checkout."""
    programs = folder / "programs"
    programs.mkdir()
    command = programs / "gm1"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline.cli "$@"\n')
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GM1_")}
    return kept | {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gm1-tutorial-") as folder:
        PAGE.write_text(page_as_run(PAGE.read_text(encoding="utf-8"), Path(folder).resolve()), encoding="utf-8")


if __name__ == "__main__":
    main()
