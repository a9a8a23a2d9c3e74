"""IAM policy documents as JSON text; pure functions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.machines.asl import Permission

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(permission: Permission) -> dict[str, Any]:
    """Return a statement that allows actions to the role to which it is attached."""
    conditions: dict[str, dict[str, str]] = {}
    for operator, key, value in permission.condition:
        conditions.setdefault(operator, {})[key] = value
    return {
        "Effect": "Allow",
        "Action": list(permission.actions),
        "Resource": list(permission.resources),
        **({"Condition": conditions} if conditions else {}),
    }


def allow_service(
    service: str, action: str, resource: str | None = None, condition: Condition | None = None
) -> dict[str, Any]:
    """Return a statement of a resource policy that lets a service perform actions."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        **({"Resource": resource} if resource else {}),
        **({"Condition": condition} if condition else {}),
    }


def trust(service: str, condition: Condition | None = None) -> str:
    """Return the trust policy that lets only this service assume a role."""
    return document(allow_service(service, "sts:AssumeRole", condition=condition))


def deny_plain_http(resources: str | Sequence[str], actions: str | Sequence[str]) -> dict[str, Any]:
    """Return a statement of a resource policy that denies every request without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        # The principal is *, since the statement only denies.
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
