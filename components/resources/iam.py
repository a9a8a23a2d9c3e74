"""IAM policy documents, as text; pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.machines.asl import Permission

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(permission: Permission) -> dict[str, Any]:
    """Return the statement that allows something to the role that it is attached to."""
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
    """Return the statement that lets a service do something, as a resource's own policy holds it."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        **({"Resource": resource} if resource else {}),
        **({"Condition": condition} if condition else {}),
    }


def trust(service: str, condition: Condition | None = None) -> str:
    """Return the document that lets a service, and nobody else, take a role."""
    return document(allow_service(service, "sts:AssumeRole", condition=condition))


def deny_plain_http(resources: str | Sequence[str], actions: str | Sequence[str]) -> dict[str, Any]:
    """Return the statement of a resource's own policy that refuses every request without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        # Every principal: the statement allows nothing.
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
