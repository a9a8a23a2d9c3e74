"""The sentences on calls that a role does not allow."""

from collections.abc import Iterable, Iterator, Sequence

from guardrails.aws.arns import last_part
from guardrails.aws.calls import Call
from guardrails.aws.roles import Permissions


def missing_permissions(calls: Iterable[Call], permissions: Permissions, user: str) -> Iterator[str]:
    """Yield a sentence for the calls that a role does not allow, or may not allow, to its user."""
    missing = [call for call in calls if not permissions.allow(call.action, call.resource, call.passed_to)]
    denied = [call for call in missing if permissions.deny(call.action, call.resource)]
    if permissions.unlisted:
        yield from _uncertain([call for call in missing if call not in denied], permissions, user)
    yield from _missing(denied if permissions.unlisted else missing, permissions)


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


def _missing(calls: Iterable[Call], permissions: Permissions) -> Iterator[str]:
    callers: dict[tuple[str, str], dict[str, None]] = {}
    for call in calls:
        callers.setdefault((_text(call), _reason(call, permissions)), {})[call.caller] = None
    # One sentence for all actions that the same callers miss for the same reason.
    actions: dict[tuple[str, str], list[str]] = {}
    for (action, reason), of_action in callers.items():
        actions.setdefault((_names(of_action), reason), []).append(action)
    for (names, reason), needed in actions.items():
        yield f"{names}: needs {_names(needed)}, and {reason}."


def _text(call: Call) -> str:
    name = last_part(call.resource) if call.resource else "*"
    return call.action if name == "*" else f"{call.action} on {name}"


def _reason(call: Call, permissions: Permissions) -> str:
    """Return the reason why a role's policies do not allow a call, and what to change."""
    role = permissions.role
    if permissions.deny(call.action, call.resource):
        return f"a policy of the role {role} denies it; remove the Deny"
    if call.passed_to and permissions.allow(call.action, call.resource):
        service = call.passed_to.partition(".")[0]
        return f"the role {role} may pass roles only to other services; add {service} to iam:PassedToService"
    if call.resource and _names_group_only(call, permissions):
        return f"a policy of the role {role} names the log group without :*, its streams; add :* at the end"
    if call.resource and permissions.allow(call.action, _anywhere(call.resource)):
        return f"the role {role} allows it only in another region or account; write the ARN {call.resource}"
    if call.resource and permissions.allow(call.action):
        return f"the role {role} allows it only on other resources; add this one to the policy"
    count = len(permissions.statements)
    return f"none of the {count} statements of the role {role} allows it; add it to one of its policies"


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
