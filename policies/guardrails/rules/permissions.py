"""Whether a machine's role allows what the machine calls, and nothing else."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from guardrails.aws.arns import last_part
from guardrails.aws.calls import Call, calls_of
from guardrails.aws.links import named_by, naming, told_of
from guardrails.aws.patterns import matches_action
from guardrails.aws.roles import Permissions, Statement, permissions_of
from guardrails.aws.types import ROLE, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _allows_calls(subject: Subject) -> Iterator[str]:
    roles = _roles(subject)
    calls = [call for call in calls_of(subject) if call.is_needed]
    for role in roles:
        permissions = permissions_of(subject.plan, role)
        lacking = [
            call for call in calls if not permissions.allow(call.action, call.resource, call.passed_to)
        ]
        denied = [call for call in lacking if permissions.deny(call.action, call.resource)]
        if permissions.unread:
            yield from _uncertain([call for call in lacking if call not in denied], permissions)
        yield from _lacking(denied if permissions.unread else lacking, permissions)


def _uncertain(calls: Sequence[Call], permissions: Permissions) -> Iterator[str]:
    """Tell in one sentence of all that a policy that cannot be read may allow."""
    needed = list(dict.fromkeys(map(_what, calls)))
    if needed:
        callers = dict.fromkeys(call.caller for call in calls)
        count = f"{len(needed)} actions" if len(needed) > 1 else "1 action"
        yield (
            f"nobody can tell whether the role {permissions.role} allows {count} that the machine needs "
            f"({_names(needed)}; for {_names(callers)}), since {_names(permissions.unread)} cannot be read here; "
            "write them into a policy of the stack."
        )


def _lacking(calls: Iterable[Call], permissions: Permissions) -> Iterator[str]:
    callers: dict[tuple[str, str], dict[str, None]] = {}
    for call in calls:
        callers.setdefault((_what(call), _why(call, permissions)), {})[call.caller] = None
    # What fails the same callers for the same reason is one thing to change.
    needed: dict[tuple[str, str], list[str]] = {}
    for (what, why), who in callers.items():
        needed.setdefault((_names(who), why), []).append(what)
    for (who_need, why), whats in needed.items():
        yield f"{who_need}: needs {_names(whats)}, and {why}."


def _what(call: Call) -> str:
    return f"{call.action} on {last_part(call.resource)}" if call.resource else call.action


def _why(call: Call, permissions: Permissions) -> str:
    """Tell what of a role's policies keeps it from a call, and what to change."""
    role = permissions.role
    if permissions.deny(call.action, call.resource):
        return f"a policy of the role {role} denies it; take that out"
    if call.passed_to and permissions.allow(call.action, call.resource):
        service = call.passed_to.partition(".")[0]
        return f"the role {role} may pass roles to other services only; add {service} to iam:PassedToService"
    if call.resource and permissions.allow(call.action):
        return f"the role {role} allows it on other resources only; add this one to the policy"
    count = len(permissions.statements)
    return f"none of the {count} statements of the role {role} allows it; add it to one of its policies"


def _allows_no_more(subject: Subject) -> Iterator[str]:
    plan, accepted = subject.plan, subject.limits["acceptedPolicies"]
    accepted_actions = frozenset(subject.limits["acceptedActions"])
    for role in _roles(subject):
        calls = [*calls_of(subject), *_calls_of_others(subject, role)]
        is_needed = {call.action: False for call in calls} | {
            call.action: True for call in calls if call.is_needed
        }
        permissions = permissions_of(plan, role)
        for policy in permissions.unread:
            if policy not in accepted:
                yield (
                    f"the policy {policy} of the role {role.name} cannot be read here, so that nobody can tell what it "
                    "allows; write what the states call into a policy of the stack, or name it in acceptedPolicies."
                )
        for statement in permissions.statements:
            if statement.allows:
                yield from _excess(statement, is_needed, accepted_actions)


def _calls_of_others(subject: Subject, role: Resource) -> Iterator[Call]:
    """Yield the calls of the other machines that have the role."""
    for machine in naming(subject.plan, role, "roleArn", STATE_MACHINE):
        if machine.urn != subject.resource.urn:
            with told_of(machine):
                yield from calls_of(subject.at(machine))


def _excess(statement: Statement, is_needed: Mapping[str, bool], accepted: Collection[str]) -> Iterator[str]:
    """Tell what a statement allows beyond the actions that are called, each of which is needed or may be."""
    whose = f"the policy {statement.policy} allows"
    if statement.not_actions:
        count, needed = len(statement.not_actions), _needed("*", is_needed)
        yield f"{whose} everything but {count} actions; write Action with {needed}."
    for pattern in statement.actions:
        if pattern in accepted or any(matches_action(action, pattern) for action in is_needed):
            continue
        if "*" in pattern or "?" in pattern:
            yield f"{whose} {pattern}, and of that the states call {_needed(pattern, is_needed)}; write just that."
        else:
            yield f"{whose} {pattern}, which no state calls; take it out, or name it in acceptedActions."
    passes = any(matches_action(pattern, "iam:PassRole") for pattern in statement.actions)
    if passes and "*" in statement.resources and not statement.passed_to:
        yield f"{whose} to pass any role to any service; name the roles, or the service in iam:PassedToService."


def _needed(pattern: str, is_needed: Mapping[str, bool]) -> str:
    """Return the actions that are needed of those that a pattern stands for."""
    needed = sorted(one for one in is_needed if is_needed[one] and matches_action(pattern, one))
    return _names(needed) or "nothing"


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
                schema=NAMES,
            ),
            Limit(
                key="acceptedActions",
                description=(
                    "The actions, as the role's policies write them, that what a state calls needs in turn by the "
                    "machine's role."
                ),
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
