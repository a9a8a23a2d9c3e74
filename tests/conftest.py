"""Configuration shared by all tests: the toolchain, marks derived from fixtures, and the distribution to workers."""

import gc
import os
import signal
import sys
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from local.paths import ROOT
from local.toolchain import Toolchain, ready

# The Makefile explains it; repeated here for direct calls of pytest.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""
sys.dont_write_bytecode = False

# With Python's thresholds, garbage collection took a third of the time of the tests, and found little.
gc.set_threshold(100_000, 50, 100)

# A background process inherits SIGINT as ignored, and its child processes would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples at every run, and no deadlines, so that a failure is reproducible on any machine.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

MOST_WORKERS = 8
# Fixtures that start processes, by the mark of the tests that use them.
STARTERS = {
    "engine": {"toolchain"},
    "processes": {
        "aws",
        "own_aws",
        "functions",
        "start_process",
        "start_worker",
        "program",
        "bare_machine",
        "bootstrap_packages",
        "browser",
        "set_up_once",
        "wheels",
    },
}
# Files with long tests that do not share fixtures.
SPREAD = frozenset(
    {
        "tests/local/provider/test_engine.py",
        "tests/local/run/test_bad_input.py",
        "tests/local/run/test_interruption.py",
        "tests/previews/test_combinations.py",
    }
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write what is generated now over the golden files"
    )


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers more than there are CPUs, since tests of the engine wait for other processes."""
    return min((os.cpu_count() or 1) + 2, MOST_WORKERS)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Runs the tests of a file on one worker, since they share fixtures; those of the files in `SPREAD` on any.

    pytest-xdist's own `loadgroup` has no effect with pytest 9: it renames tests by an attribute that pytest removed.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in SPREAD else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Return the distribution of tests to the workers of a parallel run."""
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start processes and run them first, so that all workers end at about the same time."""
    for item in items:
        for mark, fixtures in STARTERS.items():
            if not fixtures.isdisjoint(_fixtures(item)):
                item.add_marker(mark)
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in STARTERS])


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Return this checkout's tools; a test that uses them runs the real engine and is marked `engine`."""
    return ready(ROOT, progress=lambda *_: None)
