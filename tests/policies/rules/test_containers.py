import json
from typing import Any

import pytest

from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

STOP = rule("container-stop-timeout")


def containers(*written: Any) -> Any:
    return resource(TASK_DEFINITION, "worker", containerDefinitions=json.dumps(written))


@pytest.mark.parametrize(
    ("seconds", "passing"), [(29, False), (30, True), (31, True), (120, True), (121, False), (0, False)]
)
def test_a_container_has_thirty_seconds_to_two_minutes(seconds: int, passing: bool) -> None:
    assert passes(STOP, containers({"name": "worker", "stopTimeout": seconds})) is passing


def test_a_shorter_time_is_reported_with_its_limit() -> None:
    (told,) = violations(STOP, containers({"name": "main", "stopTimeout": 30}), minStopTimeoutSeconds=120)
    assert told == (
        "worker: main has 30 s to stop, less than 120 s; raise stopTimeout or lower minStopTimeoutSeconds."
    )


def test_a_container_without_a_stop_timeout_has_the_default_of_fargate() -> None:
    on_fargate = resource(
        TASK_DEFINITION,
        "worker",
        containerDefinitions=json.dumps([{"name": "main"}]),
        requiresCompatibilities=["FARGATE"],
    )
    assert passes(STOP, on_fargate)
    (told,) = violations(STOP, on_fargate, minStopTimeoutSeconds=60)
    assert "main has no stopTimeout, so that Fargate's default of 30 s applies; write 60 to 120" in told


def test_a_container_without_a_time_is_refused_on_an_instance() -> None:
    (told,) = violations(STOP, containers({"name": "main"}))
    assert "main has no stopTimeout" in told
    assert "30 to 120" in told


@pytest.mark.parametrize("value", ["60", 45.5, True, None, 600])
def test_a_time_that_fargate_does_not_accept_is_refused(value: Any) -> None:
    (told,) = violations(STOP, containers({"name": "main", "stopTimeout": value}))
    assert "stopTimeout is not a whole number from 0 to 120" in told


def test_every_essential_container_is_reported_and_no_other() -> None:
    told = violations(
        STOP,
        containers(
            {"name": "a"}, {"name": "b", "essential": False}, {"essential": True}, {"stopTimeout": 60}
        ),
    )
    assert [message.split(" has")[0] for message in told] == ["worker: a", "worker: container 3"]


def test_without_an_essential_container_nothing_is_evaluated() -> None:
    assert said(STOP, containers({"essential": False})).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("value", [None, "", "{}", "[1]", "3", "["])
def test_definitions_that_hold_no_containers_are_refused(value: Any) -> None:
    (told,) = violations(STOP, resource(TASK_DEFINITION, containerDefinitions=value))
    assert "containerDefinitions" in told
    assert "the rule failed" not in told


def test_definitions_that_are_not_known_are_refused() -> None:
    (told,) = violations(STOP, resource(TASK_DEFINITION, containerDefinitions=UNKNOWN))
    assert "containerDefinitions is not known" in told
