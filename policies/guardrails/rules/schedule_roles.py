"""Who may start what a schedule starts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.links import named_by, texts_of, told_of
from guardrails.aws.patterns import matches
from guardrails.aws.roles import written_statements
from guardrails.aws.types import ROLE, SCHEDULE
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
            "it is in the group default, which every schedule of the account shares, so that its role cannot be scoped "
            "to it; name a schedule group of its own in groupName."
        )
    roles = named_by(subject.plan, schedule, "target.roleArn", ROLE)
    if not roles:
        raise NotApplicableError("the role that it assumes is not in the plan")
    for role in roles:
        yield from _too_trusting(role, read_partly(schedule, "groupName"))


def _too_trusting(role: Resource, group: Any) -> Iterator[str]:
    with told_of(role):
        statements = written_statements(role, "assumeRolePolicy")
    trusting = [one for one in statements if _lets_in_scheduler(one)]
    if not trusting:
        yield f"the role {role.name} does not let {_SERVICE} assume it; allow it sts:AssumeRole in assumeRolePolicy."
    for statement in trusting:
        sources = _sources(statement.get("Condition"))
        if not sources:
            yield (
                f"any schedule of any account may assume the role {role.name}, since 0 conditions of its trust policy "
                "name a source; compare aws:SourceArn with the ARN of the schedule group."
            )
        elif any(_SCHEDULE_ARN in source for source in sources):
            yield (
                f"the role {role.name} trusts single schedules, which EventBridge Scheduler does not support, so that "
                "nothing starts; compare aws:SourceArn with the ARN of the schedule group."
            )
        elif not all(map(_named_group, _sources(statement.get("Condition"), _SOURCE_ARN) or [""])):
            yield (
                f"the schedules of every group may assume the role {role.name}, since its trust policy names no group; "
                "compare aws:SourceArn with the ARN of the schedule group."
            )
        groups = list(filter(None, map(_named_group, sources)))
        # One that is not known yet is not compared.
        if (
            groups
            and group
            and isinstance(group, str)
            and not any(matches(pattern, group) for pattern in groups)
        ):
            yield (
                f"it is in the group {group}, and the role {role.name} trusts the group {', '.join(groups)} only, so "
                "that nothing starts; name the same group in groupName and in aws:SourceArn."
            )


def _lets_in_scheduler(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = texts_of(principal.get("Service")) if isinstance(principal, Mapping) else ()
    return statement.get("Effect") == "Allow" and _SERVICE in services


def _named_group(source: str) -> str:
    """Return the schedule group that a source names, which may be a pattern, or nothing where any will do."""
    group = source.partition(_GROUP_ARN)[2]
    return group if group.strip("*?") else ""


def _sources(condition: Any, *keys: str) -> list[str]:
    """Return the sources that a condition asks for by some keys, or by any; what matches anything asks for nothing."""
    return [
        text
        for operator, compared in (condition.items() if isinstance(condition, Mapping) else ())
        if _COMPARES.match(str(operator)) and isinstance(compared, Mapping)
        for key, values in compared.items()
        if str(key).lower() in (keys or _SOURCES)
        for text in texts_of(values)
        if text != "*"
    ]


RULES = (
    Rule(
        name="schedule-role-scoped",
        requirement="Only the schedules of one group may assume the role that a schedule uses.",
        rationale=(
            "Without a condition on its source, the service may use the role for the schedule of somebody else. The "
            "smallest source that EventBridge Scheduler supports is a schedule group, hence one of its own."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Put it into a schedule group of its own, and compare aws:SourceArn with that in the trust policy.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html",
        scope=Scope.STACK,
        judges=frozenset({SCHEDULE}),
        judge=_unscoped,
    ),
)
