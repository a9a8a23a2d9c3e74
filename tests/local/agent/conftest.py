from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.agent.tasks import Tasks
from tests.local.emulator.local_aws import RunningAws, running_aws


@pytest.fixture(scope="session")
def aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    (folder / "catalog.json").write_text('["a region"]')
    return folder


@pytest.fixture
def tasks(aws: RunningAws) -> Tasks:
    return Tasks(aws)
