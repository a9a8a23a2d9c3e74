"""Definitions of state machines for tests of rules: compliant, so that a test changes one thing."""

from typing import Any

Json = dict[str, Any]

RUN_TASK = "arn:aws:states:::ecs:runTask.waitForTaskToken"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:by-hand"

TOKEN = {
    "Overrides": {"ContainerOverrides": [{"Environment": [{"Value": "{% $states.context.Task.Token %}"}]}]}
}

CAPACITY = {"ErrorEquals": ["AmazonECS.Unknown"], "MaxAttempts": 2, "JitterStrategy": "FULL"}

NONSENSE: tuple[Json, ...] = (
    {},
    {"States": 1},
    {"StartAt": "A", "States": {"A": None, "B": {"Type": ["Task"]}, "C": {}}},
    {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": 1, "Retry": {}, "Catch": 3, "Arguments": 5}},
    },
    {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Retry": [1, {}, {"ErrorEquals": [None, {}]}], "Catch": [[]]}},
    },
    {
        "StartAt": "A",
        "States": {"A": {"Type": "Map", "ItemProcessor": 1, "MaxConcurrency": {}, "Retry": [[]]}},
    },
    {"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [1, {"States": []}]}}},
)


def definition(timeout: Any = 100_000, **states: Any) -> Json:
    """Return a machine of these states, the first of which starts it."""
    machine = {"QueryLanguage": "JSONata", "StartAt": next(iter(states), ""), "States": states}
    return machine | ({"TimeoutSeconds": timeout} if timeout is not None else {})


def task(**fields: Any) -> Json:
    """Return a Task that calls a function; a field of None is removed."""
    return _state(
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 60}, fields
    )


def container(**fields: Any) -> Json:
    """Return a Task that runs a container and waits for its answer."""
    called = {"Resource": RUN_TASK, "HeartbeatSeconds": 60, "TimeoutSeconds": 900, "Arguments": TOKEN}
    return task(**{**called, "Retry": [CAPACITY], **fields})


def map_of(item: Json, **fields: Any) -> Json:
    """Return a Map of two items."""
    inner = {"StartAt": "Item", "States": {"Item": item}}
    return _state({"Type": "Map", "Items": [1, 2], "MaxConcurrency": 2, "ItemProcessor": inner}, fields)


def retrier(*errors: str, **fields: Any) -> Json:
    """Return a retrier of some errors, by default of all."""
    return {"ErrorEquals": list(errors) or ["States.ALL"], **fields}


def _state(defaults: Json, fields: Json) -> Json:
    state = {key: value for key, value in {**defaults, **fields}.items() if value is not None}
    return state if "Next" in state else {**state, "End": True}
