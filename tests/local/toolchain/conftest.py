import shutil
from pathlib import Path

import pytest

from tests.local.toolchain.machine import RELEASED_PULUMI, Machine


@pytest.fixture
def bare_machine(tmp_path: Path) -> Machine:
    """A machine without Pulumi and without Go."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare_machine: Machine) -> Machine:
    """A machine with a released Pulumi CLI, which needs no build."""
    bare_machine.install("pulumi", RELEASED_PULUMI)
    return bare_machine


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a machine whose checkout is set up; tests copy it, since the set-up takes seconds."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.install("pulumi", RELEASED_PULUMI)
    done = machine.set_up(machine.make_checkout())
    assert done.returncode == 0, done.stderr
    return machine.folder


@pytest.fixture
def warm_machine(set_up_once: Path, tmp_path: Path) -> Machine:
    """A machine with a released Pulumi CLI, whose checkout and cache are ready."""
    shutil.copytree(set_up_once, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Machine(tmp_path)


@pytest.fixture
def go_machine(warm_machine: Machine) -> Machine:
    """A machine with a ready Python environment and a Go that can build Pulumi, without a released Pulumi."""
    warm_machine.remove("pulumi")
    warm_machine.install_go()
    return warm_machine
