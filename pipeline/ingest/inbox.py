"""What lies in the inbox: laboratories' folders, the files in them, and what is left there, each with why."""

import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from pipeline.home import Home
from pipeline.labs.document import SCHEMA_FILE

# Control characters, surrogates (bytes that are not UTF-8), and line and paragraph separators.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# They turn the direction of what is printed after them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_sound(name: str) -> bool:
    """Whether a name can be kept and printed without forging anything."""
    return not any(one in _TURNING or unicodedata.category(one) in _UNPRINTABLE for one in name)


def shown(name: str) -> str:
    """A name as it can be printed safely: an unsound one as a Python literal in ASCII."""
    return name if is_sound(name) else ascii(name)


@cache
def _lab_name() -> re.Pattern[str]:
    """What a laboratory may be called: the word of the YAML schema, which names its folder."""
    return re.compile(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))["properties"]["lab"]["pattern"])


def _is_lab(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and _lab_name().fullmatch(entry.name) is not None


def labs_in_inbox(home: Home) -> list[str]:
    """The laboratories that have a folder in the inbox."""
    return sorted(entry.name for entry in os.scandir(home.inbox) if _is_lab(entry))


def strays(home: Home) -> list[str]:
    """What lies in the inbox without being a laboratory's folder, and is not taken in."""
    return [_stray(entry) for entry in sorted(os.scandir(home.inbox), key=lambda one: one.name) if not _is_lab(entry)]


def _stray(entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        said = "no laboratory can be called so (letters, digits, then also . _ -); rename the folder"
    else:
        said = "not in a laboratory's folder; move it to inbox/LABORATORY/"
    return f"inbox/{shown(entry.name)}: {said}"


def inbox_files(home: Home, lab: str) -> Iterator[tuple[Path, str | None]]:
    """Each entry of a laboratory's inbox, by name, with the reason it is not taken in (None: it is)."""
    folder = home.inbox / lab
    for entry in sorted(os.scandir(folder), key=lambda one: one.name) if folder.is_dir() else ():
        yield Path(entry.path), _refusal(entry)


def _refusal(entry: os.DirEntry[str]) -> str | None:
    if not is_sound(entry.name):
        return "refused: a name that is not UTF-8 or has line breaks or control characters; rename the file"
    if entry.name.startswith(".") or entry.name.endswith((".tmp", ".part")):
        return "ignored: hidden or still being written (.tmp, .part)"
    if entry.is_symlink():
        return "refused: a link; put the file itself here"
    if not entry.is_file(follow_symlinks=False):
        return "refused: not a regular file; put files directly into the laboratory's folder"
    return None


def to_receive(home: Home, labs: Sequence[str]) -> tuple[list[tuple[str, Path]], list[str]]:
    """The files of these laboratories that are exports, and a warning for everything else in their folders."""
    files, warnings = [], []
    for lab in labs:
        for path, refusal in inbox_files(home, lab):
            if refusal is None:
                files.append((lab, path))
            else:
                warnings.append(f"inbox/{lab}/{shown(path.name)}: {refusal}")
    return files, warnings
