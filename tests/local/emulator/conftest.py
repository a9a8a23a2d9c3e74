from collections.abc import Iterator

import pytest

from tests.local.emulator.laptop import Laptop, laptop


@pytest.fixture(scope="session")
def aws() -> Iterator[Laptop]:
    with laptop() as running:
        yield running
