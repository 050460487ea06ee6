"""A package that must not be found for a while, although it is installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(package: str) -> Iterator[None]:
    """Within the block an import of `package` fails as if it were not installed; afterwards all is as it was."""
    loaded = {name: module for name, module in sys.modules.items() if f"{name}.".startswith(f"{package}.")}
    for name in loaded:
        del sys.modules[name]
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]
        sys.modules.update(loaded)
