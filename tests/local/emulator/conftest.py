from collections.abc import Iterator

import pytest

from tests.local.emulator.local_aws import RunningAws, running_aws


@pytest.fixture(scope="session")
def aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running
