"""A stack file with an encrypted value, written as the settings' page says."""

import os
import subprocess

import pytest

from local.toolchain import ready
from tests.local.run.conftest import Checkout

pytestmark = pytest.mark.engine

WEBHOOK = "https://hooks.slack.com/services/T0000/B0000/never-to-be-seen"


def encrypt(checkout: Checkout, passphrase: str) -> None:
    """Set the address of Slack in the checkout's own file, in a backend of the user's own."""
    backend = checkout.path / "backend"
    backend.mkdir()
    tools = ready(checkout.path, progress=lambda *_: None)
    environment = {
        **os.environ,
        **tools.environment(stand_in_provider=True),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": passphrase,
    }
    for command in (["stack", "init", "local"], ["config", "set", "--secret", "slackWebhookUrl", WEBHOOK]):
        subprocess.run(["pulumi", *command], cwd=checkout.path, env=environment, check=True)


def test_a_run_reads_what_the_users_passphrase_encrypted(checkout: Checkout) -> None:
    encrypt(checkout, "of the user")

    refused = checkout.run("--regions", "1")

    assert refused.returncode == 1
    assert "set PULUMI_CONFIG_PASSPHRASE to the passphrase that served" in refused.stderr
    assert "Traceback" not in refused.stderr

    finished = checkout.run("--regions", "1", PULUMI_CONFIG_PASSPHRASE="of the user")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert WEBHOOK not in finished.stdout + finished.stderr
