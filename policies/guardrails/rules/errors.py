"""The rule that retriers name errors that occur, and that a retry can resolve."""

from collections.abc import Collection, Iterator

from guardrails.aws.errors import ALL, is_never_raised, is_permanent
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.definition import CAN_FAIL
from guardrails.time.worst import RETRY


def _useless_retries(subject: Subject) -> Iterator[str]:
    retried = [state for state in states_of_types(subject, *sorted(CAN_FAIL)) if state.objects(RETRY)]
    if not retried:
        raise NotApplicableError("none of its states is retried")
    for state in retried:
        retriers = state.objects(RETRY)
        for number, retrier in enumerate(retriers, 1):
            names = retrier.get("ErrorEquals")
            if not isinstance(names, list):
                continue
            where = f"{state.name}'s retrier {number}"
            if not names or not all(isinstance(name, str) for name in names):
                yield f"{where} has an invalid ErrorEquals; write a list of error names."
            if ALL in names and (len(names) > 1 or number < len(retriers)):
                yield (
                    f"{where} names {ALL} with other errors or before other retriers, which AWS rejects; name it "
                    "alone, in the last retrier."
                )
            # MaxAttempts 0 excludes these errors from retries.
            if retrier.get("MaxAttempts") != 0:
                texts = [name for name in names if isinstance(name, str)]
                yield from _in_vain(where, texts, state, subject.limits["permanentErrors"])


def _in_vain(where: str, names: list[str], state: State, permanent: Collection[str]) -> Iterator[str]:
    for name in names:
        if is_permanent(name, permanent):
            yield (
                f"{where} retries {name}, which no retry can resolve; remove it from ErrorEquals, or add a separate "
                "retrier for it with a MaxAttempts of 0."
            )
        elif is_never_raised(name, integration_of(state)):
            yield (
                f"{where} names {name}, which the state never raises; name an error that it raises, such as "
                "States.TaskFailed, in ErrorEquals."
            )


RULES = (
    Rule(
        name="task-retries-what-passes",
        requirement="Retriers name errors that their state raises, and that a retry can resolve.",
        rationale=(
            "Retries of a permanent error cost time and money and hide the cause. A name that is never raised, such as "
            "ECS.ServiceException or Ecs.ServerException, looks like a safeguard and is none."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Name errors of capacity, throttling and the service itself, and handle the others in a Catch.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_useless_retries,
        limits=(
            Limit(
                key="permanentErrors",
                description="Further errors that no retry can resolve, such as a worker's own errors.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
