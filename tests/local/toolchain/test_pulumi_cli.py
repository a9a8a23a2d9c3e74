"""The choice of the Pulumi CLI, tested with stand-ins for Go and the CLI that print the real ones' output."""

import shutil
import signal
import time

import psutil

from tests.local.emulator.local_aws import PATIENCE_SECONDS
from tests.local.toolchain.machine import LANGUAGE_HOST, RELEASED_PULUMI, Machine

SHIM = ".local/bin/pulumi-language-python"


def test_a_released_cli_with_its_language_host_is_used_as_it_is(warm_machine: Machine) -> None:
    warm_machine.install("pulumi-language-python", LANGUAGE_HOST)
    done = warm_machine.set_up(warm_machine.checkout)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (warm_machine.checkout / SHIM).exists()
    assert not list(warm_machine.cache.glob("pulumi-*"))


def test_a_released_cli_without_its_language_host_gets_ours(warm_machine: Machine) -> None:
    assert (warm_machine.checkout / SHIM).exists()


def test_our_own_language_host_on_path_does_not_pass_for_a_released_one(warm_machine: Machine) -> None:
    shim = (warm_machine.checkout / SHIM).read_text()
    warm_machine.install("pulumi-language-python", shim)
    warm_machine.set_up(warm_machine.checkout)
    assert (warm_machine.checkout / SHIM).exists()


def test_without_a_released_cli_go_builds_one_into_the_cache(go_machine: Machine) -> None:
    done = go_machine.set_up(go_machine.checkout)
    assert done.returncode == 0, done.stderr
    assert "Compiling the Pulumi CLI" in done.stderr
    assert go_machine.cached_pulumi.exists()


def test_a_cli_in_the_cache_is_never_built_again(go_machine: Machine) -> None:
    go_machine.set_up(go_machine.checkout)
    again = go_machine.set_up(go_machine.checkout)
    assert (again.returncode, again.stderr, go_machine.builds) == (0, "", 1)


def test_a_cli_in_the_cache_needs_no_go(go_machine: Machine) -> None:
    go_machine.set_up(go_machine.checkout)
    go_machine.remove("go")
    assert go_machine.set_up(go_machine.checkout).returncode == 0


def test_a_released_cli_that_is_too_old_is_not_used(go_machine: Machine) -> None:
    go_machine.install("pulumi", RELEASED_PULUMI.replace("3.300", "3.199"))
    assert go_machine.set_up(go_machine.checkout).returncode == 0
    assert go_machine.builds == 1


def test_a_truncated_cli_in_the_cache_is_built_again_and_that_is_said(go_machine: Machine) -> None:
    go_machine.set_up(go_machine.checkout)
    go_machine.cached_pulumi.write_bytes(b"\x7fELF")
    done = go_machine.set_up(go_machine.checkout)
    assert done.returncode == 0, done.stderr
    assert "The cached Pulumi CLI is damaged; building it again" in done.stderr
    assert go_machine.builds == 2


def test_a_cli_of_another_version_in_the_cache_is_built_again(go_machine: Machine) -> None:
    go_machine.set_up(go_machine.checkout)
    go_machine.cached_pulumi.write_text(RELEASED_PULUMI)
    go_machine.set_up(go_machine.checkout)
    assert go_machine.builds == 2


def test_two_setups_at_the_same_time_build_once(go_machine: Machine) -> None:
    another = shutil.copytree(go_machine.checkout, go_machine.folder / "another", symlinks=True)
    setups = [go_machine.start_setup(root) for root in (go_machine.checkout, another)]
    printed = [setup.communicate(timeout=PATIENCE_SECONDS)[1] for setup in setups]
    assert [setup.returncode for setup in setups] == [0, 0]
    assert go_machine.builds == 1
    assert any("Waiting for another setup to build the Pulumi CLI" in text for text in printed)


def test_without_cli_and_without_go_one_sentence_names_both_remedies_at_once(bare_machine: Machine) -> None:
    root = bare_machine.make_checkout()
    done = bare_machine.set_up(root)
    assert done.returncode == 1
    assert done.stderr == (
        "The Pulumi CLI is needed to deploy anything, but no `pulumi` of version 3.200 or newer is on PATH, and "
        "there is no Go to build one with; install Pulumi (https://www.pulumi.com/docs/install/) or Go 1.21 or newer "
        "(https://go.dev/dl/), and run the same command again.\n"
    )
    assert not (root / ".venv").exists()


def test_a_go_that_is_too_old_is_named(go_machine: Machine) -> None:
    go_machine.install("go", "#!/bin/sh\necho go1.19.8\n")
    done = go_machine.set_up(go_machine.checkout)
    assert done.returncode == 1
    assert "the Go there is too old to build one (go1.19.8)" in done.stderr


def test_a_build_that_fails_names_the_error_and_the_log(go_machine: Machine) -> None:
    fails = "echo example.com/module; echo go: cannot compile example.com/module >&2; exit 1"
    go_machine.install_go(build=fails)
    done = go_machine.set_up(go_machine.checkout)
    log = go_machine.checkout / ".local" / "logs" / "pulumi-go-build.log"
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"Compiling the Pulumi CLI failed: go: cannot compile example.com/module (log: {log})."
    )
    assert "example.com/module" in log.read_text()


def test_a_full_disk_is_reported_with_the_folder_and_the_needed_space(go_machine: Machine) -> None:
    go_machine.install_go(build="echo 'write /tmp/x.a: no space left on device' >&2; exit 1")
    done = go_machine.set_up(go_machine.checkout)
    sentence = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert sentence.startswith("Compiling the Pulumi CLI failed: no space left on the disk of /")
    assert "MiB free, about 3.5 GiB needed" in sentence


def test_a_build_without_network_says_so(go_machine: Machine) -> None:
    unreachable = "dial tcp: lookup modules.example: no such host"
    go_machine.install_go(build=f"echo 'go: example.com/module@v1.0.0: {unreachable}' >&2; exit 1")
    done = go_machine.set_up(go_machine.checkout)
    assert done.returncode == 1
    assert "the network cannot be reached; connect once, or install Pulumi" in done.stderr


def test_a_built_cli_that_does_not_run_is_not_put_into_the_cache(go_machine: Machine) -> None:
    go_machine.install_go(build='printf "no program" >"$out"')
    done = go_machine.set_up(go_machine.checkout)
    assert done.returncode == 1
    assert "but it does not run on this machine" in done.stderr
    assert not list(go_machine.cache.glob("pulumi-*/pulumi"))


def test_a_terminated_setup_stops_the_build_and_says_how_to_continue(go_machine: Machine) -> None:
    started = go_machine.folder / "started"
    go_machine.install_go(build=f"echo $$ >{started}; exec /bin/sleep 60")
    with go_machine.start_setup(go_machine.checkout) as setup:
        while not (started.exists() and started.read_text()):
            time.sleep(0.01)
        setup.send_signal(signal.SIGTERM)
        _, printed = setup.communicate(timeout=PATIENCE_SECONDS)
    assert setup.returncode == 130
    assert printed.splitlines()[-1] == "Interrupted: run the same command again to continue."
    assert not psutil.pid_exists(int(started.read_text()))
