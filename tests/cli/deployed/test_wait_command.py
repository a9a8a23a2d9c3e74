import json
from typing import Any

import pytest

from cli.commands import wait
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment


@pytest.fixture
def machine(deployment: Deployment) -> Any:
    """Return the client of Step Functions; an execution in moto runs until it is stopped."""
    return deployment.client("stepfunctions")


def start(machine: Any, deployment: Deployment, name: str, **given: object) -> str:
    arn: str = machine.start_execution(
        stateMachineArn=deployment.stack["step_functions_state_machine_arn"],
        name=name,
        input=json.dumps(given),
    )["executionArn"]
    return arn


def test_without_a_run_the_wait_is_over_at_once(ccapi: Ccapi) -> None:
    waited = ccapi("wait")
    assert (waited.code, waited.out) == (0, "No run is running.\n")
    assert ccapi("wait", "--json").json == {"waited_seconds": 0, "running": []}


def test_a_deployment_is_refused_while_a_run_goes_on(
    ccapi: Ccapi, machine: Any, deployment: Deployment
) -> None:
    arn = start(machine, deployment, "manual-1")
    waited = ccapi("wait", "--timeout", "0m")
    assert waited.code == 1
    assert waited.err == (
        "ccapi: run manual-1 is running. Type `ccapi follow manual-1 --stack prod` to see how far it is, "
        "or wait longer with --timeout.\n"
    )
    shown = ccapi("wait", "--timeout", "0m", "--json").json
    assert [(each["run"], each["arn"], each["status"]) for each in shown["running"]] == [
        ("manual-1", arn, "running")
    ]


def test_the_wait_ends_with_the_last_run(
    ccapi: Ccapi, machine: Any, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    arns = [start(machine, deployment, name) for name in ("manual-1", "manual-2")]

    def stop_one(_seconds: float) -> None:
        machine.stop_execution(executionArn=arns.pop())

    monkeypatch.setattr(wait, "_pause", stop_one)
    waited = ccapi("wait")
    assert (waited.code, arns) == (0, [])
    lines = waited.out.splitlines()
    # The oldest is first by the clock of the machine, which may be set back between the two starts.
    assert sorted(line.partition(" ")[2] for line in lines[:2]) == [
        "Run manual-1 is running.",
        "Run manual-2 is running.",
    ]
    assert lines[2:] == ["No run is running."]


def test_a_check_that_leaves_no_run_is_waited_for_too(
    ccapi: Ccapi, machine: Any, deployment: Deployment
) -> None:
    start(machine, deployment, "manual-1", validate_only=True)
    assert ccapi("wait", "--timeout", "0m").code == 1


def test_a_timeout_that_is_no_time_is_refused(ccapi: Ccapi) -> None:
    waited = ccapi("wait", "--timeout", "soon")
    assert (waited.code, "Write e.g. 30m, 2h or 1d" in waited.err) == (2, True)
