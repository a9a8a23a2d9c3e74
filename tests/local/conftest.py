from collections.abc import Iterator

import pytest

from tests.local.lambdas import Functions, functions_beside_an_agent


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    with functions_beside_an_agent(tmp_path_factory.mktemp("functions")) as running:
        yield running
