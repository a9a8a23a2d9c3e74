"""How long a container has to stop."""

from collections.abc import Iterator

from guardrails.aws.containers import CONTAINERS_STOP, containers_of, name_of
from guardrails.aws.types import TASK_DEFINITION
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.values import UnknownError, whole_number

_MOST_SECONDS = 120
"""The most that Amazon ECS accepts on Fargate."""


def _has_time_to_stop(subject: Subject) -> Iterator[str]:
    containers = enumerate(containers_of(subject), 1)
    # A container is essential unless it says otherwise.
    essential = [(number, one) for number, one in containers if one.get("essential") is not False]
    if not essential:
        raise NotApplicableError("it has no essential container")
    least = subject.limits["minStopTimeoutSeconds"]
    for number, container in essential:
        name = name_of(container, number)
        if "stopTimeout" not in container:
            yield f"{name} has no stopTimeout, so that it has what AWS gives it; write {least} to {_MOST_SECONDS}."
            continue
        try:
            seconds = whole_number(container, "stopTimeout", least=0, most=_MOST_SECONDS)
        except UnknownError as fault:
            yield f"{name} has no time to stop that Fargate accepts: {fault}."
            continue
        if seconds < least:
            yield (
                f"{name} has {seconds} s to stop, less than {least} s; raise stopTimeout or lower "
                "minStopTimeoutSeconds."
            )


RULES = (
    Rule(
        name=CONTAINERS_STOP,
        requirement="Every essential container has time to save its work after it was told to stop.",
        rationale=(
            "Fargate kills a container stopTimeout after SIGTERM, also when it takes a Spot container back: what was "
            "not saved by then is done again."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write stopTimeout in the container's definition.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
        scope=Scope.RESOURCE,
        judges=frozenset({TASK_DEFINITION}),
        judge=_has_time_to_stop,
        limits=(
            Limit(
                key="minStopTimeoutSeconds",
                description="The least time between SIGTERM and SIGKILL of an essential container.",
                default=30,
                schema={"type": "integer", "minimum": 2, "maximum": _MOST_SECONDS},
            ),
        ),
    ),
)
