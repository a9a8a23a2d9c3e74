"""What is kept of a run for whoever looks into it, and for how long."""

from collections.abc import Iterator

from guardrails.aws.functions import log_groups_of
from guardrails.aws.types import FUNCTION, LOG_GROUP, STATE_MACHINE
from guardrails.properties import is_set, read, read_number, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_DAYS = {"type": "integer", "minimum": 1}

_DELIVERY = "DELIVERY"
"""The class of log groups whose retention AWS sets itself, whatever is asked for."""


def _untraced(subject: Subject) -> Iterator[str]:
    if read(subject.resource, "tracingConfiguration.enabled") is not True:
        yield "no traces are recorded; set tracingConfiguration.enabled to true."


def _unlogged(subject: Subject) -> Iterator[str]:
    level = read_text(subject.resource, "loggingConfiguration.level") or "OFF"
    enough = subject.limits["levels"]
    if level not in enough:
        yield f"its executions are logged at level {level}; set loggingConfiguration.level to {' or '.join(enough)}."
    if not is_set(subject.resource, "loggingConfiguration.logDestination"):
        yield "its executions are logged nowhere; set loggingConfiguration.logDestination to a log group."


def _kept_too_long_or_too_short(subject: Subject) -> Iterator[str]:
    if read_text(subject.resource, "logGroupClass") == _DELIVERY:
        raise NotApplicableError(f"AWS sets the retention of the class {_DELIVERY} itself")
    days = read_number(subject.resource, "retentionInDays")
    least, most = subject.limits["minRetentionDays"], subject.limits["maxRetentionDays"]
    if not days:
        yield f"its logs are kept, and billed, for ever; set retentionInDays to {least:,} to {most:,}."
    elif not days >= least:  # so that what is not a number is not kept long enough either
        yield (
            f"its logs are kept for {days:,g} days, fewer than {least:,}; "
            "raise retentionInDays or lower minRetentionDays."
        )
    elif days > most:
        yield (
            f"its logs are kept for {days:,g} days, more than {most:,}; "
            "lower retentionInDays or raise maxRetentionDays."
        )


def _log_group_is_defined(subject: Subject) -> Iterator[str]:
    if not log_groups_of(subject.plan, subject.resource):
        yield (
            "0 log groups of the plan are the one that it logs to, so that AWS makes that one, whose logs are kept and "
            "billed for ever; define it with retentionInDays, and name it in loggingConfig.logGroup."
        )


RULES = (
    Rule(
        name="machine-traced",
        requirement="A state machine records traces of its executions.",
        rationale="A trace shows in one picture which call of a run was slow or refused; afterwards it cannot be had.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Set tracingConfiguration.enabled of the state machine to true.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_untraced,
    ),
    Rule(
        name="machine-logged",
        requirement="A state machine logs at least the errors of its executions to a log group.",
        rationale=(
            "AWS forgets a finished execution after 90 days, and keeps no history of an Express one at all: "
            "without a log nobody can tell afterwards why a run failed."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Set level and logDestination in the loggingConfiguration of the state machine.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_unlogged,
        limits=(
            Limit(
                key="levels",
                description="The levels of logging that are enough.",
                default=["ALL", "ERROR"],
                schema={
                    "type": "array",
                    "items": {"enum": ["ALL", "ERROR", "FATAL"]},
                    "minItems": 1,
                    "uniqueItems": True,
                },
            ),
        ),
    ),
    Rule(
        name="function-log-group-defined",
        requirement="The log group of a Lambda function is defined in the stack.",
        rationale=(
            "Lambda creates a log group that is missing, without a retention and without a key, and the rules on log "
            "groups never see it."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Define the log group /aws/lambda/NAME, or another that loggingConfig.logGroup names.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
        scope=Scope.STACK,
        judges=frozenset({FUNCTION}),
        judge=_log_group_is_defined,
    ),
    Rule(
        name="log-retention-set",
        requirement="A log group keeps its logs for a time that is set, neither too short nor for ever.",
        rationale=(
            "A log group without a retention is billed for ever, and one that forgets within days has lost "
            "a fault's traces before somebody looks."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Set retentionInDays of the log group to one of the numbers that CloudWatch Logs knows.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        scope=Scope.RESOURCE,
        judges=frozenset({LOG_GROUP}),
        judge=_kept_too_long_or_too_short,
        limits=(
            Limit(
                key="minRetentionDays",
                description="The fewest days that logs are kept.",
                default=14,
                schema=_DAYS,
            ),
            Limit(
                key="maxRetentionDays",
                description="The most days that logs are kept.",
                default=400,
                schema=_DAYS,
            ),
        ),
    ),
)
