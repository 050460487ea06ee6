"""Without PySpark or Java there is one sentence that says what is missing and how to get it, and nothing else happens."""

import sys
from pathlib import Path

import pytest

from pipeline.checks.hiding import hidden
from pipeline.errors import SettingsError
from pipeline.warehouse import spark


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pyspark.*requirements-spark\.lock"), spark.session(tmp_path / "spark"):
        pass
    assert not (tmp_path / "spark").exists()


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "openjdk-17-jre-headless" in (spark.missing() or "")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "openjdk-17-jre-headless" in (spark.missing() or "")


def test_a_session_is_reachable_from_this_machine_only_and_shows_no_page(tmp_path: Path) -> None:
    chosen = spark.configuration(tmp_path)
    assert chosen["spark.driver.bindAddress"] == chosen["spark.driver.host"] == "127.0.0.1"
    assert chosen["spark.ui.enabled"] == "false"
    assert not any(name.startswith("spark.jars") for name in chosen)


def test_a_hidden_package_is_not_found_and_comes_back_whole() -> None:
    import email.mime.text

    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "email"}
    with hidden("email"):
        with pytest.raises(ImportError):
            import email.charset
        assert "email.mime.text" not in sys.modules
    assert {name: sys.modules[name] for name in before} == before
    assert email.mime.text is before["email.mime.text"]
