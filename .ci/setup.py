"""Makes .venv ready: exactly the locked packages, compiled, and this checkout installed in place.

Needs nothing but the Python that runs it. Quick when nothing changed: the environment is made anew only when the lock
or the interpreter did, and the checkout installed again only when pyproject.toml did.
"""

import compileall
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_stamped(name: str, value: str) -> bool:
    stamp = VENV / name
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == value


def pip(*arguments: str) -> None:
    """Runs the environment's pip; ends this process with one line when it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("gm1: set-up stopped: pip could not install what is locked; its message is above")


def install_packages() -> None:
    """A fresh environment with the locked packages, each checked against its hash."""
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip("--require-hashes", "--no-compile", "--requirement", str(LOCK))
    # One file after another would take most of a minute on every first import; the workers share it now.
    libraries = sysconfig.get_path("purelib", vars={"base": str(VENV), "platbase": str(VENV)})
    compileall.compile_dir(libraries, quiet=2, workers=0)


def main() -> None:
    version = f"{sys.implementation.name} {sys.version}"
    packages = digest(LOCK.read_text(), version, sys.base_prefix)
    checkout = digest((ROOT / "pyproject.toml").read_text(), str(ROOT), packages)
    began = time.monotonic()
    if not is_stamped("locked", packages):
        print(
            f"Installing the locked packages into .venv (Python {sys.version.split()[0]}), one to two minutes",
            flush=True,
        )
        install_packages()
        (VENV / "locked").write_text(packages)
    if not is_stamped("checkout", checkout):
        pip("--no-build-isolation", "--editable", ".")
        (VENV / "checkout").write_text(checkout)
        print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)


if __name__ == "__main__":
    main()
