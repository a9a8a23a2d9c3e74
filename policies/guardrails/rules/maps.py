"""The rule on the concurrency of a Map."""

from collections.abc import Iterator

from guardrails.aws.machines import State, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject
from guardrails.time.fields import (
    MAX_CONCURRENCY_DISTRIBUTED,
    MAX_CONCURRENCY_INLINE,
    MAX_SECONDS,
    is_distributed,
)
from guardrails.time.values import UnknownError, computed, whole_number
from guardrails.time.worst import CONCURRENCY


def _unbounded_concurrency(subject: Subject) -> Iterator[str]:
    limit = subject.limits["maxConcurrency"]
    for state in states_of_types(subject, "Map"):
        if CONCURRENCY not in state.fields and f"{CONCURRENCY}Path" not in state.fields:
            yield (
                f"{state.name} has no {CONCURRENCY}, so that up to {_most(state):,} items run at once; write a "
                f"number of at most {limit:,}."
            )
            continue
        try:
            at_once = _concurrency(state)
        except UnknownError as fault:
            yield f"{state.name} runs an unknown number of items at once: {fault}."
            continue
        if not at_once:
            yield (
                f"{state.name} has a {CONCURRENCY} of 0, so that up to {_most(state):,} items run at once; write a "
                f"number from 1 to {limit:,}."
            )
        elif at_once > limit:
            yield (
                f"{state.name} runs {at_once:,} items at once, more than {limit:,}; lower {CONCURRENCY} or raise "
                "maxConcurrency."
            )


def _concurrency(state: State) -> int:
    if f"{CONCURRENCY}Path" in state.fields:
        raise computed(f"{CONCURRENCY}Path")
    return whole_number(state.fields, CONCURRENCY, least=0, most=MAX_SECONDS)


def _most(state: State) -> int:
    return MAX_CONCURRENCY_DISTRIBUTED if is_distributed(state.fields) else MAX_CONCURRENCY_INLINE


RULES = (
    Rule(
        name="map-concurrency-bounded",
        requirement="Every Map limits the number of items that run at once.",
        rationale=(
            "Without a limit AWS starts 40 items at once, or 10,000 of a distributed Map. Each may start a container, "
            "until a quota of the account, the addresses of the subnet or the bill is exhausted."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write MaxConcurrency in the Map.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unbounded_concurrency,
        limits=(
            Limit(
                key="maxConcurrency",
                description="The most items of a Map that may run at once.",
                default=40,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
)
