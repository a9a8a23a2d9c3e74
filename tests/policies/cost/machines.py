"""Machines for tests of costs: a task of 2 vCPU and 4 GB, with the states that a test adds."""

from collections.abc import Mapping
from typing import Any

from guardrails.aws.types import SCHEDULE, TASK_DEFINITION
from guardrails.plan import Resource
from tests.policies.plans import machine, resource

EAST = {"region": "us-east-1"}
RUN_TASK = "arn:aws:states:::ecs:runTask.sync"

WORKER = resource(TASK_DEFINITION, "worker", family="worker", cpu="2048", memory="4096", provider=EAST)


def run_task(timeout: int | None = 7200, **changes: Any) -> dict[str, Any]:
    """Return a state that runs the worker and is the last; `Overrides` and the like go into its arguments."""
    arguments = {"TaskDefinition": "worker", **changes.pop("arguments", {})}
    bound = {} if timeout is None else {"TimeoutSeconds": timeout}
    return {"Type": "Task", "Resource": RUN_TASK, "Arguments": arguments, "End": True, **bound, **changes}


def definition(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a machine of these states, the first of which is where it starts."""
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


def component(**expected: Any) -> Resource:
    """Return a component that declares expected usage."""
    return resource("acme:pipelines:Pipeline", "pipeline", expected=expected)


def machine_in(parent: Resource | None, name: str = "machine", /, **states: Mapping[str, Any]) -> Resource:
    """Return a machine of these states in a component."""
    return machine(definition(**states), name, parent=parent, provider=EAST)


def schedule_of(started: Resource, expression: str, **properties: Any) -> Resource:
    """Return a schedule that starts a machine."""
    return resource(
        SCHEDULE,
        "weekly",
        scheduleExpression=expression,
        target={"arn": f"arn:aws:states:us-east-1:111122223333:stateMachine:{started.name}"},
        provider=EAST,
        **properties,
    )
