"""Every setting and every default. Settings are read once, at the edge, and passed in from there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import resources
from pipeline.errors import SettingsError

DEFAULT_HOME = Path("gm1-home")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable the program reads."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("GM1_HOME", "./gm1-home", "Folder of all state: inbox, archive, landed data, warehouse and reports."),
    Variable("GM1_LABS_DIR", "", "A folder of further laboratory YAML files, added to the shipped ones."),
    Variable("GM1_RULES_DIR", "", "A folder of further rule CSV files; a row with a shipped rule_id replaces it."),
    Variable("GM1_PSEUDONYM_KEY_FILE", "", "A file with the pseudonym key (64 hex digits) instead of the home's own."),
    Variable("GM1_THREADS", "number of cores", "Threads DuckDB may use."),
    Variable("GM1_MEMORY_LIMIT", "60 % of the machine", "Memory DuckDB may use, as DuckDB writes it: 4GB, 800MB."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run needs to know about the machine and the site; folders exist when they were given."""

    home: Path
    labs_dirs: tuple[Path, ...]
    rules_dirs: tuple[Path, ...]
    expectations_dir: Path
    sql_dir: Path
    pseudonym_key_file: Path | None
    threads: int
    memory_limit: str

    @classmethod
    def load(cls, home: Path | None = None, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from a mapping of environment variables; `home` given on a command line wins.

        Raises SettingsError naming the variable when a folder or file does not exist or a number is none.
        """
        return cls(
            home=(home or Path(environ.get("GM1_HOME") or DEFAULT_HOME)).absolute(),
            labs_dirs=(resources.LABS_DIR, *_folder(environ, "GM1_LABS_DIR")),
            rules_dirs=(resources.RULES_DIR, *_folder(environ, "GM1_RULES_DIR")),
            expectations_dir=resources.EXPECTATIONS_DIR,
            sql_dir=resources.SQL_DIR,
            pseudonym_key_file=_key_file(environ),
            threads=_threads(environ),
            memory_limit=environ.get("GM1_MEMORY_LIMIT") or _sixty_percent(),
        )


def _folder(environ: Mapping[str, str], name: str) -> tuple[Path, ...]:
    value = environ.get(name)
    if not value:
        return ()
    folder = Path(value).absolute()
    if not folder.is_dir():
        raise SettingsError(f"{name}={value}: expected a folder, found none; create it or unset {name}")
    return (folder,)


def _key_file(environ: Mapping[str, str]) -> Path | None:
    value = environ.get("GM1_PSEUDONYM_KEY_FILE")
    if not value:
        return None
    if not Path(value).is_file():
        raise SettingsError(f"GM1_PSEUDONYM_KEY_FILE={value}: expected a file with the key, found none")
    return Path(value).absolute()


def _threads(environ: Mapping[str, str]) -> int:
    value = environ.get("GM1_THREADS")
    if not value:
        return os.cpu_count() or 1
    if not value.isdecimal() or int(value) < 1:
        raise SettingsError(f"GM1_THREADS={value}: expected a whole number of at least 1")
    return int(value)


def _sixty_percent() -> str:
    """DuckDB's share of the memory: the rest is for Great Expectations, Airflow and the page cache."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size * 60 // 100 // 2**20}MiB"
