import gzip
import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from guardrails.aws.errors import is_never_raised, is_permanent
from guardrails.aws.integrations import Integration
from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.definitions import NONSENSE, container, definition, map_of, retrier, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

PASSING = rule("task-retries-what-passes")

ECS = Integration("ecs:runTask", "waitForTaskToken")


def retried(*retriers: Any) -> Any:
    return machine(definition(Work=container(Retry=list(retriers))))


@pytest.mark.parametrize(
    "name",
    [
        "AmazonECS.Unknown",
        "ECS.AmazonECSException",
        "ECS.ServerException",
        "ECS.ThrottlingException",
        "ECS.InvalidParameterException",
        "ECS.SdkClientException",
        "States.Timeout",
        "States.HeartbeatTimeout",
        "States.TaskFailed",
        "States.Http.StatusCode.503",
        "Worker.Interrupted",
        "Interrupted",
        "Lambda.ServiceException",
    ],
)
def test_retrying_a_transient_error_passes(name: str) -> None:
    assert passes(PASSING, retried(retrier(name)))


@pytest.mark.parametrize(
    "name",
    [
        "States.Runtime",
        "States.DataLimitExceeded",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.ItemReaderFailed",
        "ECS.AccessDeniedException",
        "S3.AccessDeniedException",
        "DynamoDb.ValidationException",
        "AccessDenied",
    ],
)
def test_retrying_a_permanent_error_is_refused(name: str) -> None:
    (told,) = violations(PASSING, retried(retrier("States.Timeout", name)))
    assert f"Work's retrier 1 retries {name}, which no retry can resolve" in told


@pytest.mark.parametrize(
    "name",
    [
        "ECS.ServiceException",
        "Ecs.ServerException",
        "ecs.ServerException",
        "AmazonECS.ServerException",
        "ECS.Unknown",
        "States.TaskFailed.ServiceUnavailable",
        "States.All",
    ],
)
def test_retrying_an_error_that_is_never_raised_is_refused(name: str) -> None:
    (told,) = violations(PASSING, retried(retrier(name)))
    assert f"Work's retrier 1 names {name}, which the state never raises" in told


def test_names_are_held_against_the_service_that_is_called() -> None:
    assert passes(PASSING, machine(definition(Work=task(Retry=[retrier("ECS.ServiceException")]))))
    sdk = container(Resource="arn:aws:states:::aws-sdk:ecs:runTask", Retry=[retrier("Ecs.ServerException")])
    assert passes(PASSING, machine(definition(Work=sdk)))


def test_a_stack_may_name_permanent_errors_of_its_own() -> None:
    about = retried(retrier("Worker.InvalidInput"))
    assert passes(PASSING, about)
    (told,) = violations(PASSING, about, permanentErrors=["Worker.InvalidInput"])
    assert "Worker.InvalidInput" in told


def test_a_retrier_with_max_attempts_zero_may_name_permanent_errors() -> None:
    assert passes(PASSING, retried(retrier("States.Permissions", MaxAttempts=0), retrier()))


@pytest.mark.parametrize(
    "retriers", [[retrier("States.ALL", "States.Timeout")], [retrier(), retrier("States.Timeout")]]
)
def test_all_stands_alone_and_last(retriers: list[Any]) -> None:
    (told,) = violations(PASSING, retried(*retriers))
    assert "names States.ALL with other errors or before other retriers" in told


@pytest.mark.parametrize("names", [[], [1], [None, "States.Timeout"], [[]]])
def test_names_that_are_none_are_refused(names: list[Any]) -> None:
    (told,) = violations(PASSING, retried({"ErrorEquals": names}))
    assert "has an invalid ErrorEquals" in told


def test_every_name_of_every_state_is_reported() -> None:
    inner = task(Retry=[retrier("States.Runtime"), retrier("States.Nothing")])
    states = definition(Each=map_of(inner, Retry=[retrier("States.ItemReaderFailed")]))
    assert len(violations(PASSING, machine(states))) == 3


def test_a_machine_without_retriers_is_not_evaluated() -> None:
    assert said(PASSING, machine(definition(Work=task()))).outcome is Outcome.NOT_APPLICABLE


def test_a_definition_that_is_not_known_is_refused() -> None:
    assert "definition is not known" in violations(PASSING, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_evaluated_without_an_exception(nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(PASSING, machine(nonsense)))


def test_every_error_of_the_service_s_own_model_is_known() -> None:
    (path,) = (Path(botocore.__file__).parent / "data/ecs").glob("*/service-2.json.gz")
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    errors = [name for name, shape in shapes.items() if shape.get("exception")]
    assert len(errors) > 10
    assert [name for name in errors if is_never_raised(f"ECS.{name}", ECS)] == []


def test_an_unlisted_error_name_is_neither_permanent_nor_never_raised() -> None:
    assert not is_permanent("Worker.Broken")
    assert not is_never_raised("Worker.Broken", ECS)
    assert not is_never_raised("ECS.Anything", None)
