"""The rules on the timeout and the heartbeat of a Task."""

import re
from collections.abc import Iterator
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, bounds_of, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.fields import MAX_SECONDS, written_timeout
from guardrails.time.values import ComputedError, Json, UnknownError, computed, expression_code, whole_number
from guardrails.time.worst import TIMEOUT, count_text

_HEARTBEAT = "HeartbeatSeconds"

# The context object, its Task, or the task token, in JSONPath and in JSONata.
_TOKEN = re.compile(r"\$(\$|states\.context)(\.Task(\.Token)?)?(?![\w.\[])")


def _unbounded_attempts(subject: Subject) -> Iterator[str]:
    declared = bounds_of(subject).seconds_of
    limit = subject.limits["maxTaskTimeoutSeconds"]
    for state in states_of_types(subject, "Task"):
        try:
            seconds = _timeout(state, declared.get(state.name))
        except UnknownError as fault:
            yield f"{state.name} has no bound: {fault}."
        else:
            if seconds > limit:
                yield (
                    f"{state.name} may take {count_text(seconds)} s an attempt, more than {limit:,} s; "
                    "lower TimeoutSeconds or raise maxTaskTimeoutSeconds."
                )


def _timeout(state: State, declared: float | None) -> float:
    try:
        return written_timeout(state.fields)
    except ComputedError:
        if declared is None:
            raise
        return declared


def _missing_heartbeats(subject: Subject) -> Iterator[str]:
    tasks = states_of_types(subject, "Task")
    waiting = [state for state in tasks if state.waits_for_token or state.is_activity]
    beating = [state for state in tasks if {_HEARTBEAT, f"{_HEARTBEAT}Path"} & state.fields.keys()]
    if not waiting and not beating:
        raise NotApplicableError("no Task of the machine waits for a worker's answer")
    for state in beating:
        if state not in waiting:
            yield (
                f"{state.name} has {_HEARTBEAT}, which has no effect without a task token; use .waitForTaskToken or "
                "remove it."
            )
    for state in waiting:
        yield from _heartbeat_violations(state, subject.limits["minHeartbeatSeconds"])
        if state.waits_for_token and not _mentions_token(state.arguments):
            yield (
                f"{state.name} waits for its task token, but its arguments do not contain it; pass $$.Task.Token or "
                "$states.context.Task.Token to the worker."
            )


def _heartbeat_violations(state: State, least: int) -> Iterator[str]:
    if f"{_HEARTBEAT}Path" in state.fields:
        yield f"{state.name} has no known heartbeat: {computed(f'{_HEARTBEAT}Path')}."
        return
    if _HEARTBEAT not in state.fields:
        yield (
            f"{state.name} has no {_HEARTBEAT}, so that a dead worker is detected only when the attempt times out; "
            "write one."
        )
        return
    try:
        beat = whole_number(state.fields, _HEARTBEAT, least=1, most=MAX_SECONDS)
    except UnknownError as fault:
        yield f"{state.name} has no valid heartbeat: {fault}."
        return
    timeout = _number_or_none(state.fields, TIMEOUT)
    if timeout is not None and beat >= timeout:
        yield (
            f"{state.name} has a {_HEARTBEAT} of {beat:,}, not below its {TIMEOUT} of {timeout:,}; lower "
            f"{_HEARTBEAT} or raise {TIMEOUT}."
        )
    integration = integration_of(state)
    if integration and integration.name == RUN_TASK and beat < least:
        yield (
            f"{state.name} has a {_HEARTBEAT} of {beat:,}, less than the {least:,} s that a container needs to start; "
            f"raise {_HEARTBEAT} or lower minHeartbeatSeconds."
        )


def _number_or_none(fields: Json, key: str) -> int | None:
    try:
        return whole_number(fields, key, least=1, most=MAX_SECONDS)
    except UnknownError:
        return None


def _mentions_token(value: Any, key: str = "") -> bool:
    """Return True if an evaluated expression, and not only a text, contains the task token."""
    if isinstance(value, dict):
        return any(_mentions_token(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_mentions_token, value))
    is_evaluated = key.endswith(".$") or expression_code(value) is not None
    return isinstance(value, str) and is_evaluated and _TOKEN.search(value) is not None


RULES = (
    Rule(
        name="task-attempt-bounded",
        requirement="Every attempt of a Task has a timeout that is known before the deployment.",
        rationale="A Task without TimeoutSeconds waits for up to a year for an answer, and never retries.",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Write TimeoutSeconds in the Task, or declare a bound that is enforced elsewhere.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unbounded_attempts,
        limits=(
            Limit(
                key="maxTaskTimeoutSeconds",
                description="The longest time of one attempt of a Task.",
                default=86_400,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
    Rule(
        name="task-callback-heartbeat",
        requirement="A Task that waits for a worker's answer has a heartbeat, and passes the task token to the worker.",
        rationale=(
            "Without a heartbeat a worker that died, or never started, is detected only when its attempt times out. "
            "Without a task token the field has no effect, and looks as if it had one."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation=(
            "Use .waitForTaskToken with HeartbeatSeconds below TimeoutSeconds, and send heartbeats from the worker."
        ),
        url="https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_missing_heartbeats,
        limits=(
            Limit(
                key="minHeartbeatSeconds",
                description="The shortest heartbeat of a container, which takes up to a minute to start.",
                default=60,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
)
