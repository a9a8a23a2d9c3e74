"""`ccapi local seed` with a local stack that is stopped meanwhile, and in a shell for a stack of an account."""

from types import SimpleNamespace
from typing import Any
from urllib.error import URLError

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.app import run
from cli.exit_codes import ExitCode
from local.run import kept_stack, resume, seed

OUTPUTS = {"step_functions_state_machine_arn": "arn:aws:states:us-east-1:1:stateMachine:m"}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the stacks whose outputs were read, while a local stack runs."""
    names: list[str] = []

    def outputs(name: str) -> dict[str, str]:
        names.append(name)
        return OUTPUTS

    kept = SimpleNamespace(answers=lambda: True, regions=("a", "b"))
    monkeypatch.setattr(kept_stack, "read_kept_stack", lambda: kept)
    monkeypatch.setattr("cli.stack.read_outputs", outputs)
    monkeypatch.setattr("local.aws.LocalAws.read", lambda _: None)
    return names


def test_the_local_stack_is_seeded_whatever_a_variable_names(
    read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = SimpleNamespace(arn="arn:1", status="SUCCEEDED")
    monkeypatch.setattr(seed, "seed", lambda _aws, _outputs, history: [ended for _ in history])
    monkeypatch.setenv("CCAPI_STACK", "prod")
    assert run(["local", "seed", "--runs", "2"]) == ExitCode.OK
    assert read == ["local"]


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize("error", [URLError("refused"), EndpointConnectionError(endpoint_url="http://x")])
def test_a_stack_that_is_stopped_meanwhile_is_a_sentence(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(seed, "seed", fail)
    monkeypatch.setattr(resume, "start_command", lambda: "ccapi local resume")
    assert run(["local", "seed", "--runs", "2"]) == ExitCode.UNREACHABLE
    assert "ype `ccapi local resume`." in capsys.readouterr().err
