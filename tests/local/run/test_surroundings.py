"""Runs in unusual environments: an encrypted value in the stack file, no network, and a port in use."""

import re
import shlex
import socket
import subprocess
from contextlib import suppress

import pytest

from local.toolchain import ready
from tests.local.run.conftest import DEAD_PROXY, INHERITED, Checkout

pytestmark = pytest.mark.engine

WEBHOOK = "https://hooks.slack.com/services/T0000/B0000/never-to-be-seen"


def encrypt(checkout: Checkout, passphrase: str) -> None:
    """Set the address of Slack by the commands of the page, with another passphrase than theirs."""
    page = (checkout.path / "docs" / "settings.md").read_text(encoding="utf-8")
    (block,) = (
        found for found in re.findall(r"(?:^    .+\n)+", page, re.MULTILINE) if "stack init local" in found
    )
    commands = block.replace("PASSPHRASE=local", f"PASSPHRASE={shlex.quote(passphrase)}")
    assert commands != block
    environment = ready(checkout.path, progress=lambda *_: None).environment(stand_in_provider=True)
    subprocess.run(
        ["bash", "-euc", commands],
        cwd=checkout.path,
        env={**INHERITED, "PATH": environment["PATH"]},
        input=WEBHOOK,
        text=True,
        check=True,
    )


def test_a_value_that_was_encrypted_with_another_passphrase_is_reported(checkout: Checkout) -> None:
    encrypt(checkout, "of the user")

    refused = checkout.run("--regions", "1")

    assert refused.returncode == 1
    assert "set PULUMI_CONFIG_PASSPHRASE to the passphrase that served" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_run_needs_the_passphrase_of_the_user_and_neither_a_network_nor_the_usual_port(
    checkout: Checkout,
) -> None:
    encrypt(checkout, "of the user")
    without_network = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), DEAD_PROXY)

    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A run of another test may have it.
        with suppress(OSError):
            busy.bind(("127.0.0.1", 4566))
            busy.listen()
        finished = checkout.run("--regions", "1", PULUMI_CONFIG_PASSPHRASE="of the user", **without_network)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert WEBHOOK not in finished.stdout + finished.stderr
