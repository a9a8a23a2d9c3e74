import json
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.app import run
from tests.cli.deployed.deployment import REGION, Deployment, deploy


@cache
def _client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=REGION)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "140")
    # To create a client takes longer than a test; moto answers those of earlier tests too.
    monkeypatch.setattr("cli.stack.Stack._new_client", lambda _, service: _client(service))
    monkeypatch.setattr("cli.queues.dead_letters._WAIT_SECONDS", 0)
    # moto makes 1,301 images and an RSA key for each test, which takes longer than all else.
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    monkeypatch.setattr("moto.kms.models.generate_private_key", lambda _: None)
    with mock_aws():
        made = deploy()
        monkeypatch.setattr("cli.stack.read_outputs", lambda _: dict(made.stack.outputs))
        yield made


class Ran:
    """The result of a command."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ccapi = Callable[..., Ran]


@pytest.fixture
def ccapi(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> Ccapi:
    """Return a function that runs a command line on the deployed stack."""

    def command(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run([*arguments, "--stack", deployment.stack.name])
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[list[str], str]]:
    """Return the commands of the Pulumi CLI, each with its standard input."""
    calls: list[tuple[list[str], str]] = []

    def record(command: list[str], *, input: str, **_: Any) -> "subprocess.CompletedProcess[str]":  # noqa: A002
        calls.append((command, input))
        failed = input.startswith("https://hooks.slack.com/fail")
        return subprocess.CompletedProcess(command, int(failed), "", f"error: cannot set {input}\nmore")

    (tmp_path / "Pulumi.yaml").write_text("name: ccapi\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.pulumi_config.subprocess.run", record)
    monkeypatch.setattr("cli.pulumi_config.shutil.which", lambda *_, **__: "/bin/pulumi")
    return calls
