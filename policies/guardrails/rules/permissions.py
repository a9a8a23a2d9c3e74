"""Whether a machine's role allows what the machine calls, and nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence

from guardrails.aws.calls import Call, calls_of
from guardrails.aws.links import named_by, naming, told_of
from guardrails.aws.patterns import matches_action
from guardrails.aws.roles import Permissions, Statement, permissions_of
from guardrails.aws.types import ROLE, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _allows_calls(subject: Subject) -> Iterator[str]:
    roles = _roles(subject)
    calls = [call for call in calls_of(subject.plan, subject.resource) if call.is_needed]
    for role in roles:
        permissions = permissions_of(subject.plan, role)
        callers: dict[tuple[str, str], dict[str, None]] = {}
        for call in calls:
            if not permissions.allow(call.action, call.resource, call.passed_to):
                callers.setdefault((_what(call), _why(call, permissions)), {})[call.caller] = None
        # What fails the same callers for the same reason is one thing to change.
        lacking: dict[tuple[str, str], list[str]] = {}
        for (what, why), who in callers.items():
            lacking.setdefault((", ".join(who), why), []).append(what)
        for (who_need, why), needed in lacking.items():
            yield f"{who_need}: needs {', '.join(needed)}, and {why}."


def _what(call: Call) -> str:
    return f"{call.action} on {_last(call.resource)}" if call.resource else call.action


def _why(call: Call, permissions: Permissions) -> str:
    """Tell what of a role's policies keeps it from a call, and what to change."""
    role = permissions.role
    if any(one.denies(call.action, call.resource) for one in permissions.statements):
        return f"a policy of the role {role} denies it; take that out"
    if call.passed_to and permissions.allow(call.action, call.resource):
        service = call.passed_to.partition(".")[0]
        return f"the role {role} may pass roles to other services only; add {service} to iam:PassedToService"
    if call.resource and permissions.allow(call.action):
        return f"the role {role} allows it on other resources only; add this one to the policy"
    unread = f", and {_names(permissions.unread)} cannot be read here" if permissions.unread else ""
    count = len(permissions.statements)
    return (
        f"none of the {count} statements of the role {role} allows it{unread}; add it to one of its policies"
    )


def _allows_no_more(subject: Subject) -> Iterator[str]:
    plan, accepted = subject.plan, subject.limits["acceptedPolicies"]
    for role in _roles(subject):
        calls = calls_of(plan, subject.resource)
        for machine in naming(plan, role, "roleArn", STATE_MACHINE):
            if machine.urn != subject.resource.urn:
                with told_of(machine):
                    calls += calls_of(plan, machine)
        permissions = permissions_of(plan, role)
        for policy in permissions.unread:
            if policy not in accepted:
                yield (
                    f"the policy {policy} of the role {role.name} cannot be read here, so that nobody can tell what it "
                    "allows; write what the states call into a policy of the stack, or name it in acceptedPolicies."
                )
        for statement in permissions.statements:
            if statement.allows:
                yield from _excess(statement, calls)


def _excess(statement: Statement, calls: Sequence[Call]) -> Iterator[str]:
    whose = f"the policy {statement.policy} allows"
    if statement.not_actions:
        yield f"{whose} everything but {len(statement.not_actions)} actions; write Action with {_needed('*', calls)}."
    for pattern in statement.actions:
        if any(matches_action(call.action, pattern) for call in calls):
            continue
        if "*" in pattern or "?" in pattern:
            yield f"{whose} {pattern}, and of that the states call {_needed(pattern, calls)}; write just that."
        else:
            yield f"{whose} {pattern}, which no state calls; take it out."
    passes = any(matches_action(pattern, "iam:PassRole") for pattern in statement.actions)
    if passes and "*" in statement.resources and not statement.passed_to:
        yield f"{whose} to pass any role to any service; name the roles, or the service in iam:PassedToService."


def _needed(pattern: str, calls: Iterable[Call]) -> str:
    """Return the actions that are needed of those that a pattern stands for."""
    needed = {call.action for call in calls if call.is_needed and matches_action(pattern, call.action)}
    return _names(sorted(needed)) if needed else "nothing"


def _roles(subject: Subject) -> list[Resource]:
    """Return the role of a machine, or all that may be it where that is not known yet."""
    if not is_set(subject.resource, "roleArn"):
        raise PropertyError("roleArn is not set; name the role that the machine takes")
    roles = named_by(subject.plan, subject.resource, "roleArn", ROLE)
    if not roles:
        raise NotApplicableError("its role is not in the plan, so that nobody can tell here what it allows")
    return roles


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _last(arn: str) -> str:
    """Return the last part of an ARN, which is a name."""
    return re.split(r"[:/]", re.sub(r":(\d+|\*)$", "", arn))[-1]


RULES = (
    Rule(
        name="machine-role-allows-calls",
        requirement="The role of a state machine allows every action that its states, logs and traces need.",
        rationale=(
            "A missing permission shows when the state runs, which for a notification is the day of a failure. The key "
            "of an encrypted topic is easily forgotten: the role may publish, and nothing arrives."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add the actions that the message names to a policy of the machine's role.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_allows_calls,
    ),
    Rule(
        name="machine-role-allows-no-more",
        requirement="The role of a state machine allows no action that none of the machines with that role calls.",
        rationale=(
            "Whoever may change the machine may do all that its role allows. What no state calls is only there for "
            "somebody else."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write the actions that the states call, one by one, and take out the others.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_allows_no_more,
        limits=(
            Limit(
                key="acceptedPolicies",
                description="The managed policies, by name, that a role may have although the plan does not show them.",
                default=[],
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
            ),
        ),
    ),
)
