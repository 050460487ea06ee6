"""Settings come from the environment, wrong ones are refused by name, and each is documented."""

import re
from pathlib import Path

import pytest

from pipeline import resources
from pipeline.errors import SettingsError
from pipeline.settings import VARIABLES, Settings


def test_defaults() -> None:
    found = Settings.load(None, {})
    assert found.home == Path("gm1-home").absolute()
    assert found.labs_dirs == (resources.LABS_DIR,)
    assert found.rules_dirs == (resources.RULES_DIR,)
    assert found.threads >= 1
    assert re.fullmatch(r"\d+MiB", found.memory_limit)


def test_a_home_on_the_command_line_wins(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"GM1_HOME": "/elsewhere"}).home == tmp_path
    assert Settings.load(None, {"GM1_HOME": str(tmp_path)}).home == tmp_path


def test_folders_of_a_site_are_added(tmp_path: Path) -> None:
    found = Settings.load(None, {"GM1_LABS_DIR": str(tmp_path), "GM1_RULES_DIR": str(tmp_path)})
    assert found.labs_dirs[-1] == found.rules_dirs[-1] == tmp_path


@pytest.mark.parametrize("name", ["GM1_LABS_DIR", "GM1_RULES_DIR", "GM1_PSEUDONYM_KEY_FILE", "GM1_THREADS"])
def test_a_wrong_value_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.load(None, {name: "does-not-exist"})


def test_every_variable_that_is_read_is_declared() -> None:
    source = (resources.PACKAGE_DIR / "settings.py").read_text()
    read = set(re.findall(r'environ(?:\.get\(|, )"(GM1_\w+)"', source))
    assert read == {variable.name for variable in VARIABLES}
