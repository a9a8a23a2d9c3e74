"""What is worth another try: the errors that retriers name."""

from collections.abc import Collection, Iterator

from guardrails.aws.errors import ALL, is_never_raised, is_permanent
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.definition import CAN_FAIL
from guardrails.time.worst import RETRY


def _retries_what_passes(subject: Subject) -> Iterator[str]:
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
                yield f"{where} names what is no error; write the names of errors in ErrorEquals."
            if ALL in names and (len(names) > 1 or number < len(retriers)):
                yield (
                    f"{where} names {ALL} beside others or before other retriers, which AWS refuses; let it stand "
                    "alone in the last one."
                )
            # A retrier without attempts says that these errors are not retried.
            if retrier.get("MaxAttempts") != 0:
                texts = [name for name in names if isinstance(name, str)]
                yield from _in_vain(where, texts, state, subject.limits["permanentErrors"])


def _in_vain(where: str, names: list[str], state: State, permanent: Collection[str]) -> Iterator[str]:
    for name in names:
        if is_permanent(name, permanent):
            yield (
                f"{where} retries {name}, which comes back however often it is tried; take it out of ErrorEquals, "
                "or give it a retrier of its own with a MaxAttempts of 0."
            )
        elif is_never_raised(name, integration_of(state)):
            yield (
                f"{where} names {name}, which the state never raises; write a name that it raises, such as "
                "States.TaskFailed, in ErrorEquals."
            )


RULES = (
    Rule(
        name="task-retries-what-passes",
        requirement="Retriers name errors that their state raises, and that may pass by trying again.",
        rationale=(
            "Trying again what cannot pass costs time and money and hides the cause; a name that is never raised, such "
            "as ECS.ServiceException or Ecs.ServerException, looks like a safety net and is none."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Name errors of capacity, throttling and faults of the service, and let the others be caught.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_retries_what_passes,
        limits=(
            Limit(
                key="permanentErrors",
                description="Further errors that cannot pass by trying again, such as those of a worker's own.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
