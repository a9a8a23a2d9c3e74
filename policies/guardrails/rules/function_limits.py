"""The rules on how long and with how much memory a Lambda function may run."""

from collections.abc import Iterator

from guardrails.aws.functions import DEFAULT_MEMORY_MIB, DEFAULT_TIMEOUT_SECONDS
from guardrails.aws.types import FUNCTION
from guardrails.properties import read_number
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject

# Source of both: Lambda API reference, CreateFunction, Timeout and MemorySize.
_MOST_SECONDS = 900
_LEAST_MIB, _MOST_MIB = 128, 32_768


def _timeout_is_within(subject: Subject) -> Iterator[str]:
    seconds = read_number(subject.resource, "timeout")
    seconds = DEFAULT_TIMEOUT_SECONDS if seconds is None else seconds
    most = subject.limits["maxFunctionTimeoutSeconds"]
    # `not <=` so that NaN is refused too.
    if not seconds <= most:
        yield (
            f"an invocation may run for {seconds:,g} s, more than {most:,} s; lower timeout, or raise "
            "maxFunctionTimeoutSeconds."
        )


def _memory_is_within(subject: Subject) -> Iterator[str]:
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
        requirement="An invocation of a Lambda function ends within the agreed time.",
        rationale=(
            "AWS ends and bills an invocation by the function's timeout alone: a state machine that stops waiting for "
            "it does not end it."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Lower timeout of the function to a little more than its slowest invocation takes.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
        scope=Scope.RESOURCE,
        judges=frozenset({FUNCTION}),
        judge=_timeout_is_within,
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
        requirement="A Lambda function has no more memory than agreed.",
        rationale="Each second of an invocation is billed by the memory that the function is given, used or not.",
        severity=Severity.LOW,
        level=Level.MANDATORY,
        remediation="Lower memorySize of the function.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
        scope=Scope.RESOURCE,
        judges=frozenset({FUNCTION}),
        judge=_memory_is_within,
        limits=(
            Limit(
                key="maxFunctionMemoryMib",
                description="The most memory of a function in MiB, which `memorySize` counts.",
                default=512,
                schema={"type": "integer", "minimum": _LEAST_MIB, "maximum": _MOST_MIB},
            ),
        ),
    ),
)
