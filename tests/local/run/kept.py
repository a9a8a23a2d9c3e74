"""The stack that a kept run leaves, for tests that go on with it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import yaml

from local.toolchain import ready
from tests.local.run.conftest import Checkout


class Kept:
    """The stack that a kept run left."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.workspace = checkout.path / ".local" / "workspace"
        tools = ready(checkout.path, progress=lambda *_: None)
        self.environment = {**os.environ, **tools.environment(stand_in_provider=True)}
        config = yaml.safe_load((self.workspace / "Pulumi.local.yaml").read_text("utf-8"))["config"]
        self.endpoint = config["aws:endpoints"][0]["s3"]

    def pulumi(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["pulumi", *arguments, "--stack", "local", "--non-interactive"],
            cwd=self.workspace,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="unused",
        )


@contextmanager
def keep(checkout: Checkout) -> Iterator[Kept]:
    """Run the pipeline over one region and keep the stack for the block."""
    finished = checkout.run("--regions", "1", "--keep")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    try:
        yield Kept(checkout)
    finally:
        subprocess.run(checkout.command("stop"), cwd=checkout.path, check=True)
