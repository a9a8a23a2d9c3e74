"""The permissions of the role that delivers, compared with the calls of its commands."""

from collections.abc import Iterator
from typing import Any

import pytest

from docs.deployer.page import policies
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment

SERVICES = ("ecr", "ecs", "lambda", "s3", "ssm", "stepfunctions")
# The action of an operation that has another name.
ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}


@pytest.fixture
def called(deployment: Deployment) -> Iterator[set[str]]:
    """Return the IAM actions of the calls that commands make."""
    found: set[str] = set()

    def record(model: Any, **_: Any) -> None:
        service = model.service_model.signing_name
        action = f"{service}:{model.name}"
        found.add(ACTIONS.get(action, action))

    clients = [deployment.client(service) for service in SERVICES]
    for client in clients:
        client.meta.events.register("before-call", record)
    yield found
    for client in clients:
        client.meta.events.unregister("before-call", record)


def allowed(*kinds: str) -> set[str]:
    actions = [
        statement["Action"]
        for kind in kinds
        for policy in policies(kind)
        for statement in policy["Statement"]
    ]
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


def test_the_role_that_delivers_may_make_every_call_of_a_delivery(
    ccapi: Ccapi, deployment: Deployment, called: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = deployment.client("stepfunctions")

    def stop(_seconds: float) -> None:
        arn = deployment.stack["step_functions_state_machine_arn"]
        for execution in machine.list_executions(stateMachineArn=arn)["executions"]:
            machine.stop_execution(executionArn=execution["executionArn"])
        called.discard("states:StopExecution")

    monkeypatch.setattr("cli.runs.following.time.sleep", stop)
    assert ccapi("wait", "--timeout", "0m").code == 0
    # moto ends no execution by itself, so it is stopped, and the command fails.
    assert ccapi("run", "--validate-only", "--follow").code == 1
    assert {"states:ListExecutions", "states:StartExecution", "states:GetExecutionHistory"} <= called
    assert called <= allowed("deploy", "deliver")


def test_the_role_that_previews_may_read_the_deployed_image(
    ccapi: Ccapi, called: set[str], pulumi: list[object]
) -> None:
    assert ccapi("image", "--keep").code == 0
    assert called
    assert called <= allowed("preview")
    assert len(pulumi) == 1
