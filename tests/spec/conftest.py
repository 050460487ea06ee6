"""The home that the expert's tests share: it is run once, and only read."""

from collections.abc import Iterator

import pytest

from . import expert_home


@pytest.fixture(scope="session")
def home_of_mistakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[expert_home.Expert]:
    """Every mistake of intake an expert looks for, taken in, corrected in part, and reported on."""
    yield from expert_home.expert(tmp_path_factory.mktemp("expert"))
