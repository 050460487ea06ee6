"""Every test runs apart from the machine it runs on: no setting of the caller's, no network, no process left behind."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

from one_process import airflow_environment
from pipeline.checks import silence_exit

IS_CI = os.environ.get("CI") == "true"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="gm1-test-airflow-"))

# Airflow reads its environment when it is first imported, which may happen while tests are collected.
_environment = airflow_environment(AIRFLOW_HOME, AIRFLOW_HOME / "no-home", os.environ)
os.environ.clear()
os.environ |= {name: value for name, value in _environment.items() if not name.startswith("GM1_")}

# Several people's work shares the cores of a test machine, so a slow example is no finding; the examples always repeat.
hypothesis.settings.register_profile("gm1", deadline=None, derandomize=True)
hypothesis.settings.load_profile("gm1")


class NetworkUsed(AssertionError):
    """A test reached for another machine."""


def is_local(host: object) -> bool:
    """Whether an address stays on this machine; None and '' are what a server binds to."""
    text = host.decode() if isinstance(host, bytes) else host
    return text in (None, "", *LOOPBACK)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuses to look up or connect to any other machine."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            raise NetworkUsed(f"a test connected to {address[0]}")
        connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_local(host):
            raise NetworkUsed(f"a test looked up {host!r}")
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_process_left() -> Iterator[None]:
    """Fails the last test when a child process outlives the tests."""
    yield
    left = [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    # The resource tracker belongs to Python's multiprocessing and ends with this process.
    left = [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]
    names = [" ".join(child.cmdline())[:200] for child in left]
    for child in left:
        child.kill()
    assert not names, f"processes left behind: {names}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a skipped test is a failed one: what is needed to run it must be there."""
    report = yield
    if IS_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not accept: {report.longrepr[-1]}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole module that was skipped."""
    report = yield
    if IS_CI and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, which CI does not accept"
    return report


def pytest_configure() -> None:
    """Pytest's own closing line is the last one."""
    silence_exit()


def pytest_sessionfinish() -> None:
    shutil.rmtree(AIRFLOW_HOME, ignore_errors=True)
