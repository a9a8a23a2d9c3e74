"""Whether each attempt of a Task ends, and whether a worker that died is missed in time."""

import re
from collections.abc import Iterator
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, bounds_of, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.fields import MAX_SECONDS, timeout_seconds
from guardrails.time.values import ComputedError, Json, UnknownError, computed, expression_code, whole_number
from guardrails.time.worst import TIMEOUT, count_text

_HEARTBEAT = "HeartbeatSeconds"

# The context, its Task, or the token in it, in JSONPath and in JSONata.
_TOKEN = re.compile(r"\$(\$|states\.context)(\.Task(\.Token)?)?(?![\w.\[])")


def _attempts_are_bounded(subject: Subject) -> Iterator[str]:
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
        return timeout_seconds(state.fields)
    except ComputedError:
        if declared is None:
            raise
        return declared


def _callbacks_have_heartbeats(subject: Subject) -> Iterator[str]:
    tasks = states_of_types(subject, "Task")
    waiting = [state for state in tasks if state.waits_for_token or state.is_activity]
    beating = [state for state in tasks if {_HEARTBEAT, f"{_HEARTBEAT}Path"} & state.fields.keys()]
    if not waiting and not beating:
        raise NotApplicableError("no Task of the machine waits for a worker that answers")
    for state in beating:
        if state not in waiting:
            yield (
                f"{state.name} has {_HEARTBEAT}, which does nothing where nobody answers by a task token; call "
                ".waitForTaskToken or take it out."
            )
    for state in waiting:
        yield from _heartbeat_breaches(state, subject.limits["minHeartbeatSeconds"])
        if state.waits_for_token and not _mentions_token(state.arguments):
            yield (
                f"{state.name} waits for its task token and hands it to nobody; pass $$.Task.Token or "
                "$states.context.Task.Token on in its arguments."
            )


def _heartbeat_breaches(state: State, least: int) -> Iterator[str]:
    if f"{_HEARTBEAT}Path" in state.fields:
        yield f"{state.name} has no certain heartbeat: {computed(f'{_HEARTBEAT}Path')}."
        return
    if _HEARTBEAT not in state.fields:
        yield (
            f"{state.name} has no {_HEARTBEAT}, so that a worker that died is only missed when the attempt times out; "
            "write one."
        )
        return
    try:
        beat = whole_number(state.fields, _HEARTBEAT, least=1, most=MAX_SECONDS)
    except UnknownError as fault:
        yield f"{state.name} has no certain heartbeat: {fault}."
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
            f"{state.name} has a {_HEARTBEAT} of {beat:,}, less than the {least:,} s in which a container must be up; "
            f"raise {_HEARTBEAT} or lower minHeartbeatSeconds."
        )


def _number_or_none(fields: Json, key: str) -> int | None:
    try:
        return whole_number(fields, key, least=1, most=MAX_SECONDS)
    except UnknownError:
        return None


def _mentions_token(value: Any, key: str = "") -> bool:
    """Tell whether anything that is evaluated, and not only passed on as text, holds the task token."""
    if isinstance(value, dict):
        return any(_mentions_token(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_mentions_token, value))
    is_evaluated = key.endswith(".$") or expression_code(value) is not None
    return isinstance(value, str) and is_evaluated and _TOKEN.search(value) is not None


RULES = (
    Rule(
        name="task-attempt-bounded",
        requirement="Every attempt of a Task ends after a time that is known before it is deployed.",
        rationale="A Task without TimeoutSeconds waits for a year where nobody answers, and no retry ever begins.",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Write TimeoutSeconds in the Task, or declare its bound where something else enforces it.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_attempts_are_bounded,
        limits=(
            Limit(
                key="maxTaskTimeoutSeconds",
                description="The most that one attempt of a Task may take.",
                default=86_400,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
    Rule(
        name="task-callback-heartbeat",
        requirement="A Task that waits for a worker's answer misses it soon after it died, and hands it the token.",
        rationale=(
            "Without a heartbeat a worker that died, or never started, is only missed when its attempt times out; "
            "where nobody answers by a token the field does nothing, and looks as if it did."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Call .waitForTaskToken with HeartbeatSeconds below TimeoutSeconds, and beat from the worker.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_callbacks_have_heartbeats,
        limits=(
            Limit(
                key="minHeartbeatSeconds",
                description="The least heartbeat of a container, which takes most of a minute to start.",
                default=60,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
)
