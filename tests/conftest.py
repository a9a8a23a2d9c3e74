"""Shared parts of all tests: the toolchain, marks that follow from fixtures, and the division among workers."""

import os
import sys

import pytest
from hypothesis import settings

from local.paths import ROOT
from local.toolchain import Toolchain, ready

# The Makefile says why; repeated here for a direct call of pytest.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""
sys.dont_write_bytecode = False

# The same examples at every run, and no judgement by the clock: what fails here fails everywhere.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

MOST_WORKERS = 8
# Fixtures that start processes, by the mark that their tests get.
STARTERS = {
    "engine": {"toolchain"},
    "processes": {"aws", "own_aws", "start_worker", "program", "bare_machine", "set_up_once"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write what is generated now over the golden files"
    )


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are CPUs, since tests of the engine wait for other processes."""
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start processes, run them first, and keep together the tests that share a fixture."""
    for item in items:
        for mark, fixtures in STARTERS.items():
            if not fixtures.isdisjoint(_fixtures(item)):
                item.add_marker(mark)
        if item.get_closest_marker("engine") is None or _shares_a_fixture(item):
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(ROOT).as_posix()))
    # The long tests first, so that the short ones even out what the workers have left to do.
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in STARTERS])


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def _shares_a_fixture(item: pytest.Item) -> bool:
    """Return whether the test uses a fixture that is made once for its module."""
    if not isinstance(item, pytest.Function):
        return False
    definitions = item._fixtureinfo.name2fixturedefs.values()
    return any(definition.scope == "module" for several in definitions for definition in several)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Return the tools of this checkout; a test that uses them drives the real engine and is marked `engine`."""
    return ready(ROOT, progress=lambda *_: None)
