"""The Python environment, made by the real pip from a lock file with one small package."""

import os
import shutil
from pathlib import Path

from tests.local.toolchain.machine import Machine, package_version

# No proxy listens there: requests fail at once, as without a network.
DEAD_PROXY = "http://127.0.0.1:9"


def wheel_in_cache(machine: Machine) -> Path:
    (wheel,) = machine.cache.glob("wheels-*/tiny-*.whl")
    return wheel


def without_network(machine: Machine) -> dict[str, str]:
    shutil.rmtree(machine.folder / "packages")
    return {
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "https://index.example/simple",
        "PIP_RETRIES": "1",
        "https_proxy": DEAD_PROXY,
    }


def test_a_fresh_checkout_gets_the_packages_of_its_lock_file(warm_machine: Machine) -> None:
    assert package_version(warm_machine.checkout) == "1.0"


def test_a_second_setup_prints_nothing(warm_machine: Machine) -> None:
    again = warm_machine.set_up(warm_machine.checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_another_checkout_needs_no_network_once_the_cache_is_warm(warm_machine: Machine) -> None:
    root = warm_machine.make_checkout("another")
    done = warm_machine.set_up(root, without_network(warm_machine))
    assert done.returncode == 0, done.stderr
    assert package_version(root) == "1.0"


def test_without_network_and_with_a_cold_cache_one_sentence_says_so(machine: Machine) -> None:
    root = machine.make_checkout()
    done = machine.set_up(root, without_network(machine))
    assert done.returncode == 1
    log = root / ".local" / "logs" / "pip-download.log"
    assert done.stderr.splitlines()[-1] == (
        "Downloading the Python packages failed: the network cannot be reached; connect once, or point pip to "
        f"packages that can be reached (PIP_INDEX_URL, PIP_FIND_LINKS) (log: {log})."
    )
    assert "Traceback" not in done.stderr


def test_after_a_change_of_the_lock_file_the_environment_is_created_again(warm_machine: Machine) -> None:
    warm_machine.lock(warm_machine.checkout, "2.0")
    done = warm_machine.set_up(warm_machine.checkout)
    assert "Making the Python environment again" in done.stderr
    assert package_version(warm_machine.checkout) == "2.0"


def test_an_environment_is_never_replaced_under_the_python_that_runs_in_it(warm_machine: Machine) -> None:
    root = warm_machine.checkout
    warm_machine.lock(root, "2.0")
    done = warm_machine.set_up(root, python=str(root / ".venv" / "bin" / "python"))
    assert done.returncode == 1
    assert done.stderr == (
        "requirements-dev.txt has changed since .venv was made from it; run `make setup` first.\n"
    )
    assert package_version(root) == "1.0"


def test_an_environment_without_its_python_is_created_again(warm_machine: Machine) -> None:
    python = warm_machine.checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert warm_machine.set_up(warm_machine.checkout).returncode == 0
    assert package_version(warm_machine.checkout) == "1.0"


def test_after_an_interrupted_installation_behind_a_link_an_environment_is_created(
    warm_machine: Machine,
) -> None:
    link = warm_machine.checkout / ".venv"
    venv = link.rename(warm_machine.checkout / "elsewhere")
    link.symlink_to(venv)
    (stamp,) = venv.glob(".lock-*")
    stamp.unlink()
    (module,) = venv.glob("lib/*/site-packages/tiny.py")
    module.unlink()
    assert warm_machine.set_up(warm_machine.checkout).returncode == 0
    assert package_version(warm_machine.checkout) == "1.0"
    assert not link.is_symlink()
    assert (venv / "pyvenv.cfg").exists()


def test_a_damaged_package_in_the_cache_is_downloaded_again_and_that_is_said(warm_machine: Machine) -> None:
    wheel = wheel_in_cache(warm_machine)
    sound = wheel.read_bytes()
    wheel.write_bytes(sound[:-20])
    root = warm_machine.make_checkout("another")
    done = warm_machine.set_up(root)
    assert done.returncode == 0, done.stderr
    assert "The cached Python packages are damaged; downloading them again" in done.stderr
    assert wheel.read_bytes() == sound
    assert package_version(root) == "1.0"


def test_the_cache_keeps_the_packages_of_the_two_newest_lock_files(warm_machine: Machine) -> None:
    (newest,) = warm_machine.cache.glob("wheels-*/")
    oldest = warm_machine.cache / "wheels-oldest"
    oldest.mkdir()
    os.utime(oldest, (0, 0))
    warm_machine.lock(warm_machine.checkout, "2.0")
    warm_machine.set_up(warm_machine.checkout)
    kept = set(warm_machine.cache.glob("wheels-*/"))
    assert newest in kept
    assert oldest not in kept
    assert len(kept) == 2
