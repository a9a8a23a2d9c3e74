"""The rule on the quotas of Step Functions, as far as they can be checked before a run.

Sources: "Step Functions service quotas" (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
"Choosing workflow type" (…/choosing-workflow-type.html) for Express machines, and for what a state may override of a
task RunTask (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html).
"""

import json
from collections.abc import Iterator
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, analysis_of, definition_of, is_express, states_of
from guardrails.aws.task_arguments import argument
from guardrails.aws.types import STATE_MACHINE
from guardrails.properties import read_text
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject
from guardrails.time.fields import EXPRESS_SECONDS, is_distributed
from guardrails.time.history import MAX_EVENTS
from guardrails.time.values import expression_code

_DEFINITION_BYTES = 1_048_576
_PAYLOAD_BYTES = 262_144
_NAME_CHARACTERS = 80
_OVERRIDES_CHARACTERS = 8_192
_STANDARD_SECONDS = 31_536_000

_PAYLOADS = ("Arguments", "Parameters", "ItemSelector", "Items", "Output", "Result", "ResultSelector")
"""The fields with the input and output of a state."""


def _above_quotas(subject: Subject) -> Iterator[str]:
    definition, analysis = definition_of(subject), analysis_of(subject)
    express = is_express(subject.resource)
    size = len((read_text(subject.resource, "definition") or "").encode(errors="surrogatepass"))
    if size > _DEFINITION_BYTES:
        yield f"the definition has {size:,} bytes, more than {_DEFINITION_BYTES:,}; split the machine."
    longest = EXPRESS_SECONDS if express else _STANDARD_SECONDS
    if (timeout := analysis.timeout_seconds) is not None and timeout > longest:
        kind = "an Express" if express else "a Standard"
        yield f"TimeoutSeconds is {timeout:,} s, but an execution of {kind} machine ends after {longest:,} s; lower it."
    events, most = analysis.history_events, subject.limits["maxHistoryEvents"]
    if not express and events is not None and events > most:
        yield (
            f"an execution can write {events:,} events, more than {most:,}, and fails at {MAX_EVENTS:,}; lower its "
            "items or attempts, use a distributed Map, or raise maxHistoryEvents."
        )
    for state in states_of(definition):
        yield from _state_violations(state)
        if express:
            yield from _express_violations(state)


def _state_violations(state: State) -> Iterator[str]:
    if len(state.name) > _NAME_CHARACTERS:
        yield (
            f"{state.name[:_NAME_CHARACTERS]}… has a name of {len(state.name):,} characters, more than "
            f"{_NAME_CHARACTERS}; shorten it."
        )
    for key in _PAYLOADS:
        size = len(_constants(state.fields.get(key)).encode(errors="surrogatepass"))
        if size > _PAYLOAD_BYTES:
            yield (
                f"{state.name} has {size:,} bytes of constants in {key}, more than the {_PAYLOAD_BYTES:,} bytes of a "
                "payload; store them in a bucket and pass their key."
            )
    integration = integration_of(state)
    if integration is not None and integration.name == RUN_TASK:
        yield from _override_violations(state)


def _override_violations(state: State) -> Iterator[str]:
    overrides = argument(state.arguments, "Overrides")
    length = len(_constants(overrides)) if isinstance(overrides, dict) else 0
    if length > _OVERRIDES_CHARACTERS:
        yield (
            f"{state.name} has {length:,} characters of constants in Overrides, more than the "
            f"{_OVERRIDES_CHARACTERS:,} that RunTask accepts; store them in a bucket, or in the task definition."
        )


def _express_violations(state: State) -> Iterator[str]:
    integration = integration_of(state)
    if state.type == "Task" and (state.is_activity or (integration and integration.pattern)):
        yield (
            f"{state.name} waits for a job, a callback or an activity, which Express machines do not support; use the "
            "type STANDARD."
        )
    if state.type == "Map" and is_distributed(state.fields):
        yield f"{state.name} is a distributed Map, which Express machines do not support; use the type STANDARD."


def _constants(value: Any) -> str:
    """Return the JSON of a payload with empty texts for computed values, which is its smallest size."""
    return json.dumps(_without_expressions(value), ensure_ascii=False, separators=(",", ":"))


def _without_expressions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key.endswith(".$") else _without_expressions(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_expressions(inner) for inner in value]
    return "" if expression_code(value) is not None else value


RULES = (
    Rule(
        name="machine-within-quotas",
        requirement="A state machine is within the quotas of Step Functions.",
        rationale="An execution that reaches a quota fails immediately, and no Catch runs.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Split the machine, or use a distributed Map.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_above_quotas,
        limits=(
            Limit(
                key="maxHistoryEvents",
                description="The most events in the history of an execution, which fails at 25,000.",
                default=MAX_EVENTS - 1,
                schema={"type": "integer", "minimum": 1, "maximum": MAX_EVENTS - 1},
            ),
        ),
    ),
)
