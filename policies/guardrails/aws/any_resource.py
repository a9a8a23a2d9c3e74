"""The statements that allow an action on every resource, although AWS can limit the action to some.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services"
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws import data
from guardrails.aws.patterns import matches_action
from guardrails.iam.conditions import Condition
from guardrails.iam.document import Statement

_TABLE: Mapping[str, Any] = data.read("any_resource")
_ACTIONS: Mapping[str, list[str]] = _TABLE["actions"]
_ACCEPTED = (
    *(f"{service}:{name}" for service, names in _ACTIONS.items() for name in names),
    *_TABLE["as_in_managed_policies"],
    *_TABLE["patterns"],
)
_READS = tuple(f"*:{name}*" for name in _TABLE["reads"])

_EVERY = re.compile(r"[*?:/]*")
_PASSED = ("iam", "sts")
"""The services whose resources are roles, so that `role/*` is every resource."""
_LIMITING = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys", "aws:calledvia")
"""The global context keys that limit a statement to some resources; the others limit who calls, when and from where."""
_NOT_LIMITING = "iam:passedtoservice"
"""A key that limits the service that gets a role, and not the role."""


def wide_actions(statement: Statement) -> Iterator[str]:
    """Yield the actions of a statement that it allows on every resource, although AWS can limit them to some.

    An empty text stands for a statement with NotAction. Reads of descriptions are not among them, nor what AWS's own
    policies for the roles of tasks and functions allow.
    """
    if not statement.is_allow or any(map(_limits, statement.conditions)):
        return
    for action in statement.actions or ("",):
        if _is_on_everything(statement, action) and not _needs_no_resource(action):
            yield action


def is_wide_policy(name: str) -> bool:
    """Return True for a policy of AWS that allows every action of a service, or of all services, on every resource."""
    return name.endswith("FullAccess") or name in _TABLE["wide_policies"]


def _is_on_everything(statement: Statement, action: str) -> bool:
    if statement.not_resources:
        return True
    are_roles = action.partition(":")[0].lower() in _PASSED
    return any(_is_every_resource(resource, are_roles=are_roles) for resource in statement.resources)


def _is_every_resource(resource: str, *, are_roles: bool) -> bool:
    """Return True for `*`, and for an ARN whose last part is `*`, e.g. every topic of an account, or `*/*`."""
    last = resource.split(":", 5)[-1]
    return _EVERY.fullmatch(last.removeprefix("role/") if are_roles else last) is not None


def _needs_no_resource(action: str) -> bool:
    """Return True if an action, or all that a pattern matches, may be allowed on every resource."""
    if any(matches_action(accepted, action) for accepted in _ACCEPTED):
        return True
    if any(matches_action(read, action) for read in _READS):
        return not any(matches_action(action, read) for read in _TABLE["data"])
    is_pattern = action in ("", "*") or any(wildcard in action for wildcard in "*?")
    # What AWS can limit is not known for other services, so that only their patterns are too wide.
    return not is_pattern and action.partition(":")[0].lower() not in _ACTIONS


def _limits(condition: Condition) -> bool:
    """Return True if a condition limits a statement to some resources, e.g. to a cluster or a tag."""
    key = condition.key.lower()
    is_of_resource = key.startswith(_LIMITING) or not key.startswith(("aws:", _NOT_LIMITING))
    return is_of_resource and condition.requires_a_value and all(map(_is_limited, condition.values))


def _is_limited(value: str) -> bool:
    return _EVERY.fullmatch(value) is None
