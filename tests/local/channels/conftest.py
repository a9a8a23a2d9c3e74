from collections.abc import Iterator

import pytest

from tests.local.channels.server import Running, running


@pytest.fixture
def channels() -> Iterator[Running]:
    with running() as served:
        yield served
