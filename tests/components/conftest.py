from pathlib import Path

import pytest

from tests.components.machines import reference_implementation


@pytest.fixture(scope="session")
def reference_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reference implementation of JSONata in it."""
    return reference_implementation.install(tmp_path_factory.mktemp("reference"))
