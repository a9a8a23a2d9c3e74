"""The rules on the number of retries, and on the retry of capacity errors."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.errors import ALL, NO_CAPACITY, TASK_FAILED
from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.definition import CAN_FAIL, objects
from guardrails.time.retries import Retrier, read_retrier
from guardrails.time.values import Json, UnknownError
from guardrails.time.worst import RETRY, count_text

_AS_CAPACITY = {NO_CAPACITY, TASK_FAILED, ALL}
"""The names in a retrier that match a capacity error."""


def _unbounded_retries(subject: Subject) -> Iterator[str]:
    retried = [state for state in states_of_types(subject, *sorted(CAN_FAIL)) if RETRY in state.fields]
    if not retried:
        raise NotApplicableError("none of its states is retried")
    for state in retried:
        try:
            written = objects(state.fields, RETRY)
        except UnknownError as fault:
            yield f"{state.name} has an invalid Retry: {fault}."
            continue
        retriers = []
        for number, fields in enumerate(written, 1):
            where = f"{state.name}'s retrier {number}"
            try:
                retriers.append(read_retrier(fields))
            except UnknownError as fault:
                yield f"{where} has no bound: {fault}."
            else:
                yield from _retrier_violations(where, retriers[-1], subject.limits)
        yield from _sum_violations(state, retriers, subject.limits["maxAttemptsOfState"])


def _retrier_violations(where: str, retrier: Retrier, limits: Mapping[str, Any]) -> Iterator[str]:
    most, longest = limits["maxAttempts"], limits["maxDelaySeconds"]
    if retrier.retries > most:
        yield (
            f"{where} has {retrier.retries:,} retries, more than {most:,}; lower MaxAttempts or raise maxAttempts."
        )
    if retrier.longest_wait_seconds > longest:
        yield (
            f"{where} waits {count_text(retrier.longest_wait_seconds)} s before its last retry "
            f"({retrier.interval_seconds:,} s, times {retrier.rate:g} each), more than {longest:,} s; write a "
            "MaxDelaySeconds, lower IntervalSeconds, BackoffRate or MaxAttempts, or raise maxDelaySeconds."
        )


def _sum_violations(state: State, retriers: list[Retrier], most: int) -> Iterator[str]:
    total = sum(retrier.retries for retrier in retriers)
    if total > most:
        terms = " + ".join(f"{retrier.retries:,}" for retrier in retriers)
        yield (
            f"{state.name} has {total:,} retries ({terms}), more than {most:,}; lower a MaxAttempts or raise "
            "maxAttemptsOfState."
        )


def _capacity_not_retried(subject: Subject) -> Iterator[str]:
    tasks = [state for state in states_of_types(subject, "Task") if _raises_capacity_errors(state)]
    if not tasks:
        raise NotApplicableError("no Task of the machine calls ecs:runTask")
    for state in tasks:
        # Step Functions uses the first retrier that matches an error.
        retrier = next((found for found in state.objects(RETRY) if _AS_CAPACITY & _errors(found)), None)
        if retrier is None:
            yield (
                f"{state.name} does not retry {NO_CAPACITY}, the error of missing Fargate capacity; write a retrier "
                "for it."
            )
        else:
            yield from _ineffective(state, retrier)


def _raises_capacity_errors(state: State) -> bool:
    # aws-sdk:ecs:runTask returns its failures instead of raising them, so that no retrier can help.
    integration = integration_of(state)
    return integration is not None and integration.name == RUN_TASK and not integration.is_sdk


def _errors(retrier: Json) -> set[str]:
    names = retrier.get("ErrorEquals")
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _ineffective(state: State, fields: Json) -> Iterator[str]:
    try:
        retrier = read_retrier(fields)
    except UnknownError:
        # The rule `task-retries-bounded` reports it.
        return
    if not retrier.retries:
        yield f"{state.name} retries {NO_CAPACITY} 0 times; raise MaxAttempts of its retrier to 1 or more."
    elif retrier.rate == 1 and fields.get("JitterStrategy") != "FULL":
        yield (
            f"{state.name} retries {NO_CAPACITY} at a constant interval of {retrier.interval_seconds:,} s, together "
            "with all others that wait for capacity; raise BackoffRate above 1 or write a JitterStrategy of FULL."
        )


_COUNT = {"type": "integer", "minimum": 0}

_RECOMMENDED = 6
"""The MaxAttempts that AWS recommends for Lambda, "Handle transient Lambda service exceptions"
(https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html).
"""

RULES = (
    Rule(
        name="task-retries-bounded",
        requirement="The number of retries of every state, and the waits between them, are within the limits.",
        rationale=(
            "Each retry of a container costs as much as the first attempt, and a doubling back-off soon lasts "
            "days."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write MaxAttempts and MaxDelaySeconds in every retrier.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unbounded_retries,
        limits=(
            Limit(
                key="maxAttempts",
                description="The most retries of one retrier.",
                default=_RECOMMENDED,
                schema=_COUNT,
            ),
            Limit(
                key="maxAttemptsOfState",
                description="The most retries of all retriers of a state together.",
                default=10,
                schema=_COUNT,
            ),
            Limit(
                key="maxDelaySeconds",
                description="The longest wait before a retry.",
                default=3_600,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
    Rule(
        name="capacity-errors-retried",
        requirement="A Task retries capacity errors with a growing or random wait.",
        rationale="A lack of Fargate capacity passes in minutes, and is raised as an error that few retriers name.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write a retrier for AmazonECS.Unknown with a back-off and a JitterStrategy of FULL.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_capacity_not_retried,
    ),
)
