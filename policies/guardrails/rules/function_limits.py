"""The rules on the timeout and the memory of a Lambda function."""

from collections.abc import Iterator

from guardrails.aws.functions import DEFAULT_MEMORY_MIB, DEFAULT_TIMEOUT_SECONDS
from guardrails.aws.types import FUNCTION
from guardrails.properties import read_number
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject

# Source of both: Lambda API reference, CreateFunction, Timeout and MemorySize.
_MOST_SECONDS = 900
_LEAST_MIB, _MOST_MIB = 128, 32_768


def _timeout_above_limit(subject: Subject) -> Iterator[str]:
    seconds = read_number(subject.resource, "timeout")
    seconds = DEFAULT_TIMEOUT_SECONDS if seconds is None else seconds
    most = subject.limits["maxFunctionTimeoutSeconds"]
    # `not <=` also rejects NaN.
    if not seconds <= most:
        yield (
            f"an invocation may run for {seconds:,g} s, more than {most:,} s; lower timeout, or raise "
            "maxFunctionTimeoutSeconds."
        )


def _memory_above_limit(subject: Subject) -> Iterator[str]:
    size = read_number(subject.resource, "memorySize")
    size = DEFAULT_MEMORY_MIB if size is None else size
    most = subject.limits["maxFunctionMemoryMib"]
    if not size <= most:
        yield (
            f"it has {size:,g} MiB of memory, more than {most:,} MiB; lower memorySize, or raise maxFunctionMemoryMib."
        )


RULES = (
    Rule(
        name="function-timeout-within-limit",
        requirement="The timeout of a Lambda function is within the limit.",
        rationale=(
            "Only the function's own timeout ends an invocation, and its bill: a state machine that stops waiting does "
            "not."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Lower timeout of the function to a little more than its slowest invocation takes.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({FUNCTION}),
        evaluate=_timeout_above_limit,
        limits=(
            Limit(
                key="maxFunctionTimeoutSeconds",
                description="The longest timeout of a function.",
                default=120,
                schema={"type": "integer", "minimum": 1, "maximum": _MOST_SECONDS},
            ),
        ),
    ),
    Rule(
        name="function-memory-within-limit",
        requirement="The memory of a Lambda function is within the limit.",
        rationale="AWS bills each second of an invocation by the configured memory, used or not.",
        severity=Severity.LOW,
        level=Level.MANDATORY,
        remediation="Lower memorySize of the function.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({FUNCTION}),
        evaluate=_memory_above_limit,
        limits=(
            Limit(
                key="maxFunctionMemoryMib",
                description="The most memory of a function in MiB, the unit of `memorySize`.",
                default=512,
                schema={"type": "integer", "minimum": _LEAST_MIB, "maximum": _MOST_MIB},
            ),
        ),
    ),
)
