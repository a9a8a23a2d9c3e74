"""The rules that a state machine's role allows the calls of the machine, and no other actions."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from guardrails.aws.calls import Call, calls_of
from guardrails.aws.patterns import matches_action
from guardrails.aws.references import errors_naming, resources_named_by, resources_naming
from guardrails.aws.roles import permissions_of
from guardrails.aws.types import ROLE, STATE_MACHINE
from guardrails.iam.document import Statement
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.missing_permissions import missing_permissions


def _missing_permissions(subject: Subject) -> Iterator[str]:
    roles = _roles(subject)
    calls = [call for call in calls_of(subject) if call.is_needed]
    for role in roles:
        yield from missing_permissions(subject.plan, calls, permissions_of(subject.plan, role), "the machine")


def _unneeded_permissions(subject: Subject) -> Iterator[str]:
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
                    f"the policy {policy} of the role {role.name} is outside of the plan, so that its actions are not "
                    "known; list the actions that the states need in a policy of the stack, or name it in "
                    "acceptedPolicies."
                )
        for name, statement in permissions.grants:
            yield from _excess(name, statement, is_needed, accepted_actions)


def _calls_of_others(subject: Subject, role: Resource) -> Iterator[Call]:
    """Yield the calls of the other machines with the same role."""
    for machine in resources_naming(subject.plan, role, "roleArn", STATE_MACHINE):
        if machine.urn != subject.resource.urn:
            with errors_naming(machine):
                yield from calls_of(subject.at(machine))


def _excess(
    policy: str, statement: Statement, is_needed: Mapping[str, bool], accepted: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each action that a statement allows and no state calls.

    `is_needed` has the called actions, with True for those that are certainly needed.
    """
    allows = f"the policy {policy} allows"
    if statement.not_actions:
        count, needed = len(statement.not_actions), _needed("*", is_needed)
        yield f"{allows} everything except {count} actions; write Action with {needed}."
    for pattern in statement.actions:
        if pattern in accepted or any(matches_action(action, pattern) for action in is_needed):
            continue
        if "*" in pattern or "?" in pattern:
            yield f"{allows} {pattern}, of which the states call {_needed(pattern, is_needed)}; write only that."
        else:
            yield f"{allows} {pattern}, which no state calls; remove it, or name it in acceptedActions."


def _needed(pattern: str, is_needed: Mapping[str, bool]) -> str:
    """Return the needed actions that a pattern matches."""
    needed = sorted(action for action in is_needed if is_needed[action] and matches_action(pattern, action))
    return _names(needed) or "nothing"


def _roles(subject: Subject) -> list[Resource]:
    """Return the role of a machine, or all roles that it may have if its ARN is not known yet."""
    if not is_set(subject.resource, "roleArn"):
        raise PropertyError("roleArn is not set; name the machine's role")
    roles = resources_named_by(subject.plan, subject.resource, "roleArn", ROLE)
    if not roles:
        raise NotApplicableError("its role is not in the plan, so that its permissions are not known")
    return roles


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


RULES = (
    Rule(
        name="machine-role-allows-calls",
        requirement="The role of a state machine allows every action that its states, logs and traces need.",
        rationale=(
            "A missing permission shows only when the state runs, which for a failure notification is the day of a "
            "failure. The KMS key of an encrypted topic is easily forgotten: the role may publish, but every message "
            "is rejected."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add the actions that the message names to a policy of the machine's role.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_missing_permissions,
    ),
    Rule(
        name="machine-role-allows-no-more",
        requirement="The role of a state machine allows only actions that the machines with that role call.",
        rationale=(
            "A user who may change the machine may use all actions of its role. An action that no state calls serves "
            "only an attacker."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="List the actions that the states call by name, and remove the others.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unneeded_permissions,
        limits=(
            Limit(
                key="acceptedPolicies",
                description="The managed policies outside of the plan that a role may have, by name.",
                default=[],
                schema=NAMES,
            ),
            Limit(
                key="acceptedActions",
                description="The actions or patterns that a called service needs in turn, with the machine's role.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
