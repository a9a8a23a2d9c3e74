import pytest

from local.provider.table import TABLE
from local.provider.values import Properties
from tests.local.provider.conftest import AbortedError, Engine
from tests.local.provider.samples import SAMPLES

TOKENS = sorted(TABLE)
# The name is part of the ARN or the URL; no operation returns it separately.
UNREPORTED = {
    "aws:budgets/budget:Budget": {"notifications"},
    "aws:lambda/function:Function": {"code"},
    "aws:sns/topic:Topic": {"name"},
    "aws:sqs/queue:Queue": {"name"},
}


def test_every_type_has_a_sample() -> None:
    assert sorted(SAMPLES) == TOKENS


@pytest.mark.parametrize("token", TOKENS)
def test_the_life_of_a_resource(engine: Engine, token: str) -> None:
    resource_id, inputs, state = engine.create_sample(token)

    _state_equals_inputs(token, inputs, state)
    _is_read_back_without_drift(engine, token, resource_id, inputs, state)
    if SAMPLES[token].change:
        state = _update_reaches_aws(engine, token, resource_id, inputs, state)

    engine.delete(token, resource_id, state)
    # It is gone, and may be deleted again.
    engine.delete(token, resource_id, state)
    read_id, _, _ = engine.read(token, resource_id, state, inputs)
    assert (read_id == "") != SAMPLES[token].stays


def _state_equals_inputs(token: str, inputs: Properties, state: Properties) -> None:
    assert set(state.get("__unread", [])) <= {*TABLE[token].own} | UNREPORTED.get(token, set())
    for name, value in inputs.items():
        if (
            isinstance(value, str | bool | int)
            and name != "__defaults"
            and not str(value).startswith(("{", "["))
        ):
            assert state[name] == value


def _is_read_back_without_drift(
    engine: Engine, token: str, resource_id: str, inputs: Properties, state: Properties
) -> None:
    read_id, read_state, read_inputs = engine.read(token, resource_id, state, inputs)

    assert read_id == resource_id
    assert read_inputs == inputs
    assert {**read_state, "id": resource_id} == state
    assert not engine.diff(token, read_state, inputs, inputs).diffs


def _update_reaches_aws(
    engine: Engine, token: str, resource_id: str, inputs: Properties, state: Properties
) -> Properties:
    change = SAMPLES[token].change
    changed = {name: value for name, value in {**inputs, **change}.items() if value is not None}

    plan = engine.diff(token, state, inputs, changed)
    assert set(plan.diffs) == set(change)
    assert not plan.replaces
    new_state = engine.update(token, resource_id, state, inputs, changed)

    read_id, read_state, read_inputs = engine.read(token, resource_id, new_state, changed)
    assert (read_id, read_state, read_inputs) == (resource_id, new_state, changed)
    for name in change:
        assert read_state.get(name) != state.get(name), name
    return new_state


CLEARED = [
    (token, name) for token in TOKENS for name in TABLE[token].cleared if name in SAMPLES[token].inputs
]
# Only moto keeps a secret's description when the new one is empty, and the key of a function.
KEPT_BY_MOTO = {
    ("aws:secretsmanager/secret:Secret", "description"),
    ("aws:lambda/function:Function", "kmsKeyArn"),
}


@pytest.mark.parametrize(("token", "name"), [case for case in CLEARED if case not in KEPT_BY_MOTO])
def test_a_property_that_is_no_longer_given_is_reset(engine: Engine, token: str, name: str) -> None:
    resource_id, inputs, state = engine.create_sample(token)
    without = {key: value for key, value in inputs.items() if key != name}

    new_state = engine.update(token, resource_id, state, inputs, without)

    assert new_state.get(name) in (None, TABLE[token].cleared[name])


def test_a_property_that_aws_keeps_although_it_is_removed_is_reported(engine: Engine) -> None:
    function = "aws:lambda/function:Function"
    resource_id, inputs, state = engine.create_sample(function)
    without = {key: value for key, value in inputs.items() if key != "handler"}

    with pytest.raises(
        AbortedError, match="AWS keeps the value of handler although the program no longer sets it"
    ):
        engine.update(function, resource_id, state, inputs, without)


def test_an_alarm_on_an_expression_is_read_back_without_drift(engine: Engine) -> None:
    alarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
    metric = {
        "namespace": "AWS/States",
        "metricName": "ExecutionTime",
        "dimensions": {"StateMachineArn": "arn"},
        "period": 300,
        "stat": "Maximum",
    }
    queries = [
        {"id": "time", "metric": metric, "returnData": False},
        {"id": "share", "expression": "time / 1000", "label": "Share", "returnData": True},
    ]
    inputs = {
        "name": "late",
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "threshold": 0.8,
        "metricQueries": queries,
    }

    resource_id, state = engine.create(alarm, inputs)

    assert state["metricQueries"] == queries
    assert engine.read(alarm, resource_id, state, inputs)[2] == inputs
