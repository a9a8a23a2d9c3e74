import json
from typing import Any

import pytest

from cli.errors import OperatorError
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment

INPUT = json.dumps({"scheduled_time": "2026-11-30T06:00:00Z"})
KEPT = {"channel": "slack", "why": "HTTP 404", "subject": "s", "text": "t", "id": "execution/x/failed"}


@pytest.fixture
def invoked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the payloads that the reporter gets; it delivers each of them to Slack."""
    payloads: list[Any] = []

    def invoke(_: Any, payload: Any) -> dict[str, Any]:
        payloads.append(payload)
        return {"delivered": ["slack"], "undelivered": [], "repeated": False}

    monkeypatch.setattr("cli.queues.redrive.invoke_reporter", invoke)
    return payloads


def lose_a_start(deployment: Deployment) -> None:
    body = {"stateMachineArn": deployment.stack["step_functions_state_machine_arn"], "input": INPUT}
    deployment.put("dlq_url", body, ERROR_CODE="Denied", SCHEDULED_TIME="2026-11-30T06:00:00Z")


def executions(deployment: Deployment, output: str = "step_functions_state_machine_arn") -> list[Any]:
    states = deployment.client("stepfunctions")
    found = states.list_executions(stateMachineArn=deployment.stack[output])["executions"]
    return [states.describe_execution(executionArn=each["executionArn"]) for each in found]


def left(ccapi: Ccapi) -> dict[str, int]:
    return {each["queue"]: len(each["messages"]) for each in ccapi("dlq", "--json").json["queues"]}


def test_messages_stay_when_they_are_shown(ccapi: Ccapi, deployment: Deployment) -> None:
    for number in range(12):
        deployment.put("dlq_url", INPUT, ERROR_CODE=f"E{number}")
    shown = ccapi("dlq", "show", "schedule")
    assert shown.code == 0
    assert all(f"E{number}" in shown.out for number in range(12))
    assert left(ccapi) == {"schedule": 12, "watch": 0, "notifications": 0}


def test_a_dry_run_does_nothing(ccapi: Ccapi, deployment: Deployment) -> None:
    lose_a_start(deployment)
    planned = ccapi("dlq", "redrive", "--dry-run", "--json")
    assert planned.code == 0
    assert [each["result"] for each in planned.json["messages"]] == ["planned"]
    assert executions(deployment) == []
    assert left(ccapi)["schedule"] == 1


def test_a_lost_start_is_started_once(ccapi: Ccapi, deployment: Deployment) -> None:
    lose_a_start(deployment)
    assert ccapi("dlq", "redrive", "schedule").code == 0
    [execution] = executions(deployment)
    assert execution["input"] == INPUT
    assert left(ccapi)["schedule"] == 0


def test_a_lost_sweep_starts_the_watch_machine(ccapi: Ccapi, deployment: Deployment) -> None:
    deployment.put("watch_dlq_url", {"sweep": True})
    assert ccapi("dlq", "redrive").code == 0
    assert [each["input"] for each in executions(deployment, "watch_state_machine_arn")] == [
        '{"sweep": true}'
    ]
    assert executions(deployment) == []


def test_a_kept_message_is_passed_to_the_reporter(
    ccapi: Ccapi, deployment: Deployment, invoked: list[Any]
) -> None:
    deployment.put("notifications_dlq_url", KEPT)
    assert ccapi("dlq", "redrive", "notifications").code == 0
    assert invoked == [{"undelivered": KEPT}]
    assert left(ccapi)["notifications"] == 0


def test_a_message_that_fails_again_stays(
    ccapi: Ccapi, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OperatorError("the reporter failed: x", "see its log")

    monkeypatch.setattr("cli.queues.redrive.invoke_reporter", refuse)
    deployment.put("notifications_dlq_url", KEPT)
    lose_a_start(deployment)
    redriven = ccapi("dlq", "redrive", "--json")
    assert redriven.code == 1
    assert [each["result"] for each in redriven.json["messages"]] == ["done", "failed"]
    assert left(ccapi) == {"schedule": 0, "watch": 0, "notifications": 1}


def test_a_channel_that_did_not_take_it_fails(
    ccapi: Ccapi, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"delivered": [], "undelivered": [{"channel": "slack", "why": "HTTP 404"}], "repeated": False}
    monkeypatch.setattr("cli.queues.redrive.invoke_reporter", lambda *_: answer)
    deployment.put("notifications_dlq_url", KEPT)
    redriven = ccapi("dlq", "redrive")
    assert redriven.code == 1
    assert "slack: HTTP 404" in redriven.out
    assert left(ccapi)["notifications"] == 1


def test_a_message_of_another_form_stays_and_is_harmless(
    ccapi: Ccapi, deployment: Deployment, invoked: list[Any]
) -> None:
    deployment.put("notifications_dlq_url", "garbage with \u202e in it")
    redriven = ccapi("dlq", "redrive")
    assert redriven.code == 1
    assert invoked == []
    assert left(ccapi)["notifications"] == 1
