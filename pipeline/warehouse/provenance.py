"""Which code, packages and files a build came from."""

import hashlib
import json
import platform
from functools import cache
from importlib import metadata

import pipeline
from pipeline.resources import PACKAGE_DIR

PACKAGES = ("duckdb", "great-expectations", "pandas", "sqlglot", "statsmodels", "scipy", "numpy")


@cache
def code_version() -> str:
    """The version with a hash of the program's own source, so that a changed checkout is told apart."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE_DIR.rglob("*.py")):
        digest.update(file.relative_to(PACKAGE_DIR).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{pipeline.__version__}+{digest.hexdigest()[:12]}"


def python_version() -> str:
    """The interpreter's version, such as 3.12.1."""
    return platform.python_version()


@cache
def packages() -> str:
    """JSON of the versions that can change a figure; the interpreter's among them."""
    found = {name: metadata.version(name) for name in PACKAGES}
    return json.dumps({"python": python_version(), **found}, sort_keys=True)
