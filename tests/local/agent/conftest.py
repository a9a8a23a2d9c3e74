from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.agent.tasks import Tasks
from tests.local.emulator.laptop import Laptop, laptop


@pytest.fixture(scope="session")
def aws() -> Iterator[Laptop]:
    with laptop() as running:
        yield running


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    (folder / "catalog.json").write_text('["a region"]')
    return folder


@pytest.fixture
def tasks(aws: Laptop) -> Tasks:
    return Tasks(aws)
