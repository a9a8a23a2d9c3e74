from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from local.toolchain import Toolchain
from local.workspace import NOWHERE
from tests.previews.workspace import Workspace


@pytest.fixture(scope="session")
def engine(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Set up the engine, and return a folder for workspaces."""
    folder = tmp_path_factory.mktemp("engine")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in toolchain.environment(stand_in_provider=True).items():
            patch.setenv(name, value)
        patch.setenv("PULUMI_HOME", str(folder / "home"))
        yield folder


@pytest.fixture(scope="session")
def offline(engine: Path) -> Callable[[str], Workspace]:
    """Return the workspace of a stack without resources and without an AWS to call."""
    return cache(lambda environment: Workspace(engine / f"offline-{environment}", environment, NOWHERE))
