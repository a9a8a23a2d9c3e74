"""The rules on traces and logs, and on the retention of logs."""

from collections.abc import Iterator

from guardrails.aws.functions import log_groups_of
from guardrails.aws.types import FUNCTION, LOG_GROUP, STATE_MACHINE
from guardrails.properties import is_set, read, read_number, read_partly, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_DAYS = {"type": "integer", "minimum": 1}

_DESTINATION = "loggingConfiguration.logDestination"
_STREAMS = ":*"
"""The end of a machine's log destination.

Source: Step Functions API reference, CloudWatchLogsLogGroup.
"""

_DELIVERY = "DELIVERY"
"""The class of log groups whose retention AWS sets itself."""


def _untraced(subject: Subject) -> Iterator[str]:
    if read(subject.resource, "tracingConfiguration.enabled") is not True:
        yield "no traces are recorded; set tracingConfiguration.enabled to true."


def _unlogged(subject: Subject) -> Iterator[str]:
    level = read_text(subject.resource, "loggingConfiguration.level") or "OFF"
    enough = subject.limits["levels"]
    if level not in enough:
        yield f"its executions are logged at level {level}; set loggingConfiguration.level to {' or '.join(enough)}."
    if not is_set(subject.resource, _DESTINATION):
        yield f"its executions are logged nowhere; set {_DESTINATION} to a log group."
    destination = read_partly(subject.resource, _DESTINATION)
    if isinstance(destination, str) and destination and not destination.endswith(_STREAMS):
        yield (
            f"{_DESTINATION} does not end with {_STREAMS}, which AWS rejects; write {_STREAMS} after the log group's "
            "ARN."
        )


def _retention_out_of_limits(subject: Subject) -> Iterator[str]:
    if read_text(subject.resource, "logGroupClass") == _DELIVERY:
        raise NotApplicableError(f"AWS sets the retention of the class {_DELIVERY} itself")
    days = read_number(subject.resource, "retentionInDays")
    least, most = subject.limits["minRetentionDays"], subject.limits["maxRetentionDays"]
    if not days:
        yield f"its logs are kept, and billed, forever; set retentionInDays to {least:,} to {most:,}."
    elif not days >= least:  # also true for NaN
        yield (
            f"its logs are kept for {days:,g} days, fewer than {least:,}; "
            "raise retentionInDays or lower minRetentionDays."
        )
    elif days > most:
        yield (
            f"its logs are kept for {days:,g} days, more than {most:,}; "
            "lower retentionInDays or raise maxRetentionDays."
        )


def _undefined_log_group(subject: Subject) -> Iterator[str]:
    if not log_groups_of(subject.plan, subject.resource):
        yield (
            "its log group is not in the plan, so that AWS creates it, and keeps and bills its logs forever; define it "
            "with retentionInDays, and name it in loggingConfig.logGroup."
        )


RULES = (
    Rule(
        name="machine-traced",
        requirement="A state machine records traces of its executions.",
        rationale="A trace shows which call of a run was slow or was rejected, and cannot be recorded after the run.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Set tracingConfiguration.enabled of the state machine to true.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_untraced,
    ),
    Rule(
        name="machine-logged",
        requirement="A state machine logs at least the errors of its executions to a log group.",
        rationale=(
            "AWS deletes the history of an execution after 90 days, and keeps none of an Express execution: without a "
            "log the cause of an old failure is lost."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Set level and logDestination in the loggingConfiguration of the state machine.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unlogged,
        limits=(
            Limit(
                key="levels",
                description="The accepted levels of logging.",
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
            "Lambda creates a missing log group without a retention and without a key, and the rules on log groups "
            "never see it."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Define the log group /aws/lambda/NAME, or another that loggingConfig.logGroup names.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
        scope=Scope.STACK,
        resource_types=frozenset({FUNCTION}),
        evaluate=_undefined_log_group,
    ),
    Rule(
        name="log-retention-set",
        requirement="A log group has a retention, neither too short nor too long.",
        rationale=(
            "A log group without a retention is billed forever, and one with a retention of a few days may lose the "
            "logs of a failure before it is investigated."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Set retentionInDays of the log group to one of the values that CloudWatch Logs accepts.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({LOG_GROUP}),
        evaluate=_retention_out_of_limits,
        limits=(
            Limit(
                key="minRetentionDays",
                description="The shortest retention of logs.",
                default=14,
                schema=_DAYS,
            ),
            Limit(
                key="maxRetentionDays",
                description="The longest retention of logs.",
                default=400,
                schema=_DAYS,
            ),
        ),
    ),
)
