"""Where each kind of file lives, and how a file gets there whole.

A home is a folder of immutable files; whatever is not in archive, receipts, landed, restricted, runs, reviews, crosswalk
or keys can be deleted and built again.
"""

import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.settings import Settings

SCHEMA_VERSION = 1
# Published on purpose: a demo home holds invented patients only, and its bytes must repeat on every machine.
DEMO_PSEUDONYM_KEY = "67d1a0de" * 8
FOLDERS = ("inbox", "archive", "receipts", "runs", "landed", "restricted", "quarantine", "feedback", "warehouse", "validation",
           "reports", "reviews", "crosswalk", "keys")  # fmt: skip


# The process's own umask can only be read by setting it; this happens once, before any thread is started.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def write_atomically(path: Path, data: bytes | str, is_private: bool = False) -> None:
    """Put `data` at `path` so that a reader sees the old content or all of the new, never a part.

    A private file is readable by its owner only; any other gets the mode that files get on this machine.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = data.encode() if isinstance(data, str) else data
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if not is_private:
            Path(temporary).chmod(0o666 & ~_UMASK)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:
    """Put JSON at `path`, atomically; keys sorted, so that equal content is equal bytes."""
    write_atomically(path, json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def write_json_once(path: Path, content: Any) -> bool:
    """Put JSON at `path` unless something is there, and say whether this call did: of two at once, one is first."""
    beside = path.with_name(f".writing-{secrets.token_hex(8)}")
    write_json(beside, content)
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    return True


@dataclass(frozen=True, slots=True)
class Home:
    """The paths below one home folder."""

    root: Path

    @classmethod
    def create(cls, root: Path, demo: bool = False, key_file: Path | None = None) -> "Home":
        """A home at `root`, made when it is not there yet; an existing one is left as it is.

        A demo home has the published key and dates its arrivals by the files' own times. With `key_file` the home is
        bound to that key and keeps no copy of it. Raises SettingsError when an existing home is of the other kind or
        of a newer schema, and when the folder holds something else.
        """
        home = cls(root)
        if home._config_file.exists():
            home._check_config(home.config, demo)
            return home
        if root.is_dir() and any(root.iterdir()) and {entry.name for entry in root.iterdir()} - set(FOLDERS):
            raise SettingsError(f"{root}: holds files but is no home (no home.json); choose an empty folder")
        for name in FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True)
        for private in (home.archive, home.keys, home.restricted, home.feedback, home.crosswalk):
            private.chmod(0o700)
        if not home.key_file.exists() and (demo or key_file is None):
            key = DEMO_PSEUDONYM_KEY if demo else secrets.token_hex(32)
            write_atomically(home.key_file, key + "\n", is_private=True)
        config = {
            "schema_version": SCHEMA_VERSION,
            "arrival_time": "file" if demo else "clock",
            "is_demo": demo,
            "key_fingerprint": _fingerprint(_read_key(home.key_file if demo else key_file or home.key_file)),
        }
        write_json(home._config_file, config)
        return home

    @classmethod
    def open(cls, settings: Settings) -> "Home":
        """The home of `settings`; SettingsError says how to make one when there is none."""
        home = cls(settings.home)
        if not home._config_file.exists():
            raise SettingsError(f"{settings.home}: no home there (no home.json); `gm1 init --home DIR` makes one")
        home._check_config(home.config, None)
        return home

    @property
    def config(self) -> dict[str, Any]:
        """The content of home.json."""
        try:
            content = json.loads(self._config_file.read_text())
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{self._config_file}: expected JSON, could not be read; restore it from a backup"
            ) from error
        if not isinstance(content, dict):
            raise SettingsError(f"{self._config_file}: expected a JSON object; restore it from a backup")
        return content

    def _check_config(self, config: dict[str, Any], demo: bool | None) -> None:
        if config.get("schema_version", SCHEMA_VERSION + 1) > SCHEMA_VERSION:
            raise SettingsError(
                f"{self.root}: written by a newer gm1-pipeline; install that version or choose another home"
            )
        if demo is not None and bool(config.get("is_demo")) != demo:
            kinds = ("real laboratories", "the demo")
            raise SettingsError(
                f"{self.root}: is a home for {kinds[not demo]}, not for {kinds[demo]}; choose another --home"
            )

    def pseudonym_key(self, settings: Settings) -> bytes:
        """The 32 bytes of the key of this home; SettingsError when they are missing or are not the ones it was made with."""
        path = settings.pseudonym_key_file or self.key_file
        if not path.is_file():
            raise SettingsError(f"{path}: the pseudonym key is missing; restore it from the backup, a new key would "
                                "start a second set of pseudonyms")  # fmt: skip
        key = _read_key(path)
        stated = self.config.get("key_fingerprint")
        if stated != _fingerprint(key):
            raise SettingsError(f"{path}: not the pseudonym key this home was made with (fingerprint {stated}); "
                                "give the right one by GM1_PSEUDONYM_KEY_FILE")  # fmt: skip
        return key

    @property
    def _config_file(self) -> Path:
        return self.root / "home.json"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    def archive_path(self, sha256: str) -> Path:
        """Where the bytes with this hash are kept as received."""
        return self.archive / sha256[:2] / sha256

    @property
    def receipts(self) -> Path:
        return self.root / "receipts"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def landed(self) -> Path:
        return self.root / "landed"

    @property
    def restricted(self) -> Path:
        return self.root / "restricted"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def warehouse_file(self) -> Path:
        return self.root / "warehouse" / "gm1.duckdb"

    @property
    def validation(self) -> Path:
        return self.root / "validation"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def reviews(self) -> Path:
        return self.root / "reviews"

    @property
    def crosswalk(self) -> Path:
        return self.root / "crosswalk"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def key_file(self) -> Path:
        return self.keys / "pseudonym.key"


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: expected a pseudonym key of 64 hex digits, could not be read") from error
    if len(key) != 32:
        raise SettingsError(f"{path}: expected a pseudonym key of 64 hex digits, found {2 * len(key)}")
    return key


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"gm1-pseudonym-key" + key).hexdigest()[:16]
