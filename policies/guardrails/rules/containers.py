"""The rule on the time that a container has to stop."""

from collections.abc import Iterator

from guardrails.aws.containers import CONTAINERS_STOP, containers_of, name_of
from guardrails.aws.types import TASK_DEFINITION
from guardrails.properties import read_list
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.values import UnknownError, whole_number

_MOST_SECONDS = 120
"""The most that Amazon ECS accepts on Fargate."""
_DEFAULT_SECONDS = 30
"""Fargate's time for a container without stopTimeout, from platform version 1.3.0 on; same source as the rule."""


def _too_short_stop_timeouts(subject: Subject) -> Iterator[str]:
    containers = enumerate(containers_of(subject), 1)
    # The default of `essential` is true.
    essential = [
        (number, container) for number, container in containers if container.get("essential") is not False
    ]
    if not essential:
        raise NotApplicableError("it has no essential container")
    least = subject.limits["minStopTimeoutSeconds"]
    is_on_fargate = "FARGATE" in read_list(subject.resource, "requiresCompatibilities")
    for number, container in essential:
        name = name_of(container, number)
        if "stopTimeout" not in container:
            if not is_on_fargate:
                yield (
                    f"{name} has no stopTimeout, so that the default of the instance's agent applies; write {least} to "
                    f"{_MOST_SECONDS}."
                )
            elif least > _DEFAULT_SECONDS:
                yield (
                    f"{name} has no stopTimeout, so that Fargate's default of {_DEFAULT_SECONDS} s applies; write "
                    f"{least} to {_MOST_SECONDS}, or lower minStopTimeoutSeconds."
                )
            continue
        try:
            seconds = whole_number(container, "stopTimeout", least=0, most=_MOST_SECONDS)
        except UnknownError as fault:
            yield f"{name} has a stopTimeout that Fargate rejects: {fault}."
            continue
        if seconds < least:
            yield (
                f"{name} has {seconds} s to stop, less than {least} s; raise stopTimeout or lower "
                "minStopTimeoutSeconds."
            )


RULES = (
    Rule(
        name=CONTAINERS_STOP,
        requirement="Every essential container has enough time between SIGTERM and SIGKILL to save its work.",
        rationale=(
            "Fargate kills a container stopTimeout seconds after SIGTERM, also when it reclaims Spot capacity. Work "
            "that is not saved by then is lost and done again."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write stopTimeout in the container's definition.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({TASK_DEFINITION}),
        evaluate=_too_short_stop_timeouts,
        limits=(
            Limit(
                key="minStopTimeoutSeconds",
                description="The shortest time between SIGTERM and SIGKILL of an essential container.",
                default=30,
                schema={"type": "integer", "minimum": 2, "maximum": _MOST_SECONDS},
            ),
        ),
    ),
)
