"""The sentences on calls that a role does not allow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from guardrails.aws.arns import last_part
from guardrails.aws.calls import Call
from guardrails.aws.roles import Permissions
from guardrails.aws.targets import target_of
from guardrails.plan import Plan


def missing_permissions(
    plan: Plan, calls: Iterable[Call], permissions: Permissions, user: str
) -> Iterator[str]:
    """Yield a sentence for the calls that a role does not allow, or may not allow, to its user."""
    missing = [call for call in calls if not _is_allowed(plan, call, permissions)]
    denied = [call for call in missing if _denial(plan, call, permissions)]
    if permissions.unlisted:
        yield from _uncertain([call for call in missing if call not in denied], permissions, user)
    yield from _missing(plan, denied if permissions.unlisted else missing, permissions)


def _is_allowed(plan: Plan, call: Call, permissions: Permissions) -> bool:
    return permissions.allow(call.action, call.resource, call.passed_to, target_of(plan, call))


def _denial(plan: Plan, call: Call, permissions: Permissions) -> str:
    """Return the name of the policy that certainly denies a call, or an empty text."""
    return permissions.decide(call.action, call.resource, call.passed_to, target_of(plan, call)).denied_by


def _uncertain(calls: Sequence[Call], permissions: Permissions, user: str) -> Iterator[str]:
    """Yield one sentence on the calls that a policy outside of the plan may allow."""
    needed = list(dict.fromkeys(map(_text, calls)))
    if needed:
        callers = dict.fromkeys(call.caller for call in calls)
        count = f"{len(needed)} actions" if len(needed) > 1 else "1 action"
        yield (
            f"the role {permissions.role} may not allow {count} that {user} needs ({_names(needed)}; for "
            f"{_names(callers)}), because policies outside of the plan cannot be read "
            f"({_names(permissions.unlisted)}); list the actions in a policy of the stack."
        )


def _missing(plan: Plan, calls: Iterable[Call], permissions: Permissions) -> Iterator[str]:
    callers: dict[tuple[str, str], dict[str, None]] = {}
    for call in calls:
        callers.setdefault((_text(call), _reason(plan, call, permissions)), {})[call.caller] = None
    # One sentence for all actions that the same callers miss for the same reason.
    actions: dict[tuple[str, str], list[str]] = {}
    for (action, reason), of_action in callers.items():
        actions.setdefault((_names(of_action), reason), []).append(action)
    for (names, reason), needed in actions.items():
        yield f"{names}: needs {_names(needed)}, and {reason}."


def _text(call: Call) -> str:
    name = last_part(call.resource) if call.resource else "*"
    return call.action if name == "*" else f"{call.action} on {name}"


def _reason(plan: Plan, call: Call, permissions: Permissions) -> str:
    """Return the reason why the policies of a role and of its target do not allow a call, and what to change."""
    role, asked = permissions.role, (call.action, call.resource, call.passed_to)
    if policy := _denial(plan, call, permissions):
        return f"the policy {policy} denies it to the role {role}; remove the Deny"
    target = target_of(plan, call)
    if permissions.allow(*asked, replace(target, policies=(), needs_its_policy=False)):
        # Only a key needs a policy of its own.
        return f"the policy of the key lets in neither the role {role} nor its account; add the account as a principal"
    if permissions.boundary and replace(permissions, boundary=None).allow(*asked):
        name = permissions.boundary.name
        return f"the permissions boundary {name} of the role {role} does not allow it; add it to the boundary"
    if permissions.allow(*asked):
        return f"the role {role} allows it only under a condition that the call does not meet; write what it calls"
    return _reason_of_policies(call, permissions)


def _reason_of_policies(call: Call, permissions: Permissions) -> str:
    """Return the reason why the role's own policies do not allow a call, and what to change."""
    role = permissions.role
    if call.passed_to and permissions.allow(call.action, call.resource):
        service = call.passed_to.partition(".")[0]
        return f"the role {role} may pass roles only to other services; add {service} to iam:PassedToService"
    if call.resource and _names_group_only(call, permissions):
        return f"a policy of the role {role} names the log group without :*, its streams; add :* at the end"
    if call.resource and permissions.allow(call.action, _anywhere(call.resource)):
        return f"the role {role} allows it only in another region or account; write the ARN {call.resource}"
    if call.resource and permissions.allow(call.action):
        return f"the role {role} allows it only on other resources; add this one to the policy"
    if policy := _without_resource(call, permissions):
        return f"the statement of the policy {policy} that allows it has no Resource; write Resource with the ARN"
    count = len(permissions.statements)
    return f"none of the {count} statements of the role {role} allows it; add it to one of its policies"


def _without_resource(call: Call, permissions: Permissions) -> str:
    """Return the name of a policy that allows a call on no resource at all, or an empty text."""
    names = (
        policy
        for policy, statement in permissions.grants
        if not statement.resources and not statement.not_resources and statement.includes(call.action)
    )
    return next(names, "")


def _anywhere(arn: str) -> str:
    """Return an ARN whose region and account are not known."""
    fields = arn.split(":", 5)
    return ":".join((*fields[:3], *("*" if field else "" for field in fields[3:5]), *fields[5:]))


def _names_group_only(call: Call, permissions: Permissions) -> bool:
    """Return True if a policy allows a call on a log group's ARN, but not on the streams in the group."""
    group = (call.resource or "").removesuffix(":*")
    return ":log-group:" in group and permissions.allow(call.action, group)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
