"""The rule on the trust policy of a schedule's role."""

import re
from collections.abc import Iterator

from guardrails.aws.references import resources_named_by
from guardrails.aws.roles import policy_of
from guardrails.aws.types import ROLE, SCHEDULE
from guardrails.iam.document import Statement
from guardrails.iam.match import Match
from guardrails.iam.request import service
from guardrails.plan import Resource
from guardrails.properties import read_partly
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_DEFAULT_GROUP = "default"
_SERVICE = "scheduler.amazonaws.com"
_COMPARES = re.compile(r"(ForAnyValue:)?(Arn|String)(Equals|Like)", re.IGNORECASE)
_SOURCE_ARN = "aws:sourcearn"
_SOURCES = (_SOURCE_ARN, "aws:sourceaccount")
_SCHEDULE_ARN = ":schedule/"
_GROUP_ARN = ":schedule-group/"


def _unscoped(subject: Subject) -> Iterator[str]:
    schedule = subject.resource
    if read_partly(schedule, "groupName") in (None, "", _DEFAULT_GROUP):
        yield (
            "it is in the group default, which all schedules of the account share, so that its role cannot be limited "
            "to it; name its own schedule group in groupName."
        )
    roles = resources_named_by(subject.plan, schedule, "target.roleArn", ROLE)
    if not roles:
        raise NotApplicableError("the role that it assumes is not in the plan")
    for role in roles:
        yield from _too_trusting(role)


def _too_trusting(role: Resource) -> Iterator[str]:
    for statement in policy_of(role, "assumeRolePolicy").statements:
        if not _trusts_scheduler(statement):
            continue
        sources = _sources(statement)
        if not sources:
            yield (
                f"any schedule of any account may use the role {role.name}, because no condition of its trust policy "
                "names a source; compare aws:SourceArn with the ARN of the schedule group."
            )
        # The rule `role-trusts-its-user` reports a single schedule, which EventBridge Scheduler never names.
        elif not any(_SCHEDULE_ARN in source for source in sources) and not all(
            map(_named_group, _sources(statement, _SOURCE_ARN) or [""])
        ):
            yield (
                f"the schedules of every group may use the role {role.name}, because its trust policy names no group; "
                "compare aws:SourceArn with the ARN of the schedule group."
            )


def _trusts_scheduler(statement: Statement) -> bool:
    named = statement.principals
    return statement.is_allow and named is not None and named.include(service(_SERVICE)) is Match.YES


def _named_group(source: str) -> str:
    """Return the schedule group, or the pattern of one, in a source; empty if the source matches every group."""
    group = source.partition(_GROUP_ARN)[2]
    return group if group.strip("*?") else ""


def _sources(statement: Statement, *keys: str) -> list[str]:
    """Return the sources that a statement requires by some keys, by default by all; `*` requires nothing."""
    return [
        text
        for condition in statement.conditions
        if _COMPARES.match(condition.operator) and condition.key.lower() in (keys or _SOURCES)
        for text in condition.values
        if text != "*"
    ]


RULES = (
    Rule(
        name="schedule-role-scoped",
        requirement="Only the schedules of one group may use the role of a schedule.",
        rationale=(
            "Without a condition on the source, the service may use the role for another account's schedule. The "
            "smallest source that EventBridge Scheduler supports is a schedule group, so that a schedule needs its own."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Create a schedule group for the schedule, and compare aws:SourceArn with it in the trust policy.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
        scope=Scope.STACK,
        resource_types=frozenset({SCHEDULE}),
        evaluate=_unscoped,
    ),
)
