"""Ten runs of a soak with a fixed seed: no fault breaks a promise."""

from collections.abc import Iterator

import pytest

from bench.checkout import copy
from local.toolchain import Toolchain
from tests.local.run.conftest import Checkout
from tests.local.run.kept import keep
from tests.soak.draw import drawn
from tests.soak.soak import REGIONS, Soak
from tests.soak.stage import Stage
from tests.soak.vocabulary import EVENTS, FAULTS

SEED = 11


@pytest.fixture(scope="module")
def soak(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soak]:
    checkout = Checkout(copy(tmp_path_factory.mktemp("checkout")), toolchain)
    with keep(checkout, "--regions", str(len(REGIONS))) as kept:
        yield Soak(Stage(kept))


@pytest.mark.parametrize("number", range(10))
def test_a_run_under_faults_keeps_every_promise(soak: Soak, number: int) -> None:
    run = drawn(SEED, number, list(FAULTS), list(EVENTS))
    result = soak.run(run)
    assert not result.violations, "\n".join([run.command, *map(str, result.violations)])
